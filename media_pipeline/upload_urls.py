"""Uploads in pieces, under /uploads/."""

from django.urls import path

from media_pipeline.uploads import tus

app_name = "uploads"
urlpatterns = [
    path("", tus.uploads, name="uploads"),
    path("<uuid:uuid>/", tus.upload, name="upload"),
]
