"""Addresses of this room, below xapi/."""

from django.urls import URLPattern, path

from courses.statements import views

urlpatterns: list[URLPattern] = [
    path("", views.clients, name="statement_clients"),
    path("export/", views.file, name="statement_file"),
    path("clients/<uuid:uuid>/revoke/", views.revoke, name="statement_revoke"),
    path("about", views.about, name="xapi_about"),
    path("statements", views.statements, name="xapi_statements"),
]
