#!/usr/bin/env python
import os
import secrets
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotation.conf.settings")
    if sys.argv[1:2] == ["calibrate"] and not os.environ.get("SECRET_KEY"):
        # From files to files: nothing is signed, so no secret is asked for.
        os.environ["SECRET_KEY"] = secrets.token_hex(32)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
