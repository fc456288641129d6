"""Read JSON that strangers wrote: one value, no duplicate keys, nothing JSON does not know."""

import json
from typing import Any, NoReturn


class NotJSON(ValueError):
    """The text is not one strict JSON value."""


class ExtraText(NotJSON):
    """A JSON value is there, and something else around it."""


class DuplicateKey(NotJSON):
    """An object names a key twice, so readers may disagree about its value."""


def loads(text: str | bytes) -> Any:
    """Return the value of the text, or raise NotJSON."""
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        kind = ExtraText if error.msg == "Extra data" else NotJSON
        raise kind(error.msg) from error
    except NotJSON:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotJSON("Not JSON.") from error


def is_text(value: object) -> bool:
    """Tell whether the value is a string every store accepts: no NUL, no lone surrogate."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateKey("A key appears twice.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotJSON(f"{name} is not JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
