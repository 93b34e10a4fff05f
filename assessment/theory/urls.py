"""Addresses of marks: a candidate's own result, the marks of a sitting, corrections of questions that were asked."""

from django.urls import URLPattern, path

from assessment.theory import views

urlpatterns: list[URLPattern] = [
    path("exam/<uuid:entry>/result/", views.result, name="paper_result"),
    path("sittings/<uuid:uuid>/marks/", views.marks, name="sitting_marks"),
    path("sittings/<uuid:uuid>/marks/confirm/", views.confirm, name="sitting_marks_confirm"),
    path("sittings/<uuid:uuid>/marks/release/", views.release, name="sitting_marks_release"),
    path("sittings/<uuid:uuid>/marks/<uuid:attempt>/settle/", views.settle, name="sitting_marks_settle"),
    path("question-corrections/", views.corrections, name="question_corrections"),
    path("question-corrections/new/<uuid:version>/", views.propose, name="question_correction_new"),
    path("question-corrections/<uuid:uuid>/", views.correction, name="question_correction"),
    path("question-corrections/<uuid:uuid>/decide/", views.decide, name="question_correction_decide"),
]
