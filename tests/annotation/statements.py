"""Count the statements that carry data, beside those that only begin and end transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Statements(list[str]):
    """The data statements of a block, in their order."""


@contextmanager
def statements() -> Iterator[Statements]:
    found = Statements()
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(q["sql"] for q in captured.captured_queries if not q["sql"].lstrip().upper().startswith(CONTROL))
