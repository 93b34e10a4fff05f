"""Addresses of this room, below classes/."""

from django.urls import URLPattern, path

from courses.classes import views

urlpatterns: list[URLPattern] = [
    path("new/", views.class_plan, name="class_plan"),
    path("<uuid:uuid>/coverage/", views.class_coverage, name="class_coverage"),
    path("<uuid:uuid>/coverage/file", views.class_coverage_file, name="class_coverage_file"),
    path("<uuid:uuid>/move", views.class_move, name="class_move"),
    path("<uuid:uuid>/taught/", views.class_taught, name="class_taught"),
    path("<uuid:uuid>/instructors/new/", views.instructor_add, name="instructor_add"),
]
