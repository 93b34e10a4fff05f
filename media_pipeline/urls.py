"""The trainee's works, under /works/."""

from django.urls import path

from media_pipeline.uploads import views

app_name = "media"
urlpatterns = [
    path("", views.works, name="works"),
    path("upload/", views.upload, name="upload"),
    path("<uuid:uuid>/", views.work, name="work"),
    path("<uuid:uuid>/progress/", views.work_progress, name="work_progress"),
]
