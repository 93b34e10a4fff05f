"""Results: hers to read, the desk's to confirm and release."""

from django.urls import URLPattern, path

from assessment.results import views

urlpatterns: list[URLPattern] = [
    path("", views.results, name="results"),
    path("confirm/", views.confirm_selected, name="results_confirm"),
    path("release/", views.release_selected, name="results_release"),
    path("<uuid:uuid>/", views.result, name="result"),
    path("<uuid:uuid>/confirm/", views.confirm, name="result_confirm"),
    path("<uuid:uuid>/release/", views.release, name="result_release"),
]
