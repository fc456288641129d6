import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from annotation.models.audit import Committed


class User(Committed, AbstractUser):  # type: ignore[django-manager-missing]  # knox hides its tokens' manager
    """A login. Judgments come from annotators; a person who evaluates has both."""

    class Theme(models.TextChoices):
        SYSTEM = "system"
        LIGHT = "light"
        DARK = "dark"

    # The pseudonym that the audit log names instead of the person.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    may_create_campaigns = models.BooleanField(default=False)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)

    # Keys of the desk that this person has changed: action to key, empty for none.
    keys = models.JSONField(default=dict)

    @property
    def is_admin(self) -> bool:
        return self.is_superuser

    def committed_content(self) -> dict[str, Any]:
        return {
            "public_id": str(self.public_id),
            "username": self.username,
            "active": self.is_active,
            "admin": self.is_superuser,
            "may_create_campaigns": self.may_create_campaigns,
        }
