"""Turn the tables of a fit of labels into rows."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from calibration.bayes.labeling.results import LabelFit
from calibration.label_frames import Question
from calibration.models import ClassShare, ItemClass, LabelAccuracy, Run, ShareDifference
from calibration.services.storing import BATCH, Subjects

MOST_DIFFERENCES = 5_000


def clear(run: Run) -> None:
    """Remove what an earlier try of this run may have stored."""
    run.agreements.all().delete()
    for model in (ItemClass, ClassShare, ShareDifference, LabelAccuracy):
        model.objects.filter(run=run).delete()


def answered(run: Run, question: Question, fit: LabelFit, subjects: Subjects, frame: pd.DataFrame) -> None:
    """Store what one question's fit found."""
    about = {"run": run, "criterion": question.criterion, "option": question.option}
    ItemClass.objects.bulk_create(_items(about, question, fit, subjects, frame), batch_size=BATCH)
    ClassShare.objects.bulk_create(_shares(about, fit, subjects), batch_size=BATCH)
    ShareDifference.objects.bulk_create(_differences(about, fit, subjects), batch_size=BATCH)
    LabelAccuracy.objects.bulk_create(_annotators(about, fit, subjects), batch_size=BATCH)


def _items(
    about: dict[str, Any], question: Question, fit: LabelFit, subjects: Subjects, frame: pd.DataFrame
) -> Iterator[ItemClass]:
    first = frame[(frame["round"] == 0) & (frame["criterion"] == question.criterion.key)]
    people = first["annotator_kind"].eq("human").groupby(first["item"]).sum()
    for row in _rows(fit.items):
        chances = {name: row[f"p_{name}"] for name in fit.data.labels}
        n_human = int(people.get(row["item"], 0))
        yield ItemClass(
            **about,
            task_id=subjects.tasks[row["item"]],
            chances=chances,
            label=row["label"] or "",
            sure=min(max(chances.values()), 1.0),
            is_contested=bool(row["contested"]),
            n_human=n_human,
            n_judge=int(row["n"]) - n_human,
        )


def _shares(about: dict[str, Any], fit: LabelFit, subjects: Subjects) -> Iterator[ClassShare]:
    for row in _rows(fit.prevalence):
        yield ClassShare(
            **about,
            system=subjects.systems[row["system"]] if row["system"] else None,
            pool=row["pool"] or "",
            label=row["label"],
            value=row["share"],
            ci_low=row["share_low"],
            ci_high=row["share_high"],
            items=row["items"],
            items_low=row["items_low"],
            items_high=row["items_high"],
            naive=row["naive"],
            unseen_upper=row["unseen_upper"],
            n=row["n"],
            n_judgments=row["n_judgments"],
        )


def _differences(about: dict[str, Any], fit: LabelFit, subjects: Subjects) -> Iterator[ShareDifference]:
    n = fit.prevalence[fit.prevalence["pool"].isna()].groupby("system", dropna=True)["n"].first()
    for row in _rows(fit.differences.head(MOST_DIFFERENCES)):
        yield ShareDifference(
            **about,
            first=subjects.systems[row["system_1"]],
            second=subjects.systems[row["system_2"]],
            label=row["label"],
            value=row["difference"],
            ci_low=row["difference_low"],
            ci_high=row["difference_high"],
            p_positive=row["p_positive"],
            n=int(n[row["system_1"]] + n[row["system_2"]]),
        )


def _annotators(about: dict[str, Any], fit: LabelFit, subjects: Subjects) -> Iterator[LabelAccuracy]:
    cells = {
        who: part[["truth", "label", "p", "p_low", "p_high", "n_expected"]].to_numpy(object).tolist()
        for who, part in fit.confusion.groupby("annotator", sort=False)
    }
    for row in _rows(fit.annotators):
        yield LabelAccuracy(
            **about,
            annotator=subjects.annotators[row["annotator"]],
            value=row["accuracy"],
            ci_low=row["accuracy_low"],
            ci_high=row["accuracy_high"],
            n=row["n"],
            is_spam=bool(row["spam"]),
            favorite=row["favorite"] or "",
            confusion=cells.get(row["annotator"], []),
        )


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Return rows as plain values, with None where the table has none."""
    for row in table.to_dict("records"):
        yield {str(name): None if pd.isna(value) else value for name, value in row.items()}
