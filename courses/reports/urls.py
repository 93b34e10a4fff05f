"""Addresses of this room, below progress/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
