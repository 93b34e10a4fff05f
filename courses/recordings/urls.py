"""Addresses of this room, below classes/."""

from django.urls import URLPattern, path

from courses.recordings import views

urlpatterns: list[URLPattern] = [
    path("<uuid:training_class>/recordings/", views.recordings, name="recordings"),
    path("<uuid:training_class>/recordings/new/", views.recording_new, name="recording_new"),
    path("<uuid:training_class>/recordings/<uuid:uuid>/", views.recording, name="recording"),
    path("<uuid:training_class>/recordings/<uuid:uuid>/progress", views.recording_progress, name="recording_progress"),
    path("<uuid:training_class>/recordings/<uuid:uuid>/withdraw", views.recording_withdraw, name="recording_withdraw"),
    path("<uuid:training_class>/recordings/<uuid:uuid>/<str:what>", views.recording_file, name="recording_file"),
]
