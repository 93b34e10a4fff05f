"""Addresses of this room, below progress/."""

from django.urls import URLPattern, path

from courses.reports import views

urlpatterns: list[URLPattern] = [
    path("", views.progress, name="progress"),
    path("<uuid:training_class>/", views.progress_class, name="progress_class"),
    path("<uuid:training_class>/table.xlsx", views.progress_export, name="progress_export"),
    path("<uuid:training_class>/<uuid:enrolment>/", views.progress_person, name="progress_person"),
]
