"""Addresses of the specifications."""

from django.urls import URLPattern, path

from assessment.specification import views

urlpatterns: list[URLPattern] = [
    path("", views.specification_list, name="specifications"),
    path("<uuid:uuid>/", views.specification, name="specification"),
    path("<uuid:uuid>/approve/", views.approve, name="specification_approve"),
]
