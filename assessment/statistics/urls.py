"""Addresses of statistics at the offices' desk."""

from django.urls import URLPattern, path

from assessment.statistics import desk

urlpatterns: list[URLPattern] = [
    path("", desk.analyses, name="statistics_list"),
    path("questions/<uuid:uuid>/", desk.question, name="statistics_question"),
    path("<uuid:uuid>/", desk.analysis, name="statistics_run"),
    path("<uuid:uuid>/excel/", desk.excel, name="statistics_excel"),
]
