"""Addresses of this room, below study/."""

from django.urls import URLPattern, path

from courses.learning import views

_LESSON = "<uuid:training_class>/<uuid:lesson>/"

urlpatterns: list[URLPattern] = [
    path("", views.study, name="study"),
    path("sw.js", views.study_worker, name="study_worker"),
    path("offline/", views.study_offline, name="study_offline"),
    path("search/", views.study_search, name="study_search"),
    path("questions/", views.lesson_questions, name="lesson_questions"),
    path("questions/<uuid:uuid>/", views.lesson_question, name="lesson_question"),
    path("<uuid:training_class>/", views.study_class, name="study_class"),
    path("<uuid:training_class>/path/", views.study_path, name="study_path"),
    path("<uuid:training_class>/deadlines", views.study_deadline, name="study_deadline"),
    path(
        "<uuid:training_class>/deadlines/<uuid:uuid>/remove", views.study_deadline_remove, name="study_deadline_remove"
    ),
    path(_LESSON, views.lesson, name="lesson"),
    path(f"{_LESSON}progress", views.lesson_progress, name="lesson_progress"),
    path(f"{_LESSON}done", views.lesson_done, name="lesson_done"),
    path(f"{_LESSON}note", views.lesson_note, name="lesson_note"),
    path(f"{_LESSON}bookmark", views.lesson_bookmark, name="lesson_bookmark"),
    path(f"{_LESSON}package/<uuid:package>", views.lesson_package, name="lesson_package"),
    path(f"{_LESSON}question", views.lesson_ask, name="lesson_ask"),
    path(f"{_LESSON}check/<uuid:check>", views.lesson_check, name="lesson_check"),
]
