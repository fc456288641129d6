"""What a run was measured with, and whether two runs' boards may stand side by side."""

import hashlib
from collections.abc import Mapping

from annotation.models import Annotator
from calibration.bayes import protocol
from calibration.bayes.protocol import Comparability, Protocol
from calibration.models import Run

LONGEST = 200


def of(run: Run) -> dict[str, str]:
    """Return the protocol of a run: hash of the rubrics, version of the pool of tasks, who judges."""
    seen = run.campaign.judgments.filter(pk__lte=run.last_judgment_id or 0)
    rubrics = seen.order_by().values_list("criterion__rubric__sha256", flat=True).distinct()
    tasks = run.campaign.tasks.filter(created_at__lte=run.created_at).order_by("snapshot_sha256")
    return {
        "rubric_hash": _hash(sorted(rubrics)),
        "pool_version": _hash(tasks.values_list("snapshot_sha256", flat=True).iterator()),
        "annotator_pool": _pool(run),
    }


def _hash(parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:  # type: ignore[attr-defined]
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


def _pool(run: Run) -> str:
    """Name who judges: people by group, models by name and version; one more person of a group changes nothing."""
    who = Annotator.objects.in_campaign(run.campaign).filter(judgments__pk__lte=run.last_judgment_id or 0)
    named = sorted({_name(row) for row in who.only("kind", "name", "group", "version")})
    text = f"{', '.join(named)}; campaign {run.campaign.slug}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 15]}… {_hash([text])[:12]}"


def _name(annotator: Annotator) -> str:
    if annotator.is_human:
        return f"people ({annotator.group})" if annotator.group else "people"
    return f"{annotator.name} {annotator.version[:12]}".strip()


def comparable(one: Mapping[str, str], other: Mapping[str, str]) -> Comparability:
    """Compare two protocols as runs keep them; a run without one has nothing known."""
    return protocol.comparable(Protocol(**one), Protocol(**other))
