"""Names that hold inside one release only, so that two releases cannot be joined by them."""

import hmac
import uuid

PURPOSE = b"steelyard/pseudonyms/v1"


class Pseudonyms:
    """Gives the same name to the same thing whenever the same release is built, and another one in every other."""

    def __init__(self, secret: str, export_id: str, *, is_internal: bool = False) -> None:
        self._is_internal = is_internal
        instance_key = hmac.digest(secret.encode(), PURPOSE, "sha256")
        self._key = hmac.digest(instance_key, export_id.encode(), "sha256")
        self._annotators: dict[str, str] = {}

    def annotator(self, internal_id: str) -> str:
        if self._is_internal:
            return internal_id
        if internal_id not in self._annotators:
            self._annotators[internal_id] = self._digest("annotator", internal_id).hex()[:16]
        return self._annotators[internal_id]

    def judgment(self, internal_id: str) -> str:
        if self._is_internal:
            return internal_id
        return str(uuid.UUID(bytes=self._digest("judgment", internal_id)[:16], version=4))

    def canary(self) -> str:
        """Return a GUID that stands in this release alone: found elsewhere, it tells of contamination."""
        return str(uuid.UUID(bytes=self._digest("canary", "")[:16], version=4))

    def _digest(self, kind: str, internal_id: str) -> bytes:
        return hmac.digest(self._key, f"{kind}|{internal_id}".encode(), "sha256")
