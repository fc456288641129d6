"""Annotators and judgments of an import."""

import hashlib
from collections import Counter
from typing import Any

import rfc8785

from annotation import tasktypes
from annotation.models import Annotator, Criterion, Import, Judgment, Task, User
from annotation.readers import NAMED_SOURCES
from annotation.readers.errors import Code, ErrorLog
from annotation.readers.fingerprints import Fingerprints
from annotation.readers.rows import AnnotatorRow, JudgmentRow, Row
from annotation.services import audit
from annotation.services.intake.material import MISSING_TASK, Material
from annotation.tasktypes.answers import AnswerRefused

BATCH = 2_000
# A chain is kept as one number: the key of its last judgment, then its revision. 0: the campaign held it before.
REVISIONS = 100_000


class Answers:
    """Who judged what: collected into batches, each with its audit events."""

    def __init__(
        self, source: Import, material: Material, errors: ErrorLog, counts: Counter[str], by: User | None
    ) -> None:
        self.source, self.material, self.errors, self.counts, self.by = source, material, errors, counts, by
        self.campaign = source.campaign
        self.criteria: dict[str, Criterion] = {c.key: c for c in material.rubric.criteria.order_by("position")}
        self.annotators: dict[str, Annotator] = {}
        # Millions of chains fit into memory as numbers. An import never continues those that were there before.
        self.chains = Fingerprints()
        held = self.campaign.judgments.filter(source__isnull=False)
        for key in held.values_list("task_id", "annotator_id", "criterion_id", "round").iterator():
            self.chains.remember(key, 0)
        self.seen = 0
        self.pending: list[JudgmentRow] = []
        self.pending_keys: set[tuple[Any, ...]] = set()

    def _refuse(self, row: Row, field: str, code: Code, message: str) -> None:
        self.errors.add(file=row.file, line=row.line, field=field, code=code, message=message)

    def take_annotator(self, row: AnnotatorRow) -> None:
        key = self._import_key(row.annotator_id)
        annotator = Annotator.objects.filter(import_key=key).first()
        if annotator is None:
            annotator = Annotator(
                kind=row.kind, name=row.name, import_key=key, family=row.family or "", group=row.group or ""
            )
            annotator.version = row.version[:64]
            audit.save(annotator, "annotator.create", by=self.by, campaign=self.campaign)
            self.counts["annotators"] += 1
        elif annotator.kind != row.kind:
            message = f"This annotator is known as {annotator.kind}, here it is {row.kind}. Use another source name."
            self._refuse(row, "annotator_kind", "conflict", message)
        self.annotators[row.annotator_id] = annotator

    def _import_key(self, annotator_id: str) -> str:
        own_source = self.source.format in NAMED_SOURCES
        return f"import:{annotator_id}" if own_source else f"import:{self.source.source_name}:{annotator_id}"

    def take_judgment(self, row: JudgmentRow) -> None:
        # Two answers of one chain never share a batch: the later one needs the key of the earlier.
        chain = (row.prompt_id, row.system_a, row.response_a, row.system_b, row.response_b)
        key = (*chain, row.annotator_id, row.criterion, row.round)
        if key in self.pending_keys or len(self.pending) >= BATCH:
            self.flush()
        self.pending.append(row)
        self.pending_keys.add(key)

    def flush(self) -> None:
        self.material.settle()
        judgments = [judgment for row in self.pending if (judgment := self._judgment(row))]
        self.pending, self.pending_keys = [], set()
        if self.errors.total or not judgments:
            return
        Judgment.objects.bulk_create(judgments)
        audit.record_all("judgment.create", judgments, by=self.by, campaign=self.campaign)
        for judgment in judgments:
            key = (judgment.task_id, judgment.annotator_id, judgment.criterion_id, judgment.round)
            self.chains.replace(key, judgment.pk * REVISIONS + judgment.revision)
        self.counts["judgments"] += len(judgments)

    def _judgment(self, row: JudgmentRow) -> Judgment | None:
        task, criterion = self._task_of(row), self._criterion_of(row)
        if task is None:
            self._refuse(row, "prompt_id", "unknown_ref", MISSING_TASK)
        values = self._values(row, criterion) if criterion else None
        if task is None or criterion is None or values is None:
            return None
        annotator = self.annotators[row.annotator_id]
        earlier = self.chains.get((task.pk, annotator.pk, criterion.pk, row.round))
        if earlier == 0:
            message = "The campaign already holds this annotator's answer to this task and round. Leave the row out."
            self._refuse(row, "annotator_id", "duplicate_id", message)
            return None
        self.seen += 1
        judgment = Judgment(
            campaign=self.campaign,
            task=task,
            annotator=annotator,
            criterion=criterion,
            source=self.source,
            round=row.round,
            revision=earlier % REVISIONS + 1 if earlier else 0,
            supersedes_id=earlier // REVISIONS if earlier else None,
            **values,
            shown_order=row.shown_order,
            rationale=row.rationale or "",
            flags=list(row.flags),
            cluster_id=row.cluster_id or "",
            extra=row.extra,
            provenance=Judgment.Provenance.IMPORT,
            started_at=row.started_at,
            submitted_at=row.submitted_at,
            active_ms=row.active_ms,
            idempotency_key=f"{self.source.public_id}:{row.file[-30:]}:{row.line}:{self.seen}",
        )
        audit.seal(judgment)
        judgment.payload_sha256 = hashlib.sha256(rfc8785.dumps(judgment.committed_content())).hexdigest()
        return judgment

    def _task_of(self, row: JudgmentRow) -> Task | None:
        first = (row.system_a, row.response_a)
        if row.system_b:
            return self.material.find_task(row.prompt_id, first, (row.system_b, row.response_b))
        return self.material.find_single(row.prompt_id, first)

    def _values(self, row: JudgmentRow, criterion: Criterion) -> dict[str, Any] | None:
        """Return what the criterion's scale makes of a row, or refuse the row."""
        if row.outcome in Judgment.NON_VERDICTS:
            return {"outcome": row.outcome}
        given = {"outcome": row.outcome, "strength": row.strength, "score": row.score, "labels": row.labels}
        try:
            return tasktypes.scale_of(criterion).from_row(criterion, given)
        except AnswerRefused as error:
            self._refuse(row, "labels" if row.score is None else "score", "bad_range", str(error))
            return None

    def _criterion_of(self, row: JudgmentRow) -> Criterion | None:
        if row.criterion is None and len(self.criteria) == 1:
            return next(iter(self.criteria.values()))
        criterion = self.criteria.get(row.criterion or "")
        if criterion is None:
            message = f"The rubric's criteria are {', '.join(self.criteria)}. Name one of them."
            self._refuse(row, "criterion", "unknown_ref", message)
        return criterion
