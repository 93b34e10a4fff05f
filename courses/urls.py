"""Every room's addresses, from the top of the site."""

from django.urls import include, path

from courses.catalogue.views import draft_file

app_name = "courses"
urlpatterns = [
    path("classes/", include("courses.classes.urls")),
    path("classes/", include("courses.recordings.urls")),
    path("curriculum/exchange/", include("courses.catalogue.exchange.urls")),
    path("curriculum/", include("courses.catalogue.urls")),
    # Where Wagtail's admin looks for its pictures and documents (MEDIA_URL).
    path("media/<path:name>", draft_file, name="draft_file"),
    path("lesson-videos/", include("courses.videos.urls")),
    path("study/", include("courses.learning.urls")),
    path("study-time/", include("courses.studytime.urls")),
    path("homework/", include("courses.homework.urls")),
    path("progress/", include("courses.reports.urls")),
    path("xapi/", include("courses.statements.urls")),
    path("", include("courses.enrolment.urls")),
]
