"""Where packages are handed in, below /admin/packages/."""

from django.urls import path

from courses.packages import views

app_name = "packages"
urlpatterns = [
    path("", views.packages, name="list"),
    path("upload/", views.upload, name="upload"),
]
