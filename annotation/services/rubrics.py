"""The questions of a rubric version; it never changes, so a process reads it once."""

from functools import lru_cache

from annotation.models import Criterion


@lru_cache(maxsize=1_024)
def criteria(rubric_id: int) -> tuple[Criterion, ...]:
    """Return a locked version's criteria in their order."""
    return tuple(Criterion.objects.filter(rubric_id=rubric_id).order_by("position"))
