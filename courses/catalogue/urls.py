"""Addresses of this room, below curriculum/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
