"""Addresses of this room, below lesson-videos/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
