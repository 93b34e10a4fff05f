"""Addresses of marks: a candidate's own result, the desk's marks of a sitting, corrections of questions that were asked."""

from django.urls import URLPattern, path

from assessment.theory import views

urlpatterns: list[URLPattern] = [
    path("exam/<uuid:entry>/result/", views.result, name="paper_result"),
]
