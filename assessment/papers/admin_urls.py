"""Where blueprints are written and papers drawn, below /admin/papers/."""

from django.urls import path

from assessment.papers import views

app_name = "papers"
urlpatterns = [
    path("", views.papers_list, name="list"),
    path("draw/", views.draw, name="draw"),
    path("blueprints/new/<int:level>/", views.new, name="new"),
    path("blueprints/<uuid:uuid>/", views.blueprint, name="blueprint"),
    path("blueprints/<uuid:uuid>/edit/", views.edit, name="edit"),
    path("<uuid:uuid>/", views.paper, name="paper"),
    path("<uuid:uuid>/print/", views.print_, name="print"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
]
