from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.urls import path


def soon(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse("soon")


urlpatterns = [
    path("", soon, name="home"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", soon, name="account"),
    path("evaluate/", soon, name="evaluate-list"),
    path("evaluate/<slug:slug>/", soon, name="evaluate"),
    path("evaluate/<slug:slug>/skip/", soon, name="evaluate-skip"),
    path("evaluate/<slug:slug>/apply/", soon, name="apply"),
    path("campaigns/", soon, name="campaigns"),
    path("campaigns/new/", soon, name="campaign-new"),
    path("campaigns/<slug:slug>/state/", soon, name="campaign-state"),
    path("campaigns/<slug:slug>/people/", soon, name="campaign-people"),
    path("campaigns/<slug:slug>/import/", soon, name="campaign-import"),
    path("campaigns/<slug:slug>/imports/<uuid:public_id>/", soon, name="import-detail"),
    path("campaigns/<slug:slug>/judges/", soon, name="campaign-judges"),
    path("healthz", soon, name="healthz"),
]
