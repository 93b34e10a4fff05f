"""Addresses of this room, below homework/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
