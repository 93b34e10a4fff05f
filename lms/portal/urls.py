"""Homes and the pages that join domains."""

from django.urls import path

from lms.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("overview/works/", views.works_overview, name="works_overview"),
    path("jobs/dead/", views.dead_letters, name="dead_letters"),
    path("jobs/dead/<uuid:job>/retry/", views.retry_dead_letter, name="retry_dead_letter"),
    path("keys.txt", views.package_keys, name="package_keys"),
    path("healthz", views.healthz, name="healthz"),
]
