"""Where the committee reads statistics and decides on flags, below /admin/statistics/."""

from django.urls import path

from assessment.statistics import views

app_name = "statistics"
urlpatterns = [
    path("", views.analyses, name="list"),
    path("concerns/", views.concerns, name="concerns"),
    path("concerns/<uuid:uuid>/decide/", views.decide, name="decide"),
    path("again/<str:kind>/<uuid:subject>/", views.again, name="again"),
    path("questions/<uuid:uuid>/", views.question, name="question"),
    path("questions/<uuid:uuid>/options/<int:item>/", views.options, name="options"),
    path("<uuid:uuid>/", views.analysis, name="run"),
    path("<uuid:uuid>/excel/", views.excel, name="excel"),
]
