"""Addresses of this room, below homework/."""

from django.urls import URLPattern, path

from courses.homework import views

urlpatterns: list[URLPattern] = [
    path("", views.homework, name="homework"),
    path("items/<uuid:uuid>/", views.homework_item, name="homework_item"),
    path("items/<uuid:uuid>/mark", views.homework_mark, name="homework_mark"),
    path("items/<uuid:uuid>/return", views.homework_return, name="homework_return"),
    path("items/<uuid:uuid>/take-back", views.homework_take_back, name="homework_take_back"),
    path("items/<uuid:uuid>/<str:what>", views.homework_video_file, name="homework_video_file"),
    path("pictures/<uuid:uuid>", views.homework_picture, name="homework_picture"),
    path("video/<uuid:training_class>/<uuid:task>/", views.homework_video, name="homework_video"),
    path("<uuid:training_class>/", views.homework_class, name="homework_class"),
    path("<uuid:training_class>/settle", views.homework_settle, name="homework_settle"),
    path("<uuid:training_class>/<uuid:task>/", views.homework_task, name="homework_task"),
    path("<uuid:training_class>/<uuid:task>/draft", views.homework_draft, name="homework_draft"),
]
