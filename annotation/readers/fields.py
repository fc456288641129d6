"""Read the columns of one record as the types a format promises, and log each that is not."""

import json
import math
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast, get_args

from annotation.readers.errors import Code, ErrorLog
from annotation.readers.rows import Message, Role
from annotation.readers.sources import LIMITS, Record, values
from annotation.readers.sources.jsonl import StrictError, loads
from annotation.readers.sources.records import Refused

ID_CAP = 200
LABEL_CAP = 100
TAGS_CAP = 50

_ROLES = get_args(Role)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SEPARATORS = re.compile("[;,]")
_CLOCK_SLACK = timedelta(days=1)


class Fields:
    """The columns of a record; `failed` says that at least one was refused and the row must not be used."""

    def __init__(self, record: Record, errors: ErrorLog) -> None:
        self.record = record
        self.errors = errors
        self.failed = False

    def refuse(self, field: str, code: Code, message: str) -> None:
        """Log a problem of one field."""
        self.failed = True
        excerpt = self.record.values.get(field.split("/")[0], "")
        self.errors.add(
            file=self.record.file, line=self.record.line, field=field, code=code, message=message, excerpt=excerpt
        )

    def raw(self, name: str) -> Any:
        """Return the value as it stands, None where it is absent."""
        return self.record.values.get(name)

    def first_of(self, *names: str) -> str:
        """Return the first of several names for one column that the record has, else the first."""
        return next((name for name in names if self.raw(name) is not None), names[0])

    def identifier(self, name: str) -> str:
        """Return a required id."""
        if self.raw(name) in (None, ""):
            self.refuse(name, "missing", "is missing; add it, every row needs one")
            return ""
        return self.optional_identifier(name) or ""

    def optional_identifier(self, name: str) -> str | None:
        """Return an id: a short text of one line, or a whole number."""
        value = self.raw(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.label(name, cap=ID_CAP)

    def label(self, name: str, *, cap: int = LABEL_CAP) -> str | None:
        """Return a short text of one line, None where it is absent or empty."""
        value = self.text(name)
        return value if value and self._is_label(name, value, cap) else None

    def text(self, name: str) -> str | None:
        """Return a text of any length."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        self.refuse(name, "wrong_type", f"is {_kind(value)}; write text in its place")
        return None

    def choice[Value: str](self, name: str, allowed: Collection[Value], default: Value) -> Value:
        """Return one of a closed list of words; anything else is an error, never a guess."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, str) and value in allowed:
            return cast(Value, value)
        self.refuse(name, "bad_enum", f"must be one of {', '.join(allowed)}; correct it or leave the row out")
        return default

    def integer(self, name: str, *, low: int, high: int) -> int | None:
        """Return a whole number within bounds; 3.0 counts as 3."""
        number = self.number(name, low=low, high=high)
        if number is None or float(number).is_integer():
            return None if number is None else int(number)
        self.refuse(name, "wrong_type", "must be a whole number; correct it")
        return None

    def number(self, name: str, *, low: float, high: float) -> float | None:
        """Return a number within bounds; in CSV its digits are read."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str) and not self.record.typed:
            value = _parsed(value)
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.refuse(name, "wrong_type", "must be a number; correct it or leave it out")
            return None
        if not math.isfinite(value):
            self.refuse(name, "nan", "is not a finite number; leave it out")
            return None
        if not low <= value <= high:
            self.refuse(name, "bad_range", f"must lie between {low} and {high}; correct it")
            return None
        return value

    def labels(self, name: str) -> tuple[str, ...]:
        """Return a list of short texts; in CSV a JSON list, or texts with ; or , between them."""
        value = self.raw(name)
        if isinstance(value, str) and not self.record.typed:
            value = self._json(name) if value.startswith("[") else [part.strip() for part in _SEPARATORS.split(value)]
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            self.refuse(name, "wrong_type", "must be a list of texts; correct it")
            return ()
        if len(value) > TAGS_CAP:
            self.refuse(name, "too_long", f"holds more than {TAGS_CAP} entries; shorten it")
            return ()
        return tuple(dict.fromkeys(part for part in value if part and self._is_label(name, part, LABEL_CAP)))

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return an object of settings; in CSV as JSON."""
        value = self._json(name)
        if value is None or isinstance(value, dict):
            return value
        self.refuse(name, "wrong_type", "must be an object {...}; correct it")
        return None

    def moment(self, name: str) -> datetime | None:
        """Return a moment in UTC, from RFC 3339 text or a timestamp column."""
        value = self.raw(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            if not isinstance(moment, datetime) or moment.tzinfo is None:
                raise TypeError
            moment = moment.astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            self.refuse(name, "wrong_type", "must be a moment with its zone, such as 2026-01-31T09:30:00Z; correct it")
            return None
        if moment.year < 1970 or moment > datetime.now(UTC) + _CLOCK_SLACK:
            self.refuse(name, "bad_range", "lies before 1970 or in the future; correct it")
            return None
        return moment

    def messages(self, name: str) -> tuple[Message, ...]:
        """Return the turns of a conversation; in CSV as JSON."""
        value = self._json(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not value:
            self.refuse(name, "wrong_type", 'must be a list of messages {"role": ..., "content": ...}; correct it')
            return ()
        turns = [self._message(f"{name}/{index}", turn) for index, turn in enumerate(value)]
        return tuple(turn for turn in turns if turn)

    def rest(self, known: Collection[str], kept: Collection[str] = ()) -> dict[str, Any]:
        """Return the columns without a field of their own, as values JSON can hold; note those not listed as kept."""
        extra = {name: value for name, value in self.record.values.items() if name not in known and value is not None}
        for name in extra:
            if name not in kept:
                self.errors.note(
                    file=self.record.file, field=name, message="is not a column of this format; kept as extra"
                )
        return {name: _as_json(value) for name, value in extra.items()}

    def _message(self, place: str, turn: Any) -> Message | None:
        role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (None, None)
        if role not in _ROLES:
            self.refuse(f"{place}/role", "bad_enum", f"must be one of {', '.join(_ROLES)}; correct it")
        elif not isinstance(content, str) or not content.strip():
            self.refuse(f"{place}/content", "wrong_type", "must be text and not empty; correct it")
        else:
            return Message(role=cast(Role, role), content=content)
        return None

    def _json(self, name: str) -> Any:
        value = self.raw(name)
        if not isinstance(value, str) or self.record.typed:
            return value
        try:
            parsed = loads(value, LIMITS)
            values.check({name: parsed}, line=self.record.line, limits=LIMITS)
        except Refused as refused:
            self.refuse(refused.field, refused.code, refused.message)
        except (StrictError, json.JSONDecodeError, RecursionError) as error:
            self.refuse(name, "bad_json", f"is not JSON ({error}); correct it")
        else:
            return parsed
        return None

    def _is_label(self, name: str, value: str, cap: int) -> bool:
        if len(value) > cap:
            self.refuse(name, "too_long", f"is longer than {cap} characters; shorten it")
        elif _CONTROL.search(value) or value != value.strip():
            self.refuse(name, "bad_text", "holds a line end, a control character, or spaces at its ends; remove them")
        else:
            return True
        return False


def message_of(turn: Any) -> Message | None:
    """Return a turn of a conversation, None if it has no role or no words."""
    role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (None, None)
    if role not in _ROLES or not isinstance(content, str) or not content.strip():
        return None
    return Message(role=cast(Role, role), content=content)


def _kind(value: Any) -> str:
    names: Sequence[tuple[type, str]] = (
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (list, "a list"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "an object")


def _parsed(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text) if len(text) <= 40 and text.isascii() and "_" not in text else None
        except ValueError:
            continue
    return None


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else value.isoformat()
