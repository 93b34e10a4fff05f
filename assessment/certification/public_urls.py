"""The public page that verifies a certificate."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
