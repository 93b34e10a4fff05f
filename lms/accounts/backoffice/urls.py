"""The administrator's addresses, below /admin/people/."""

from django.urls import path

from lms.accounts.backoffice import views

app_name = "people_admin"
urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/new/", views.new_organisation, name="new_organisation"),
    path("organisations/<uuid:uuid>/", views.organisation, name="organisation"),
    path("users/", views.users, name="users"),
    path("users/new/", views.new_user, name="new_user"),
    path("users/<uuid:uuid>/", views.user, name="user"),
    path("users/<uuid:uuid>/activity/", views.activity, name="activity"),
    path("users/<uuid:uuid>/roles/", views.grant, name="grant"),
    path("users/<uuid:uuid>/roles/<uuid:membership>/end/", views.end, name="end"),
    path("persons/", views.persons, name="persons"),
    path("persons/new/", views.new_person, name="new_person"),
]
