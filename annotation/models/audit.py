import secrets
from typing import Any, NoReturn

from django.db import models

UNCHANGED = "An audit event is never changed and never deleted."


def new_salt() -> bytes:
    return secrets.token_bytes(32)


class Committed(models.Model):
    """Carry the salted commitment that the audit log holds of each version of a row."""

    salt = models.BinaryField(default=new_salt, editable=False)
    commitment = models.BinaryField(null=True, editable=False)

    class Meta:
        abstract = True

    def committed_content(self) -> dict[str, Any]:
        """Return what the commitment covers: strings, integers, booleans, null; no floats."""
        raise NotImplementedError(type(self).__name__)


class AuditEvent(models.Model):
    """One canonical event, written in the transaction of the change it witnesses; the table refuses every change."""

    # No foreign keys on purpose: the log outlives what it speaks of. The xid column belongs to the database.
    body = models.BinaryField()
    leaf = models.BinaryField()
    campaign_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "audit_event"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(UNCHANGED)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(UNCHANGED)
