"""Plain rows of a frozen snapshot: what the writers take, free of the database."""

from datetime import datetime
from typing import Any, NamedTuple


class JudgmentFacts(NamedTuple):
    """One effective judgment with what it was about."""

    judgment_id: str
    task_id: str
    task_type: str
    task_snapshot_sha256: str
    criterion: str
    rubric_sha256: str
    annotator_id: str
    annotator_kind: str
    annotator_version: str
    prompt_id: str
    system_a: str
    response_a_id: str
    system_b: str | None
    response_b_id: str | None
    shown_order: str | None
    outcome: str
    strength: int | None
    score: int | None
    labels: dict[str, Any] | None
    rationale: str
    round: int
    started_at: datetime | None
    submitted_at: datetime | None
    active_ms: int | None
    is_gold: bool
    cluster_id: str
    split: str
    provenance: str
    flags: list[str]
    extra: dict[str, Any]


class Votes(NamedTuple):
    """Verdicts counted from the judgments of one task and criterion; both_bad counts as a tie."""

    task_id: str
    criterion: str
    a: int
    b: int
    tie: int
    families: int

    @property
    def total(self) -> int:
        return self.a + self.b + self.tie


class Item(NamedTuple):
    """The posterior of one task and criterion; texts only where they were asked for and exist."""

    task_id: str
    criterion: str
    prompt_id: str
    system_a: str
    response_a_id: str
    system_b: str
    response_b_id: str
    p_a: float
    p_tie: float
    p_b: float
    p_a_better: float
    sd: float
    ci_low: float
    ci_high: float
    ci_level: float
    n_human: int
    n_judge: int
    messages: list[dict[str, Any]]
    text_a: str | None
    text_b: str | None


class AnnotatorFacts(NamedTuple):
    """One annotator and how much it judged on one criterion; name only where it is no person's."""

    annotator_id: str
    kind: str
    name: str | None
    version: str
    family: str
    group: str
    criterion: str
    n_judgments: int
    n_tasks: int


class SystemFacts(NamedTuple):
    system_id: str
    name: str
    family: str
    generation: dict[str, Any] | None
    criterion: str
    n_judgments: int
    n_tasks: int


class Estimate(NamedTuple):
    """One posterior quantity; owner is an annotator's or a system's id."""

    owner: str
    criterion: str | None
    quantity: str
    value: float
    sd: float | None
    ci_low: float
    ci_high: float
    ci_level: float
    n: int
    # A remark of the fit, such as that there is little information.
    parameter: str
