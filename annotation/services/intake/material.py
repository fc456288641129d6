"""Prompts, systems, responses and tasks of an import."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from annotation import rendering, tasktypes
from annotation.models import Import, Prompt, Response, Rubric, System, Task
from annotation.readers.errors import Code, ErrorLog
from annotation.readers.rows import PairRow, PromptRow, ResponseRow, Row, SystemRow
from annotation.services import audit, pairing

WARNING_TAG = "content-warning:"
POOLS = ("regular", "edge", "adversarial", "out-of-distribution", "gold", "canary")
MISSING_RESPONSE = "The file names a response that is neither in it nor in the campaign. Add its row."
MISSING_TASK = "The campaign has no such task. Import the tasks first, or put a tasks file beside the judgments."
NO_PAIRS = "This campaign judges one response at a time. Leave the pairs file out, or import it into a comparison."
ResponseKey = tuple[str, str, str]


def _sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def snapshot(prompt: Prompt, shown: Iterable[Response], rubric: Rubric) -> str:
    """Identify what a task shows: its texts and the version of its rubric."""
    return _sha([prompt.sha256, *(response.sha256 for response in shown), rubric.sha256])


class Material:
    """What is judged: stored at once, since judgments need its keys."""

    def __init__(self, source: Import, errors: ErrorLog, counts: Counter[str]) -> None:
        self.source, self.errors, self.counts = source, errors, counts
        self.campaign = source.campaign
        self.rubric = self.campaign.rubric
        self.prompts: dict[str, Prompt] = {p.key: p for p in self.campaign.prompts.all()}
        self.systems: dict[str, System] = {s.key: s for s in self.campaign.systems.all()}
        self.responses: dict[ResponseKey, Response] = self._known_responses()
        self.is_single = tasktypes.TASK_TYPES[self.campaign.task_type].responses == 1
        self.tasks: dict[tuple[int, int | None], Task] = {
            (t.response_a_id, t.response_b_id): t for t in self.campaign.tasks.filter(rubric=self.rubric)
        }
        self.fresh: list[ResponseRow] = []
        self.tags: dict[str, tuple[tuple[str, ...], str]] = {}
        self.has_pairs = False

    def _known_responses(self) -> dict[ResponseKey, Response]:
        rows = Response.objects.filter(prompt__campaign=self.campaign).select_related("prompt", "system").defer("html")
        return {(r.prompt.key, r.system.key, r.key): r for r in rows}

    def settle(self) -> None:
        """Give responses that are judged alone their tasks, before the first judgment of them is stored."""
        if self.is_single:
            self._one_each()

    def finish(self) -> None:
        """Give a file of responses without pairs the pairing design, or a task each where they are judged alone."""
        self.settle()
        if not self.is_single and self.fresh and not self.has_pairs:
            self._pair_up()

    def find_task(self, prompt: str, a: tuple[str, str], b: tuple[str, str]) -> Task | None:
        first, second = self.responses.get((prompt, *a)), self.responses.get((prompt, *b))
        return self.tasks.get((first.pk, second.pk)) if first and second else None

    def find_single(self, prompt: str, a: tuple[str, str]) -> Task | None:
        shown = self.responses.get((prompt, *a))
        return self.tasks.get((shown.pk, None)) if shown else None

    def _refuse(self, row: Row, field: str, code: Code, message: str) -> None:
        self.errors.add(file=row.file, line=row.line, field=field, code=code, message=message)

    def take_prompt(self, row: PromptRow) -> None:
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

    def take_system(self, row: SystemRow) -> None:
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

    def take_response(self, row: ResponseRow) -> None:
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

    def take_pair(self, row: PairRow) -> None:
        self.has_pairs = True
        if self.is_single:
            self._refuse(row, "prompt_id", "conflict", NO_PAIRS)
            return
        a = self.responses.get((row.prompt_id, row.system_a, row.response_a))
        b = self.responses.get((row.prompt_id, row.system_b, row.response_b))
        if a is None or b is None:
            self._refuse(row, "system_a" if a is None else "system_b", "unknown_ref", MISSING_RESPONSE)
        elif (
            self.source.format == "canonical" and (a.text is None or b.text is None) and (a.pk, b.pk) not in self.tasks
        ):
            self._refuse(row, "prompt_id", "unknown_ref", MISSING_TASK)
        else:
            tags, pool = self.tags.get(row.prompt_id, ((), "regular"))
            self._add_task(a, b, row, tags=row.tags or tags, pool=row.pool or pool)

    def _one_each(self) -> None:
        for row in self.fresh:
            tags, pool = self.tags[row.prompt_id]
            response = self.responses[row.prompt_id, row.system_id, row.response_id]
            self._add_task(response, None, row, tags=tags, pool=pool)
        self.fresh = []

    def _add_task(self, a: Response, b: Response | None, row: Row, *, tags: Iterable[str], pool: str) -> None:
        if (a.pk, b.pk if b else None) in self.tasks:
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
            order_key_b=f"{b.system.key}\x1f{b.key}" if b else None,
            task_type=self.campaign.task_type,
            pool=pool,
            tags=tags,
            content_warning=next((t.removeprefix(WARNING_TAG) for t in tags if t.startswith(WARNING_TAG)), ""),
            is_servable=all(shown.text is not None for shown in (a, b) if shown),
            snapshot_sha256=snapshot(a.prompt, [shown for shown in (a, b) if shown], self.rubric),
        )
        audit.seal(task)
        task.save()
        self.tasks[a.pk, b.pk if b else None] = task
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
