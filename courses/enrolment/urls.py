"""Addresses of this room: classes with their people, and enrolments."""

from django.urls import URLPattern, path

from courses.enrolment import views

urlpatterns: list[URLPattern] = [
    path("classes/", views.classes, name="classes"),
    path("classes/<uuid:uuid>/", views.class_, name="class"),
    path("classes/<uuid:uuid>/start", views.class_start, name="class_start"),
    path("enrolment/", views.enrolments, name="enrolments"),
    path("enrolment/new/<uuid:uuid>/", views.enrol, name="enrol"),
    path("enrolment/<uuid:uuid>/", views.enrolment, name="enrolment"),
    path("enrolment/<uuid:uuid>/admit", views.enrolment_admit, name="enrolment_admit"),
    path("enrolment/<uuid:uuid>/reject", views.enrolment_reject, name="enrolment_reject"),
    path("enrolment/<uuid:uuid>/leave", views.enrolment_leave, name="enrolment_leave"),
    path("enrolment/<uuid:uuid>/withdraw", views.enrolment_withdraw, name="enrolment_withdraw"),
]
