import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from annotation.models import User
from annotation.services import evaluators


class Command(BaseCommand):
    help = (
        "Create accounts, the first administrator among them; asks for the password, or reads it from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("usernames", nargs="+")
        parser.add_argument("--researcher", action="store_true", help="may create campaigns")
        parser.add_argument("--admin", action="store_true", help="administers the instance")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        taken = list(User.objects.filter(username__in=options["usernames"]).values_list("username", flat=True))
        if taken:
            raise CommandError(f"{', '.join(taken)} exists already. Choose another name.")
        for username in options["usernames"]:
            try:
                validate_password(password, User(username=username))
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
            evaluators.create_user(
                username=username,
                password=password,
                by=None,
                may_create_campaigns=options["researcher"] or options["admin"],
                is_admin=options["admin"],
            )
            self.stdout.write(f"Created {username}.")
