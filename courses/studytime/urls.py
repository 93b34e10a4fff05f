"""Addresses of this room, below study-time/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
