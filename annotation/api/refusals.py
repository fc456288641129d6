"""Which status and code each refusal of the services has; clients rely on the codes."""

from annotation.api.problems import answer
from annotation.permissions import NotVetted
from annotation.policies import CampaignNotOpen, CampaignStarted
from annotation.services import (
    assignments,
    campaigns,
    evaluators,
    golds,
    imports,
    judging,
    judgments,
    tokens,
    undo,
    vetting,
)

answer(NotVetted, 403, "not_vetted")
answer(assignments.NotYours, 404, "not_found")
answer(CampaignNotOpen, 409, "campaign_not_open")
answer(CampaignStarted, 409, "campaign_started")
answer(evaluators.AlreadyEnrolled, 409, "already_enrolled")
answer(judgments.AssignmentClosed, 409, "assignment_closed")
answer(undo.UndoTooLate, 409, "undo_too_late")
answer(judgments.AnswerRefused, 422, "answer_refused")
answer(judgments.KeyReused, 422, "key_reused")
answer(campaigns.RubricRefused, 422, "rubric_refused")
answer(evaluators.ConsentMissing, 422, "consent_missing")
answer(imports.UploadRefused, 422, "upload_refused")
answer(judging.JudgeRefused, 422, "judge_refused")
answer(tokens.TokenRefused, 422, "token_refused")
answer(vetting.SettingRefused, 422, "setting_refused")
answer(campaigns.LimitsRefused, 422, "limits_refused")
answer(golds.GoldRefused, 422, "gold_refused")
