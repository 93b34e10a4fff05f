"""Old videos under a pack, below /admin/rules/<pack>/old/."""

from django.urls import path

from media_pipeline.rechecks import views

app_name = "rechecks"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("start/", views.start, name="start"),
    path("<uuid:row>/", views.work, name="work"),
]
