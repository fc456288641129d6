from django.urls import URLPattern, URLResolver, path, re_path

from annotation.api.problems import not_found
from calibration.api import refusals
from calibration.api.views import boards, exports, labels, runs

__all__ = ["refusals", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("campaigns/<slug:slug>/runs/", runs.Runs.as_view(), name="api-runs"),
    path("campaigns/<slug:slug>/planning/", runs.Planning.as_view(), name="api-planning"),
    path("runs/<uuid:public_id>/", runs.RunOne.as_view(), name="api-run"),
    path("runs/<uuid:public_id>/cancel/", runs.RunCancel.as_view(), name="api-run-cancel"),
    path("runs/<uuid:public_id>/estimates/", runs.Estimates.as_view(), name="api-estimates"),
    path("runs/<uuid:public_id>/agreement/", runs.AgreementOfRun.as_view(), name="api-agreement"),
    path("runs/<uuid:public_id>/agreement/pairs/", boards.Pairs.as_view(), name="api-pairs"),
    path("runs/<uuid:public_id>/leaderboard/", boards.Leaderboard.as_view(), name="api-leaderboard"),
    path("runs/<uuid:public_id>/comparable/<uuid:other>/", boards.Comparable.as_view(), name="api-comparable"),
    path("runs/<uuid:public_id>/labels/", labels.Classes.as_view(), name="api-labels"),
    path("runs/<uuid:public_id>/labels/prevalence/", labels.Prevalence.as_view(), name="api-prevalence"),
    path("runs/<uuid:public_id>/labels/differences/", labels.Differences.as_view(), name="api-share-differences"),
    path("runs/<uuid:public_id>/labels/annotators/", labels.Accuracies.as_view(), name="api-label-accuracies"),
    path("exports/", exports.Exports.as_view(), name="api-exports"),
    path("exports/<uuid:public_id>/", exports.ExportOne.as_view(), name="api-export"),
    path("exports/<uuid:public_id>/cancel/", exports.ExportCancel.as_view(), name="api-export-cancel"),
    path("exports/<uuid:public_id>/files/<path:name>", exports.ReleaseFile.as_view(), name="api-release-file"),
    path("exports/<uuid:public_id>/download/", exports.Download.as_view(), name="api-download"),
    # Last of all below /api/v1/: what no address above has taken.
    re_path(r"^", not_found, name="api-nothing"),
]
