"""Addresses of this room, below study-time/."""

from django.urls import URLPattern, path

from courses.studytime import views

urlpatterns: list[URLPattern] = [
    path("", views.study_time, name="study_time"),
    path("open", views.opening, name="study_open"),
    path("beat", views.beat, name="study_beat"),
    path("count", views.count, name="study_count"),
    path("platforms/", views.listed_platforms, name="listed_platforms"),
    path("platforms/<uuid:uuid>/end", views.listed_platform_end, name="listed_platform_end"),
    path("<uuid:training_class>/", views.class_time, name="study_time_class"),
    path("<uuid:training_class>/export/<str:kind>", views.class_export, name="study_time_export"),
    path("<uuid:training_class>/logs/", views.platform_logs, name="platform_logs"),
    path("<uuid:training_class>/logs/<uuid:uuid>/file", views.platform_log_file, name="platform_log_file"),
    path("<uuid:training_class>/<uuid:enrolment>/", views.person_time, name="study_time_person"),
]
