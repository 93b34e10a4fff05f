"""Addresses of blueprints and papers at the offices' desk."""

from django.urls import URLPattern, path

from assessment.papers import desk

urlpatterns: list[URLPattern] = [
    path("", desk.papers, name="papers"),
    path("blueprints/<uuid:uuid>/", desk.blueprint, name="blueprint"),
    path("blueprints/<uuid:uuid>/approve/", desk.approve, name="blueprint_approve"),
    path("<uuid:uuid>/", desk.paper, name="paper"),
    path("<uuid:uuid>/approve/", desk.approve_form, name="paper_approve"),
    path("<uuid:uuid>/withdraw/", desk.withdraw_form, name="paper_withdraw"),
]
