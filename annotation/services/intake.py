"""Turn canonical rows of a reader into rows of the record, in batches, with every foreign key resolved."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import rfc8785

from annotation import rendering
from annotation.models import (
    Annotator,
    Campaign,
    Criterion,
    Import,
    Judgment,
    Prompt,
    Response,
    System,
    Task,
    User,
)
from annotation.readers.errors import ErrorLog
from annotation.readers.rows import (
    AnnotatorRow,
    JudgmentRow,
    PairRow,
    PromptRow,
    ResponseRow,
    Row,
    SystemRow,
)
from annotation.services import audit, pairing

BATCH = 2_000
WARNING_TAG = "content-warning:"
ResponseKey = tuple[str, str, str]
ChainKey = tuple[int, int, int, int]


def _sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Intake:
    """Collects the rows of one import and stores them; the caller holds the transaction."""

    def __init__(self, source: Import, errors: ErrorLog, by: User | None) -> None:
        self.source, self.errors, self.by = source, errors, by
        self.campaign: Campaign = source.campaign
        self.rubric = self.campaign.rubric
        self.criteria: dict[str, Criterion] = {c.key: c for c in self.rubric.criteria.order_by("position")}
        self.counts: Counter[str] = Counter()
        self.prompts: dict[str, Prompt] = {p.key: p for p in self.campaign.prompts.all()}
        self.systems: dict[str, System] = {s.key: s for s in self.campaign.systems.all()}
        self.responses: dict[ResponseKey, Response] = self._known_responses()
        self.tasks: dict[tuple[int, int], Task] = {
            (t.response_a_id, t.response_b_id): t for t in self.campaign.tasks.filter(rubric=self.rubric)
        }
        self.annotators: dict[str, Annotator] = {}
        self.chains: dict[ChainKey, Judgment | None] = dict.fromkeys(
            self.campaign.judgments.filter(source__isnull=False).values_list(
                "task_id", "annotator_id", "criterion_id", "round"
            )
        )
        self.pending: list[JudgmentRow] = []
        self.pending_keys: set[tuple[Any, ...]] = set()
        self.fresh: list[ResponseRow] = []
        self.tags: dict[str, tuple[tuple[str, ...], str]] = {}
        self.has_pairs = False

    def _known_responses(self) -> dict[ResponseKey, Response]:
        rows = Response.objects.filter(prompt__campaign=self.campaign).select_related("prompt", "system").defer("html")
        return {(r.prompt.key, r.system.key, r.key): r for r in rows}

    def take(self, row: Row) -> None:
        match row:
            case PromptRow():
                self._take_prompt(row)
            case SystemRow():
                self._take_system(row)
            case ResponseRow():
                self._take_response(row)
            case PairRow():
                self.has_pairs = True
                self._take_pair(row)
            case AnnotatorRow():
                self._take_annotator(row)
            case JudgmentRow():
                self._take_judgment(row)

    def finish(self) -> None:
        """Store what is still pending; a file of responses without pairs gets the pairing design."""
        if self.fresh and not self.has_pairs:
            self._pair_up()
        self._flush_judgments()

    def _refuse(self, row: Row, field: str, code: str, message: str) -> None:
        self.errors.add(file=row.file, line=row.line, field=field, code=code, message=message)

    def _take_prompt(self, row: PromptRow) -> None:
        messages = [{"role": m.role, "content": m.content} for m in row.messages]
        sha = _sha(messages)
        self.tags[row.prompt_id] = (row.tags, row.pool or "regular")
        known = self.prompts.get(row.prompt_id)
        if known:
            if messages and known.sha256 != sha:
                message = "This prompt id is in the campaign with another text. Give the new prompt a new id."
                self._refuse(row, "prompt", "conflict", message)
            return
        self.prompts[row.prompt_id] = Prompt.objects.create(
            campaign=self.campaign,
            key=row.prompt_id,
            messages=messages,
            html=rendering.render_messages(row.messages).html if messages else "",
            language=row.language or "",
            sha256=sha,
            extra=row.extra,
        )
        self.counts["prompts"] += 1

    def _take_system(self, row: SystemRow) -> None:
        known = self.systems.get(row.system_id)
        if known is None:
            self.systems[row.system_id] = System.objects.create(
                campaign=self.campaign,
                key=row.system_id,
                name=row.name,
                family=row.family or "",
                generation=row.generation,
            )
            self.counts["systems"] += 1
        elif row.generation is not None and row.generation != known.generation:
            message = "This system is in the campaign with other generation settings. Import it under another name."
            self._refuse(row, "generation", "conflict", message)

    def _take_response(self, row: ResponseRow) -> None:
        key = (row.prompt_id, row.system_id, row.response_id)
        sha = _sha(row.text)
        known = self.responses.get(key)
        if known:
            if row.text is not None and known.sha256 != sha:
                message = "This response is in the campaign with another text. Give it a response_id of its own."
                self._refuse(row, "response", "conflict", message)
            return
        rendered = rendering.render(row.text) if row.text is not None else None
        self.responses[key] = Response.objects.create(
            prompt=self.prompts[row.prompt_id],
            system=self.systems[row.system_id],
            key=row.response_id,
            text=row.text,
            html=rendered.html if rendered else "",
            renderer=rendered.renderer_version[:120] if rendered else "",
            length=None if row.text is None else len(row.text),
            sha256=sha,
            flags=list(rendered.flags) if rendered else [],
        )
        self.fresh.append(row)
        self.counts["responses"] += 1

    def _take_pair(self, row: PairRow) -> None:
        a = self.responses.get((row.prompt_id, row.system_a, row.response_a))
        b = self.responses.get((row.prompt_id, row.system_b, row.response_b))
        if a is None or b is None:
            self._refuse(row, "system_a" if a is None else "system_b", "unknown_ref", MISSING_RESPONSE)
        elif self.source.format == "canonical" and (a.text is None or b.text is None) and (a.pk, b.pk) not in self.tasks:
            self._refuse(row, "prompt_id", "unknown_ref", MISSING_TASK)
        else:
            tags, pool = self.tags.get(row.prompt_id, ((), "regular"))
            self._add_task(a, b, row, tags=row.tags or tags, pool=row.pool or pool)

    def _add_task(self, a: Response, b: Response, row: Row, *, tags: Iterable[str], pool: str) -> None:
        if (a.pk, b.pk) in self.tasks:
            return
        if pool not in POOLS:
            self._refuse(row, "pool", "bad_enum", f"A pool is one of {', '.join(POOLS)}.")
            return
        tags = list(tags)
        task = Task(
            campaign=self.campaign,
            rubric=self.rubric,
            prompt=a.prompt,
            response_a=a,
            response_b=b,
            order_key_a=f"{a.system.key}\x1f{a.key}",
            order_key_b=f"{b.system.key}\x1f{b.key}",
            pool=pool,
            tags=tags,
            content_warning=next((t.removeprefix(WARNING_TAG) for t in tags if t.startswith(WARNING_TAG)), ""),
            is_servable=a.text is not None and b.text is not None,
            snapshot_sha256=_sha([a.prompt.sha256, a.sha256, b.sha256, self.rubric.sha256]),
        )
        audit.seal(task)
        task.save()
        self.tasks[a.pk, b.pk] = task
        self.counts["tasks"] += 1

    def _pair_up(self) -> None:
        entries: dict[str, list[pairing.Entry]] = {}
        rows: dict[str, ResponseRow] = {}
        for (prompt, system, response), found in self.responses.items():
            if found.text is not None:
                entries.setdefault(prompt, []).append(pairing.Entry(system, response, found.sha256))
        for row in self.fresh:
            rows[row.prompt_id] = row
        fresh = {prompt: entries[prompt] for prompt in rows if prompt in entries}
        for prompt, pairs in pairing.design(fresh, pairs_per_prompt=self.source.pairs_per_prompt).items():
            tags, pool = self.tags[prompt]
            for a, b in pairs:
                left, right = self.responses[prompt, a.system, a.response], self.responses[prompt, b.system, b.response]
                self._add_task(left, right, rows[prompt], tags=tags, pool=pool)

    def _take_annotator(self, row: AnnotatorRow) -> None:
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
        own_source = self.source.format in {"llmfao", "mt_bench"}
        return f"import:{annotator_id}" if own_source else f"import:{self.source.source_name}:{annotator_id}"

    def _take_judgment(self, row: JudgmentRow) -> None:
        # Two answers of one chain never share a batch: the later one needs the key of the earlier.
        chain = (row.prompt_id, row.system_a, row.response_a, row.system_b, row.response_b)
        key = (*chain, row.annotator_id, row.criterion, row.round)
        if key in self.pending_keys or len(self.pending) >= BATCH:
            self._flush_judgments()
        self.pending.append(row)
        self.pending_keys.add(key)

    def _flush_judgments(self) -> None:
        judgments = [judgment for row in self.pending if (judgment := self._judgment(row))]
        self.pending, self.pending_keys = [], set()
        if self.errors.total:
            return
        Judgment.objects.bulk_create(judgments)
        audit.record_all("judgment.create", judgments, by=self.by, campaign=self.campaign)
        for judgment in judgments:
            self.chains[judgment.task_id, judgment.annotator_id, judgment.criterion_id, judgment.round] = judgment
        self.counts["judgments"] += len(judgments)

    def _judgment(self, row: JudgmentRow) -> Judgment | None:
        task, criterion = self._task_of(row), self._criterion_of(row)
        if task is None or criterion is None:
            return None
        annotator = self.annotators[row.annotator_id]
        earlier = None
        key = (task.pk, annotator.pk, criterion.pk, row.round)
        if key in self.chains and (earlier := self.chains[key]) is None:
            message = "The campaign already holds this annotator's answer to this task and round. Leave the row out."
            self._refuse(row, "annotator_id", "duplicate_id", message)
            return None
        judgment = Judgment(
            campaign=self.campaign,
            task=task,
            annotator=annotator,
            criterion=criterion,
            source=self.source,
            round=row.round,
            revision=earlier.revision + 1 if earlier else 0,
            supersedes=earlier,
            outcome=row.outcome,
            strength=row.strength,
            shown_order=row.shown_order,
            rationale=row.rationale or "",
            flags=list(row.flags),
            cluster_id=row.cluster_id or "",
            extra=row.extra,
            provenance=Judgment.Provenance.IMPORT,
            started_at=row.started_at,
            submitted_at=row.submitted_at,
            active_ms=row.active_ms,
            idempotency_key=f"{self.source.public_id}:{row.file[-30:]}:{row.line}",
        )
        audit.seal(judgment)
        judgment.payload_sha256 = hashlib.sha256(rfc8785.dumps(judgment.committed_content())).hexdigest()
        return judgment

    def _task_of(self, row: JudgmentRow) -> Task | None:
        a = self.responses.get((row.prompt_id, row.system_a, row.response_a))
        b = self.responses.get((row.prompt_id, row.system_b, row.response_b))
        task = self.tasks.get((a.pk, b.pk)) if a and b else None
        if task is None:
            self._refuse(row, "prompt_id", "unknown_ref", MISSING_TASK)
        return task

    def _criterion_of(self, row: JudgmentRow) -> Criterion | None:
        if row.criterion is None and len(self.criteria) == 1:
            return next(iter(self.criteria.values()))
        criterion = self.criteria.get(row.criterion or "")
        if criterion is None:
            message = f"The rubric's criteria are {', '.join(self.criteria)}. Name one of them."
            self._refuse(row, "criterion", "unknown_ref", message)
        return criterion


POOLS = ("regular", "edge", "adversarial", "out-of-distribution", "gold", "canary")
MISSING_RESPONSE = "The file names a response that is neither in it nor in the campaign. Add its row."
MISSING_TASK = "The campaign has no such task. Import the tasks first, or put a tasks file beside the judgments."
