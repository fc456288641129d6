"""Turn a fit's tables into rows: estimates, tasks, agreement, each with interval and n."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from annotation.models import Annotator, Criterion, System
from calibration.agreement.pairs import Pair
from calibration.agreement.rates import Rates
from calibration.agreement.results import Agreement as AgreementRecord
from calibration.bayes.leaderboard import Leaderboard
from calibration.bayes.summaries import Summary
from calibration.models import Agreement, Estimate, ItemEstimate, PairAgreement, Run, Standing

Quantity = Estimate.Quantity
BATCH = 2_000
OF_SYSTEMS = (Quantity.STRENGTH, Quantity.WIN_PROBABILITY)
OF_ANNOTATORS = (
    Quantity.RELIABILITY,
    Quantity.DISCRIMINATION,
    Quantity.POSITION_BIAS,
    Quantity.POSITION_SHIFT,
    Quantity.LENGTH_BIAS,
    Quantity.TIE_WIDTH,
)


class Subjects:
    """Keys of statistics to rows of the record."""

    def __init__(self, run: Run) -> None:
        campaign = run.campaign
        self.systems = {system.key: system for system in System.objects.filter(campaign=campaign)}
        people = Annotator.objects.filter(judgments__campaign=campaign).distinct()
        self.annotators = {str(annotator.public_id): annotator for annotator in people}
        self.tasks = {str(public_id): pk for public_id, pk in campaign.tasks.values_list("public_id", "pk")}


def summary(
    run: Run, criterion: Criterion, found: Summary, subjects: Subjects, pooled: pd.DataFrame | None = None
) -> None:
    """Store the estimates of one criterion, each task with its outcome pooled over the accounts where there is one."""
    Estimate.objects.bulk_create(
        [
            *_systems(run, criterion, found.systems, subjects),
            *_pairs(run, criterion, found.win_probability, subjects),
            *_annotators(run, criterion, found.annotators, subjects),
            *_population(run, criterion, found.population),
        ],
        batch_size=BATCH,
    )
    ItemEstimate.objects.bulk_create(_items(run, criterion, found.items, subjects, pooled), batch_size=BATCH)


def agreement(run: Run, records: Iterable[AgreementRecord], criteria: dict[str, Criterion]) -> None:
    Agreement.objects.bulk_create(
        [
            Agreement(run=run, **(asdict(record) | {"criterion": criteria.get(record.criterion or "")}))
            for record in records
        ]
    )


def pairs(run: Run, found: Iterable[Pair], criteria: dict[str, Criterion], subjects: Subjects) -> None:
    PairAgreement.objects.bulk_create(
        [
            PairAgreement(
                run=run,
                **(
                    asdict(pair)
                    | {
                        "criterion": criteria[pair.criterion or ""],
                        "first": subjects.annotators[pair.first],
                        "second": subjects.annotators[pair.second],
                    }
                ),
            )
            for pair in found
        ],
        batch_size=BATCH,
    )


def standings(run: Run, criterion: Criterion, board: Leaderboard, subjects: Subjects) -> None:
    """Store the places of one criterion's board; ranks that no draw gave are left out of the distribution."""
    possible = board.ranks[board.ranks["probability"] > 0]
    ranks = {
        name: part[["rank", "probability"]].to_numpy().tolist() for name, part in possible.groupby("system", sort=False)
    }
    sizes = board.systems.groupby("component")["system"].transform("size")
    Standing.objects.bulk_create(
        [
            Standing(
                run=run,
                criterion=criterion,
                system=subjects.systems[row["system"]],
                component=row["component"],
                place=row["place"],
                of=row["of"],
                win_probability=row["win_probability"],
                win_low=row["win_probability_low"],
                win_high=row["win_probability_high"],
                rank_low=round(row["rank_low"]),
                rank_high=round(row["rank_high"]),
                n=row["n"],
                p_best=row["p_best"],
                ranks=[[int(rank), share] for rank, share in ranks[row["system"]]],
                flips_with=subjects.systems.get(row["flips_with"] or ""),
                votes_to_flip=None if pd.isna(row["votes_to_flip"]) else int(row["votes_to_flip"]),
                flip_reason=row["flip_reason"],
            )
            for row in _rows(board.systems.assign(of=sizes))
        ],
        batch_size=BATCH,
    )


def tie_rates(run: Run, found: Iterable[Rates], criteria: dict[str, Criterion], subjects: Subjects) -> None:
    """Store how often each annotator ties; an annotator without a share is left out."""
    Estimate.objects.bulk_create(
        [
            Estimate(
                run=run,
                criterion=criteria[rates.criterion or ""],
                quantity=Quantity.TIE_RATE,
                annotator=subjects.annotators[rates.annotator],
                value=rates.tie.value,
                ci_low=rates.tie.ci_low,
                ci_high=rates.tie.ci_high,
                n=rates.tie.n,
            )
            for rates in found
            if rates.tie
        ],
        batch_size=BATCH,
    )


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    yield from table.to_dict("records")


def _interval(row: dict[str, Any], name: str) -> dict[str, Any]:
    low, value, high = float(row[f"{name}_low"]), float(row[name]), float(row[f"{name}_high"])
    sd = row.get(f"{name}_sd")
    return {
        "value": value,
        "sd": None if sd is None or pd.isna(sd) else float(sd),
        "ci_low": low,
        "ci_high": high,
        "n": int(row["n"]),
        "rhat": _number(row.get("rhat")),
        "ess": _number(row.get("ess_bulk")),
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _systems(run: Run, criterion: Criterion, table: pd.DataFrame, subjects: Subjects) -> Iterator[Estimate]:
    for row in _rows(table):
        common = {"run": run, "criterion": criterion, "system": subjects.systems[row["system"]]}
        for quantity in OF_SYSTEMS:
            yield Estimate(**common, quantity=quantity, **_interval(row, quantity))
        yield Estimate(**common, quantity=Quantity.RANK, **_interval(row, "rank"))


def _pairs(run: Run, criterion: Criterion, table: pd.DataFrame, subjects: Subjects) -> Iterator[Estimate]:
    for row in _rows(table):
        yield Estimate(
            run=run,
            criterion=criterion,
            quantity=Quantity.WIN_PROBABILITY,
            system=subjects.systems[row["system_1"]],
            against=subjects.systems[row["system_2"]],
            **_interval(row, "probability"),
        )


def _annotators(run: Run, criterion: Criterion, table: pd.DataFrame, subjects: Subjects) -> Iterator[Estimate]:
    for row in _rows(table):
        parameter = "little information" if row["little_information"] else ""
        for quantity in OF_ANNOTATORS:
            if pd.isna(row[quantity]):
                # nothing in the judgments speaks of it
                continue
            yield Estimate(
                run=run,
                criterion=criterion,
                quantity=quantity,
                annotator=subjects.annotators[row["annotator"]],
                parameter=parameter,
                **_interval(row, quantity),
            )


def _population(run: Run, criterion: Criterion, table: pd.DataFrame) -> Iterator[Estimate]:
    for row in _rows(table):
        name = f"{row['name']} ({row['group']})" if row.get("group") else str(row["name"])
        yield Estimate(
            run=run,
            criterion=criterion,
            quantity=Quantity.POPULATION,
            parameter=name[:60],
            **_interval(row, "value"),
        )


def _items(
    run: Run, criterion: Criterion, table: pd.DataFrame, subjects: Subjects, pooled: pd.DataFrame | None
) -> Iterator[ItemEstimate]:
    together = {} if pooled is None else pooled.set_index("item")[["p_a", "p_tie", "p_b"]].to_dict("index")
    for row in _rows(table):
        yield ItemEstimate(
            run=run,
            task_id=subjects.tasks[row["item"]],
            criterion=criterion,
            p_a=row["p_a"],
            p_tie=row["p_tie"],
            p_b=row["p_b"],
            p_a_better=row["p_a_better"],
            sd=row["p_a_better_sd"],
            ci_low=row["p_a_better_low"],
            ci_high=row["p_a_better_high"],
            **{f"pooled_{name.removeprefix('p_')}": share for name, share in together.get(row["item"], {}).items()},
            n_human=row["n_human"],
            n_judge=row["n_judge"],
        )
