"""The server and token that `steelyard login` keeps, readable by their owner alone."""

import json
import os
from pathlib import Path

from steelyard.client import Client


class NotSignedIn(Exception):
    """There is no server and token yet."""


def path() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "steelyard" / "token.json"


def keep(client: Client) -> Path:
    where = path()
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    where.unlink(missing_ok=True)
    with os.fdopen(os.open(where, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump({"url": client.url, "token": client.token}, file)
    return where


def stored() -> Client:
    """Return the client of the environment, else of the last login."""
    url, token = os.environ.get("STEELYARD"), os.environ.get("STEELYARD_TOKEN")
    if url and token:
        return Client(url, token)
    try:
        kept = json.loads(path().read_text())
        return Client(str(kept["url"]), str(kept["token"]))
    except (OSError, ValueError, KeyError):
        raise NotSignedIn("No server is known yet. Run: steelyard login ADDRESS") from None
