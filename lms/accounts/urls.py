"""The account's own addresses. Included before allauth's, whose pages for mail are closed here."""

from django.urls import path, re_path

from lms.accounts.signin import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("preferences/", views.set_preferences, name="set_preferences"),
    path("act-as/", views.switch_membership, name="switch_membership"),
    path("admin-door/", views.admin_door, name="admin_door"),
    path("password/reset/", views.forgotten, name="forgotten"),
    re_path(r"^(?:email|confirm-email|password/set|password/reset|login/code)/(?P<rest>.*)$", views.closed),
]
