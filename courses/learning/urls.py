"""Addresses of this room, below study/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
