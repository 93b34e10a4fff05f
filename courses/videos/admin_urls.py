"""Where lesson videos are made, below /admin/lesson-videos/."""

from django.urls import path

from courses.videos import views

app_name = "lesson_videos"
urlpatterns = [
    path("", views.videos, name="list"),
    path("upload/", views.upload, name="upload"),
    path("<uuid:uuid>/", views.video, name="video"),
    path("<uuid:uuid>/progress/", views.progress, name="progress"),
    path("<uuid:uuid>/title/", views.title, name="title"),
]
