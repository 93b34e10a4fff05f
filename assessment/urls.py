"""Every room's addresses, from the top of the site."""

from django.urls import include, path

app_name = "assessment"
urlpatterns = [
    path("", include("assessment.marking.urls")),
    path("specifications/", include("assessment.specification.urls")),
    path("papers/", include("assessment.papers.urls")),
    path("candidates/", include("assessment.candidates.urls")),
    path("examiners/", include("assessment.examiners.urls")),
    path("results/", include("assessment.results.urls")),
    path("certification/", include("assessment.certification.urls")),
    path("statistics/", include("assessment.statistics.urls")),
    path("", include("assessment.theory.urls")),
    path("sittings/", include("assessment.delivery.desk_urls")),
    path("", include("assessment.delivery.urls")),
    path("verify/", include("assessment.certification.public_urls")),
]
