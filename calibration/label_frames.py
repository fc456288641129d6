"""Read the labels of a campaign into the long frames that labels are calibrated from, one for each question."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from annotation.models import Campaign, Criterion, Judgment
from annotation.tasktypes.labeling import NONE, SEVERITIES
from calibration.bayes.labeling.prevalence import OR_WORSE
from calibration.frames import CHUNK, effective

COLUMNS = {
    "item": "task__public_id",
    "annotator": "annotator__public_id",
    "annotator_kind": "annotator__kind",
    "annotator_group": "annotator__group",
    "criterion": "criterion__key",
    "labels": "labels",
    "system": "task__response_a__system__key",
    "pool": "task__pool",
    "round": "round",
    "judgment_id": "public_id",
}
SORT = ["item", "criterion", "annotator", "round", "judgment_id"]
ABSENT, PRESENT = "absent", "present"
GRADES = {grade.value: grade.name for grade in SEVERITIES}


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked of each response and has one answer: a criterion, or one label of several."""

    criterion: Criterion
    option: str
    title: str
    classes: tuple[str, ...]
    names: dict[str, str]

    @property
    def key(self) -> str:
        """Name the question within its campaign."""
        return f"{self.criterion.key}/{self.option}" if self.option else self.criterion.key

    @property
    def is_graded(self) -> bool:
        """Tell whether the classes are absent and then severities from least to most."""
        return bool(self.option) and len(self.classes) > 2

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the classes whose shares say how often something occurs, the widest first."""
        if self.is_graded:
            return (*(OR_WORSE + label for label in self.classes[1:-1]), self.classes[-1])
        return (PRESENT,) if self.option else self.classes

    @property
    def found(self) -> tuple[str, ...]:
        """Return the classes that tell whether something occurs at all, once for each thing."""
        return self.shown[:1] if self.option else tuple(name for name in self.classes if name != NONE)


def labels(campaign: Campaign, *, up_to: int) -> pd.DataFrame:
    """Return one row per effective labeling, sorted by stable keys; ``labels`` maps each label to its severity."""
    rows = effective(campaign, up_to=up_to).filter(outcome=Judgment.Outcome.LABELED).order_by("pk")
    found = rows.values_list(*COLUMNS.values()).iterator(chunk_size=CHUNK)
    frame = pd.DataFrame.from_records(found, columns=list(COLUMNS))
    for name in ("item", "annotator", "judgment_id"):
        frame[name] = frame[name].astype(str)
    frame["annotator_group"] = frame["annotator_group"].replace({"": None})
    return frame.sort_values(SORT, kind="stable", ignore_index=True)


def questions(campaign: Campaign, frame: pd.DataFrame) -> Iterator[tuple[Question, pd.DataFrame]]:
    """Return each question with its long frame: item, annotator, annotator_kind, annotator_group, label, system.

    A criterion with one label a response is one question, whose classes are its labels and "none". Where several
    labels may apply, or a severity is asked for, every label is a question of its own: absent or present, or absent
    or one of the severities from least to most. Labels of earlier versions of the rubric count as they stand.
    """
    asked = {criterion.key: criterion for criterion in _criteria(campaign)}
    for key, part in frame.groupby("criterion", sort=True):
        criterion = asked[str(key)]
        given = sorted({label for labels in part["labels"] for label in labels})
        names = {option["key"]: option["name"] for option in criterion.options}
        names |= {label: label for label in given if label not in names}
        if criterion.takes_several or criterion.asks_severity or part["labels"].map(len).max() > 1:
            yield from (_one_label(criterion, label, name, part) for label, name in names.items())
        else:
            classes = (*names, NONE)
            named = names | {NONE: "None of these"}
            label = part["labels"].map(lambda labels: next(iter(labels), NONE))
            yield Question(criterion, "", criterion.name, classes, named), part.assign(label=label)


def _one_label(criterion: Criterion, label: str, name: str, part: pd.DataFrame) -> tuple[Question, pd.DataFrame]:
    title = f"{criterion.name}{'' if criterion.name.endswith('?') else ':'} {name}"
    if not criterion.asks_severity:
        found = Question(criterion, label, title, (ABSENT, PRESENT), {ABSENT: "Absent", PRESENT: "Present"})
        return found, part.assign(label=part["labels"].map(lambda labels: PRESENT if label in labels else ABSENT))
    names = {ABSENT: "Absent"} | {word: word.capitalize() for word in GRADES.values()}
    classes = tuple(names)
    names |= {OR_WORSE + word: f"{word.capitalize()} or worse" for word in classes[1:-1]}
    found = Question(criterion, label, title, classes, names)
    # A severity that an earlier version did not ask for counts as the middle of the scale.
    middle = GRADES[len(GRADES) // 2]
    graded = part["labels"].map(lambda labels: GRADES.get(labels[label], middle) if label in labels else ABSENT)
    return found, part.assign(label=graded)


def _criteria(campaign: Campaign) -> Iterator[Criterion]:
    """Return the newest version of every criterion that takes labels, the oldest first."""
    rows = Criterion.objects.filter(rubric__campaign=campaign, scale=Criterion.Scale.LABELS)
    return rows.order_by("rubric__version", "position").iterator()
