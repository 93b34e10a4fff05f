"""Addresses of the law book."""

from django.urls import URLPattern, path, register_converter

from lms.policies import views


class Year:
    """A year the calendar may hold."""

    regex = r"(?:19[5-9]|20[0-9]|21[0-9])[0-9]"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(Year, "calendar_year")

app_name = "policies"
urlpatterns: list[URLPattern] = [
    path("", views.law_book, name="list"),
    path("<uuid:uuid>/", views.profile, name="profile"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/<calendar_year:year>/", views.calendar, name="calendar_year"),
    path("calendar/<calendar_year:year>/edit/", views.calendar_edit, name="calendar_edit"),
]
