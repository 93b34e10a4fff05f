"""Every room's addresses, from the top of the site."""

from django.urls import include, path

app_name = "courses"
urlpatterns = [
    path("classes/", include("courses.classes.urls")),
    path("curriculum/", include("courses.catalogue.urls")),
    path("lesson-videos/", include("courses.videos.urls")),
    path("study/", include("courses.learning.urls")),
    path("study-time/", include("courses.studytime.urls")),
    path("homework/", include("courses.homework.urls")),
    path("progress/", include("courses.reports.urls")),
    path("", include("courses.enrolment.urls")),
]
