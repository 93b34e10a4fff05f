"""Addresses of export and import, below curriculum/exchange/."""

from django.urls import URLPattern, path

from courses.catalogue.exchange import views

urlpatterns: list[URLPattern] = [
    path("", views.exchange, name="exchange"),
    path("export/", views.export, name="exchange_export"),
    path("import/<uuid:token>/", views.folder, name="exchange_import"),
    path("word/<uuid:token>/", views.word, name="exchange_word"),
]
