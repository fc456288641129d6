"""Keys of endpoints at rest: sealed with a key that only the servers hold, opened only where a call is made."""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

_DOMAIN = b"steelyard/judge-key/v1\0"


class CannotOpen(ValueError):
    """A sealed key that this server's secret does not open."""


def seal(secret: str, text: str, *, bound_to: str) -> bytes:
    """Encrypt and authenticate the text under a key derived from the secret, for one address only."""
    return _box(secret, bound_to).encrypt(text.encode())


def unseal(secret: str, sealed: bytes, *, bound_to: str) -> str:
    """Return the text; a seal made for another address or under another secret does not open."""
    try:
        return _box(secret, bound_to).decrypt(sealed).decode()
    except InvalidToken:
        raise CannotOpen("The stored key cannot be opened any more; enter it again.") from None


def _box(secret: str, bound_to: str) -> Fernet:
    digest = sha256(_DOMAIN + len(secret).to_bytes(4) + secret.encode() + bound_to.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
