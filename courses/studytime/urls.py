"""Addresses of study time, under study-time/."""

from django.urls import path

from courses.studytime import views

urlpatterns = [
    path("open", views.opening, name="study_open"),
    path("beat", views.beat, name="study_beat"),
    path("count", views.count, name="study_count"),
]
