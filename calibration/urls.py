from django.urls import path

from calibration.views import (
    agreement,
    annotators,
    compare,
    judges,
    judgments,
    overview,
    planning,
    releases,
    runs,
    systems,
    tasks,
)

app_name = "calibration"
urlpatterns = [
    path("<slug:slug>/", overview.overview, name="overview"),
    path("<slug:slug>/annotators/", annotators.index, name="annotators"),
    path("<slug:slug>/annotators/<uuid:public_id>/", annotators.detail, name="annotator"),
    path("<slug:slug>/judge/<uuid:public_id>/", judges.detail, name="judge"),
    path("<slug:slug>/judge/<uuid:public_id>/examine/", judges.examine, name="judge-examine"),
    path("<slug:slug>/compare/", compare.show, name="compare"),
    path("<slug:slug>/systems/", systems.show, name="systems"),
    path("<slug:slug>/agreement/", agreement.show, name="agreement"),
    path("<slug:slug>/tasks/", tasks.index, name="tasks"),
    path("<slug:slug>/tasks/<uuid:public_id>/", tasks.detail, name="task"),
    path("<slug:slug>/judgments/", judgments.index, name="judgments"),
    path("<slug:slug>/planning/", planning.show, name="planning"),
    path("<slug:slug>/runs/", runs.index, name="runs"),
    path("<slug:slug>/runs/start/", runs.start, name="run-start"),
    path("<slug:slug>/runs/<uuid:public_id>/", runs.detail, name="run"),
    path("<slug:slug>/runs/<uuid:public_id>/cancel/", runs.cancel, name="run-cancel"),
    path("<slug:slug>/releases/", releases.index, name="releases"),
    path("<slug:slug>/releases/build/", releases.build, name="release-build"),
    path("<slug:slug>/releases/<uuid:public_id>/progress/", releases.progress, name="release-progress"),
    path("<slug:slug>/releases/<uuid:public_id>/download/", releases.download, name="release-download"),
]
