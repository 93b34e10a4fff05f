"""Addresses of this room, below curriculum/."""

from django.urls import URLPattern, path

from courses.catalogue import coverage_views, views

urlpatterns: list[URLPattern] = [
    path("coverage/", coverage_views.coverage, name="coverage"),
    path("coverage/file", coverage_views.coverage_file, name="coverage_file"),
    path("levels/", views.levels, name="levels"),
    path("levels/<int:level>/decide/", views.decide_level_view, name="decide_level"),
    path("files/<uuid:version>/<str:sha256>", views.version_file, name="version_file"),
]
