from django.urls import include, path

urlpatterns = [
    path("", include("annotation.urls")),
    path("campaigns/", include("calibration.urls")),
    path("api/v1/", include("annotation.api.urls")),
    path("api/v1/", include("calibration.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "annotation.views.errors.bad_request"
handler403 = "annotation.views.errors.forbidden"
handler404 = "annotation.views.errors.not_found"
handler500 = "annotation.views.errors.server_error"
