"""Addresses of sittings at the offices' desk."""

from django.urls import URLPattern, path

from assessment.delivery import desk, desk_arrangements

urlpatterns: list[URLPattern] = [
    path("", desk.sittings, name="sittings"),
    path("new/", desk.new, name="sitting_new"),
    path("<uuid:uuid>/", desk.sitting, name="sitting"),
    path("<uuid:uuid>/edit/", desk.edit, name="sitting_edit"),
    path("<uuid:uuid>/board/", desk.board, name="sitting_board"),
    path("<uuid:uuid>/board/rows/", desk.board_rows, name="sitting_board_rows"),
    path("<uuid:uuid>/board/<slug:step>/", desk.everybody, name="sitting_everybody"),
    path("<uuid:uuid>/print/<slug:what>/", desk.printed, name="sitting_print"),
    path("<uuid:uuid>/applications/<uuid:application>/", desk.application_step, name="sitting_application"),
    path("<uuid:uuid>/candidates/<uuid:entry>/", desk.candidate, name="sitting_candidate"),
    path("<uuid:uuid>/candidates/<uuid:entry>/form/", desk_arrangements.paper_form, name="sitting_paper_form"),
    path(
        "<uuid:uuid>/candidates/<uuid:entry>/arrangements/<uuid:arrangement>/",
        desk.arrangement_step,
        name="sitting_arrangement",
    ),
    path(
        "<uuid:uuid>/candidates/<uuid:entry>/<uuid:attempt>/keying/",
        desk_arrangements.keying,
        name="sitting_keying",
    ),
    path(
        "<uuid:uuid>/candidates/<uuid:entry>/<uuid:attempt>/settling/",
        desk_arrangements.settling,
        name="sitting_settling",
    ),
    path("<uuid:uuid>/candidates/<uuid:entry>/<slug:step>/", desk.candidate_step, name="sitting_candidate_step"),
    path(
        "<uuid:uuid>/candidates/<uuid:entry>/<uuid:attempt>/<slug:step>/",
        desk.attempt_step,
        name="sitting_attempt_step",
    ),
    path("<uuid:uuid>/<slug:step>/", desk.step, name="sitting_step"),
]
