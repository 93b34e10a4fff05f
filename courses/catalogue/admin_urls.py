"""The committee's own pages in Wagtail's admin, below /admin/curriculum/."""

from django.urls import path

from courses.catalogue import views

app_name = "curriculum_admin"
urlpatterns = [
    path("review/<int:page>/", views.review, name="review"),
    path("edition/<int:page>/", views.new_edition, name="new_edition"),
    path("share/<int:page>/", views.share, name="share"),
]
