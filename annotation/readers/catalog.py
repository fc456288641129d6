"""What a reader has already yielded, so that each fact comes once and contradictions are seen."""

import json
from collections.abc import Iterator

from annotation.readers.fields import Fields
from annotation.readers.fingerprints import Fingerprints, fingerprint
from annotation.readers.rows import AnnotatorRow, PairRow, PromptRow, ResponseRow, Row, SystemRow


class Catalog:
    """The prompts, systems, responses, pairs and annotators of one import.

    Each method takes a row and the fields it was read from, and yields the row if it is new and nothing was refused.
    `closed` says that no new prompts, systems and responses may appear.
    """

    def __init__(self) -> None:
        self.closed = False
        self._known = Fingerprints()

    def first_time(self, fields: Fields, columns: tuple[str, ...], rows: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows that these columns tell, unless an earlier good row had the same words in them."""
        values = fields.record.values
        key = (columns[0], *(repr(values.get(name)) for name in columns))
        if fields.failed or self._known.get(key) is None:
            yield from rows
            if not fields.failed:
                self._known.remember(key)

    def prompt(self, fields: Fields, row: PromptRow, *, place: str, needs_text: bool = False) -> Iterator[PromptRow]:
        """Yield a new prompt; refuse a text, language, tags or pool that contradict an earlier row."""
        text, about = ("prompt", row.prompt_id), ("about", row.prompt_id)
        facts = (row.language, row.tags, row.pool)
        is_new = self._known.get(text) is None
        if fields.failed or self._is_unknown(fields, place, is_new):
            return
        if is_new and needs_text and not row.messages:
            fields.refuse(place, "missing", "is missing; add the text to the first row of its prompt")
        elif is_new:
            self._known.remember(text, fingerprint(row.messages))
            self._known.remember(about, fingerprint(facts))
            yield row
        elif row.messages and self._known.get(text) != fingerprint(row.messages):
            message = "differs from the text of this prompt in an earlier row; give each text its own prompt_id"
            fields.refuse(place, "prompt_mismatch", message)
        elif facts != (None, (), "") and self._known.get(about) != fingerprint(facts):
            message = (
                "language, tags or pool differ from this prompt's first row; repeat them unchanged or leave them out"
            )
            fields.refuse("tags", "prompt_mismatch", message)

    def system(self, fields: Fields, row: SystemRow, *, place: str) -> Iterator[SystemRow]:
        """Yield a new system; one that changes its family or settings is two systems and is refused."""
        family, generation = ("family", row.system_id), ("generation", row.system_id)
        settings = fingerprint(json.dumps(row.generation, sort_keys=True))
        is_new = self._known.get(family) is None
        if fields.failed or self._is_unknown(fields, place, is_new):
            return
        if is_new:
            self._known.remember(family, fingerprint(row.family))
            self._known.remember(generation, settings)
            yield row
        elif row.family and self._known.get(family) != fingerprint(row.family):
            message = f"differs from the first row of system {row.system_id!r}; keep one family"
            fields.refuse(f"{place}_family", "conflict", message)
        elif row.generation is not None and self._known.get(generation) != settings:
            message = (
                f"differs from the first row of system {row.system_id!r}; give each setting its own system name, "
                "and leave out what changes from response to response, such as a seed"
            )
            fields.refuse("generation", "conflict", message)

    def response(self, fields: Fields, row: ResponseRow, *, place: str) -> Iterator[ResponseRow]:
        """Yield a new response; refuse another text under the same ids."""
        key = ("response", row.prompt_id, row.system_id, row.response_id)
        is_new = self._known.get(key) is None
        if fields.failed or self._is_unknown(fields, place, is_new):
            return
        if is_new:
            self._known.remember(key, fingerprint(row.text))
            yield row
        elif row.text is not None and self._known.get(key) != fingerprint(row.text):
            message = "differs from this system's response to this prompt in an earlier row; keep one text"
            fields.refuse(place, "conflict", message)

    def has_response(self, prompt_id: str, system_id: str, response_id: str) -> bool:
        """Return whether the response is known."""
        return self._known.get(("response", prompt_id, system_id, response_id)) is not None

    def have_same_text(self, prompt_id: str, first: tuple[str, str], second: tuple[str, str]) -> bool:
        """Return whether two known responses, each (system, response), say the same; unknown texts do not."""
        mine, other = (self._known.get(("response", prompt_id, *key)) for key in (first, second))
        return mine == other and mine not in (None, fingerprint(None))

    def pair(self, fields: Fields, row: PairRow) -> Iterator[PairRow]:
        """Yield a new comparison."""
        key = ("pair", row.prompt_id, row.system_a, row.response_a, row.system_b, row.response_b)
        if not fields.failed and self._known.remember(key) is None:
            yield row

    def annotator(self, fields: Fields, row: AnnotatorRow) -> Iterator[AnnotatorRow]:
        """Yield a new annotator; refuse a row that says something else of it."""
        facts = fingerprint((row.kind, row.name, row.family, row.group, row.version))
        earlier = None if fields.failed else self._known.remember(("annotator", row.annotator_id), facts)
        if earlier is None and not fields.failed:
            yield row
        elif earlier != facts and not fields.failed:
            message = (
                "has another kind, name, family, group or version in an earlier row; give each its own annotator_id"
            )
            fields.refuse("annotator_id", "conflict", message)

    def repeated(self, line: int, *key: str | int | None) -> int | None:
        """Return the line on which this judgment was given before, None if it is new."""
        return self._known.remember(("judgment", *key), line)

    def _is_unknown(self, fields: Fields, place: str, is_new: bool) -> bool:
        if is_new and self.closed:
            fields.refuse(place, "unknown_ref", "does not occur in the tasks file; add it there or correct it")
        return is_new and self.closed
