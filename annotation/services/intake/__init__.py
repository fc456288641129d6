"""Turn canonical rows of a reader into rows of the record; the caller holds the transaction."""

from collections import Counter

from annotation.models import Import, User
from annotation.readers.errors import ErrorLog
from annotation.readers.rows import AnnotatorRow, JudgmentRow, PairRow, PromptRow, ResponseRow, Row, SystemRow
from annotation.services.intake.answers import Answers
from annotation.services.intake.material import Material


class Intake:
    """Takes the rows of one import in the order in which a reader gives them."""

    def __init__(self, source: Import, errors: ErrorLog, by: User | None) -> None:
        self.counts: Counter[str] = Counter()
        self.material = Material(source, errors, self.counts)
        self.answers = Answers(source, self.material, errors, self.counts, by)

    def take(self, row: Row) -> None:
        match row:
            case PromptRow():
                self.material.take_prompt(row)
            case SystemRow():
                self.material.take_system(row)
            case ResponseRow():
                self.material.take_response(row)
            case PairRow():
                self.material.take_pair(row)
            case AnnotatorRow():
                self.answers.take_annotator(row)
            case JudgmentRow():
                self.answers.take_judgment(row)

    def finish(self) -> None:
        """Store what is still pending."""
        self.material.finish()
        self.answers.flush()
