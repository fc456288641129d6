from django.urls import path

from annotation.views import account, campaigns, evaluate, evaluators, health, imports, judges, people, session

urlpatterns = [
    path("", session.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", session.SignOut.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/theme/", account.theme, name="account-theme"),
    path("account/tokens/", account.token_create, name="token-create"),
    path("account/tokens/<str:token_key>/revoke/", account.token_revoke, name="token-revoke"),
    path("evaluate/", evaluators.evaluate_list, name="evaluate-list"),
    path("evaluate/<slug:slug>/", evaluate.evaluate, name="evaluate"),
    path("evaluate/<slug:slug>/pause/", evaluate.pause, name="evaluate-pause"),
    path("evaluate/<slug:slug>/undo/", evaluate.undo, name="evaluate-undo"),
    path("evaluate/<slug:slug>/draft/", evaluate.draft, name="evaluate-draft"),
    path("evaluate/<slug:slug>/skip/", evaluate.skip, name="evaluate-skip"),
    path("evaluate/<slug:slug>/apply/", evaluators.apply, name="apply"),
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign-new"),
    path("campaigns/<slug:slug>/state/", campaigns.campaign_state, name="campaign-state"),
    path("campaigns/<slug:slug>/people/", people.people, name="campaign-people"),
    path("campaigns/<slug:slug>/people/<int:enrollment_id>/", people.decide, name="enrollment-decide"),
    path("campaigns/<slug:slug>/members/", people.member_add, name="member-add"),
    path("campaigns/<slug:slug>/import/", imports.campaign_import, name="campaign-import"),
    path("campaigns/<slug:slug>/imports/<uuid:public_id>/", imports.import_detail, name="import-detail"),
    path("campaigns/<slug:slug>/imports/<uuid:public_id>/confirm/", imports.import_confirm, name="import-confirm"),
    path("campaigns/<slug:slug>/judges/", judges.campaign_judges, name="campaign-judges"),
    path("campaigns/<slug:slug>/judges/<int:config_id>/start/", judges.judge_start, name="judge-start"),
]
