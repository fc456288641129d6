"""Keep what a person has filled in and not sent: one draft an assignment, the last writer by revision.

A draft is not part of the record: it has no audit event, nobody but its author sees it, and an answer deletes it.
"""

from django.db.models import F

from annotation.models import Annotator, Assignment, Campaign
from annotation.services import assignments

MAX_LENGTH = 30_000


class DraftRefused(ValueError):
    """The draft cannot be kept as it is."""


class DraftOutdated(Exception):
    """Another tab has saved this task since, or it is not open to this person any more."""


def save(*, annotator: Annotator, campaign: Campaign, public_id: str, content: str, revision: int) -> int:
    """Keep a draft if nobody has written after this revision, and with it the task; return the next revision."""
    if len(content) > MAX_LENGTH:
        raise DraftRefused(f"A draft has at most {MAX_LENGTH:,} characters. Shorten the comment.")
    open_here = Assignment.objects.filter(
        public_id=public_id, annotator=annotator, campaign=campaign, state=Assignment.State.LEASED
    )
    if not open_here.filter(draft_revision=revision).update(draft=content, draft_revision=F("draft_revision") + 1):
        raise DraftOutdated("This task was changed in another tab or is closed. Reload the page to see how it stands.")
    assignments.extend(annotator=annotator, campaign=campaign, public_id=public_id)
    return revision + 1
