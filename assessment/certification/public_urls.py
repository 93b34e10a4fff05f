"""The public page that verifies a certificate."""

from django.urls import URLPattern, path

from assessment.certification import views

urlpatterns: list[URLPattern] = [
    path("", views.verify, name="verify"),
    path("<str:code>/", views.verify_code, name="verify_code"),
]
