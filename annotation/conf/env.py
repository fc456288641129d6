import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo


def envbool(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "0", "1", "true", "false"}:
        return default if value == "" else value in {"1", "true"}
    raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")


def envint(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def envlist(name: str, default: list[str]) -> list[str]:
    value = os.environ.get(name, "")
    return [part.strip() for part in value.split(",") if part.strip()] or default


def envstr(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def envpath(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).resolve()


def envsecret(name: str, *, development: bool) -> str:
    """Return a secret; only the development flag allows a missing one."""
    value = os.environ.get(name, "")
    if development:
        return value or f"development-only-{name}-" + "0" * 40
    if len(value) < 50 or value.startswith("development-only-"):
        raise ImproperlyConfigured(f"Set {name} to a random string of 50 or more characters.")
    return value


def database(url: str) -> dict[str, Any]:
    """Return Django's settings of a postgresql:// URL; a socket folder stands in ?host=."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def conninfo(database: dict[str, Any]) -> str:
    """Return the libpq connection string of a Django database, for the queue in the same server."""
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return make_conninfo(**{key: database[name] for key, name in keys.items() if database[name]})
