"""Addresses of this room, below lesson-videos/: files by signed address."""

from django.urls import path

from courses.videos import views

urlpatterns = [
    path("<uuid:uuid>/<str:what>", views.lesson_video_file, name="lesson_video_file"),
]
