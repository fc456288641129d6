"""Write the audit log: one canonical event in the transaction of the change that it witnesses."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import rfc8785
import structlog
from django.db import models, transaction

from annotation.models import Annotator, AuditEvent, Campaign, User
from annotation.models.audit import Committed, new_salt
from annotation.services.audit_schema import ACTIONS

By = User | Annotator | None
Bytes = bytes | memoryview | None
MAX_BODY = 4_096
SAFE_INTEGER = 2**53 - 1


class UnknownAction(ValueError):
    """The action or one of its facts is not in the audit schema; add it there first."""


class EventRefused(ValueError):
    """The event breaks the log's rules: no floats, no free text, at most 4 kB."""


def save(
    obj: Committed, action: str, *, by: By, campaign: Campaign | None = None, reason: str = "", **facts: Any
) -> None:
    """Seal and save an object, and record the action on it."""
    previous = obj.commitment
    seal(obj)
    obj.save()
    record(action, obj, by=by, campaign=campaign, reason=reason, previous=previous, **facts)


def seal(obj: Committed) -> None:
    """Give an object version its salt and commitment; the caller saves it."""
    obj.salt = new_salt()
    obj.commitment = commit(obj.salt, obj.committed_content())


def commit(salt: bytes, content: dict[str, Any]) -> bytes:
    return hashlib.sha256(b"steelyard/commit/v1\0" + salt + rfc8785.dumps(content)).digest()


def record(
    action: str,
    obj: models.Model,
    *,
    by: By,
    campaign: Campaign | None = None,
    reason: str = "",
    previous: Bytes = None,
    **facts: Any,
) -> None:
    """Insert one event about an object as it now stands."""
    _insert([_event(action, obj, by=by, campaign=campaign, reason=reason, previous=previous, facts=facts)])


def draft(action: str, obj: models.Model, *, by: By, campaign: Campaign, previous: Bytes = None) -> AuditEvent:
    """Return one event unsaved, for a statement that writes the change and its witness at once."""
    return _event(action, obj, by=by, campaign=campaign, reason="", previous=previous, facts={})


def record_all(action: str, objects: Iterable[models.Model], *, by: By, campaign: Campaign) -> None:
    """Insert one event for each object of a bulk insert."""
    _insert([_event(action, obj, by=by, campaign=campaign, reason="", previous=None, facts={}) for obj in objects])


def _insert(events: Sequence[AuditEvent]) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise EventRefused("An audit event belongs inside the transaction of the change it witnesses.")
    AuditEvent.objects.bulk_create(events, batch_size=2_000)


def _event(
    action: str,
    obj: models.Model,
    *,
    by: By,
    campaign: Campaign | None,
    reason: str,
    previous: Bytes,
    facts: dict[str, Any],
) -> AuditEvent:
    if action not in ACTIONS or not facts.keys() <= ACTIONS[action]:
        raise UnknownAction(f"{action} with {sorted(facts)} is not in the audit schema; add it there first.")
    commitment = obj.commitment if isinstance(obj, Committed) else None
    body = canonical(
        {
            "v": 1,
            "event_id": str(uuid.uuid4()),
            "ts": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "actor": _actor(by),
            "action": action,
            "object": {"type": obj._meta.model_name, "id": _object_id(obj)},
            "object_commit": bytes(commitment).hex() if commitment else None,
            "prev_object_commit": bytes(previous).hex() if previous else None,
            "campaign": str(campaign.public_id) if campaign else None,
            "request_id": structlog.contextvars.get_contextvars().get("request_id"),
            "reason": reason or None,
            "data": facts,
        }
    )
    return AuditEvent(body=body, leaf=leaf_hash(body), campaign_id=campaign.pk if campaign else None)


def canonical(body: dict[str, Any]) -> bytes:
    """Return the RFC 8785 bytes of an event body, refusing what the log must not hold."""
    _check(body)
    encoded = rfc8785.dumps(body)
    if len(encoded) > MAX_BODY:
        raise EventRefused(f"An event has at most {MAX_BODY} bytes, this one {len(encoded)}.")
    return encoded


def leaf_hash(body: bytes) -> bytes:
    """Return the Merkle leaf of an event: SHA-256 of a zero byte and the body."""
    return hashlib.sha256(b"\0" + body).digest()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for child in value.values():
            _check(child)
    elif isinstance(value, list):
        for child in value:
            _check(child)
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        return
    elif not isinstance(value, int) or abs(value) > SAFE_INTEGER:
        raise EventRefused(f"An event holds strings, booleans, null and safe integers, not {type(value).__name__}.")


def _actor(by: By) -> dict[str, str]:
    if isinstance(by, Annotator):
        return {"type": "evaluator" if by.is_human else "judge", "id": str(by.public_id)}
    if isinstance(by, User):
        return {"type": "admin" if by.is_admin else "researcher", "id": str(by.public_id)}
    return {"type": "system", "id": "system"}


def _object_id(obj: models.Model) -> str:
    return str(getattr(obj, "public_id", obj.pk))
