"""Addresses of this room."""

from django.urls import URLPattern, path

from assessment.examiners import views

urlpatterns: list[URLPattern] = [
    path("", views.examiners, name="examiners"),
    path("new/", views.examiner_add, name="examiner_add"),
    path("<uuid:uuid>/move", views.examiner_move, name="examiner_move"),
]
