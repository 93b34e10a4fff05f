from django.urls import path

from lms.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="list"),
    path("unreached/", views.unreached, name="unreached"),
    path("<uuid:notice>/", views.notice, name="notice"),
    path("<uuid:notice>/told/", views.told, name="told"),
]
