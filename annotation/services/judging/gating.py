"""Open or close the gate through which a judge fills a campaign's judge overlap."""

from django.db import transaction

from annotation.models import JudgeConfig, User
from annotation.permissions import check_may_change
from annotation.services import audit


@transaction.atomic
def set_gate(*, config: JudgeConfig, state: str, by: User) -> None:
    """Record what the alternative annotator test found; it holds for this campaign and rubric version alone."""
    check_may_change(by, config.campaign)
    locked = JudgeConfig.objects.select_for_update().get(pk=config.pk)
    locked.gate = JudgeConfig.Gate(state)
    audit.save(locked, "judge_config.gate", by=by, campaign=locked.campaign, gate=locked.gate)
    config.refresh_from_db()
