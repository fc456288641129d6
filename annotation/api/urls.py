from django.urls import URLPattern, URLResolver, path

from annotation.api import documents, refusals
from annotation.api.views import campaigns, evaluate, imports, judges, people, records, settings, tokens

__all__ = ["refusals", "urlpatterns"]

CAMPAIGN = "campaigns/<slug:slug>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", documents.schema, name="api-schema"),
    path("docs/", documents.page, name="api-docs"),
    path("tokens/", tokens.Tokens.as_view(), name="api-tokens"),
    path("tokens/current/", tokens.CurrentToken.as_view(), name="api-token"),
    path("enrollments/", people.OwnStandings.as_view(), name="api-standings"),
    path("campaigns/", campaigns.Campaigns.as_view(), name="api-campaigns"),
    path(CAMPAIGN, campaigns.CampaignOne.as_view(), name="api-campaign"),
    path(CAMPAIGN + "state/", campaigns.State.as_view(), name="api-campaign-state"),
    path(CAMPAIGN + "members/", campaigns.Members.as_view(), name="api-members"),
    path(CAMPAIGN + "vetting/", settings.Vetting.as_view(), name="api-vetting"),
    path(CAMPAIGN + "limits/", settings.Limits.as_view(), name="api-limits"),
    path(CAMPAIGN + "consents/", settings.Consents.as_view(), name="api-consents"),
    path(CAMPAIGN + "rubrics/", settings.Rubrics.as_view(), name="api-rubrics"),
    path(CAMPAIGN + "tasks/<uuid:task>/gold/", settings.Golds.as_view(), name="api-gold"),
    path(CAMPAIGN + "apply/", people.Apply.as_view(), name="api-apply"),
    path(CAMPAIGN + "enrollments/", people.Enrollments.as_view(), name="api-enrollments"),
    path(CAMPAIGN + "enrollments/<uuid:annotator>/", people.Decision.as_view(), name="api-decision"),
    path(CAMPAIGN + "next/", evaluate.Next.as_view(), name="api-next"),
    path("assignments/<slug:public_id>/judgments/", evaluate.Answers.as_view(), name="api-submit"),
    path("assignments/<slug:public_id>/undo/", evaluate.Undo.as_view(), name="api-undo"),
    path("assignments/<slug:public_id>/skip/", evaluate.Skip.as_view(), name="api-skip"),
    path(CAMPAIGN + "imports/", imports.Imports.as_view(), name="api-imports"),
    path(CAMPAIGN + "imports/<uuid:public_id>/", imports.ImportOne.as_view(), name="api-import"),
    path(CAMPAIGN + "imports/<uuid:public_id>/confirm/", imports.ImportConfirm.as_view(), name="api-import-confirm"),
    path(CAMPAIGN + "tasks/", records.Tasks.as_view(), name="api-tasks"),
    path(CAMPAIGN + "judgments/", records.Judgments.as_view(), name="api-judgments"),
    path(CAMPAIGN + "annotators/", records.Annotators.as_view(), name="api-annotators"),
    path(CAMPAIGN + "judges/", judges.Judges.as_view(), name="api-judges"),
    path(CAMPAIGN + "judges/<uuid:judge>/start/", judges.JudgeStart.as_view(), name="api-judge-start"),
    path(CAMPAIGN + "judges/<uuid:judge>/run/", judges.JudgeRunState.as_view(), name="api-judge-run"),
    path(CAMPAIGN + "judges/<uuid:judge>/endpoint/", judges.JudgeEndpointChange.as_view(), name="api-judge-endpoint"),
    path(CAMPAIGN + "judges/<uuid:judge>/estimate/", judges.JudgeEstimate.as_view(), name="api-judge-estimate"),
]
