"""Every room's addresses, from the top of the site."""

from django.urls import include, path

app_name = "courses"
urlpatterns = [
    path("classes/", include("courses.classes.urls")),
    path("", include("courses.enrolment.urls")),
]
