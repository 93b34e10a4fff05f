"""The account's own addresses. Included before allauth's, whose pages for mail are closed here."""

from django.urls import path, re_path

from lms.accounts.corrections import views as corrections
from lms.accounts.held import views as held
from lms.accounts.signin import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("preferences/", views.set_preferences, name="set_preferences"),
    path("act-as/", views.switch_membership, name="switch_membership"),
    path("admin-door/", views.admin_door, name="admin_door"),
    path("held/", held.held, name="held"),
    path("held/download.json", held.download, name="held_download"),
    path("held/print/", held.printed, name="held_print"),
    path("held/<uuid:person>/", held.of_person, name="held_of_person"),
    path("corrections/", corrections.desk, name="corrections"),
    path("corrections/ask/<uuid:person>/", corrections.ask, name="ask_correction"),
    path("corrections/<uuid:correction>/", corrections.correction, name="correction"),
    path("corrections/<uuid:correction>/decide/", corrections.decide, name="decide_correction"),
    path("merges/propose/", corrections.propose, name="propose_merge"),
    path("merges/<uuid:merge>/", corrections.merge, name="merge"),
    path("merges/<uuid:merge>/decide/", corrections.decide_on_merge, name="decide_merge"),
    path("password/reset/", views.forgotten, name="forgotten"),
    re_path(r"^(?:email|confirm-email|password/set|password/reset|login/code)/(?P<rest>.*)$", views.closed),
]
