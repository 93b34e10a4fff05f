"""The account's own addresses. Included before allauth's, whose pages for mail are closed here."""

from django.urls import path, re_path

from lms.accounts.consent import views as consent
from lms.accounts.corrections import views as corrections
from lms.accounts.desk import views as desk
from lms.accounts.held import views as held
from lms.accounts.registration import views as registration
from lms.accounts.signin import views
from lms.accounts.slips import views as slips

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("preferences/", views.set_preferences, name="set_preferences"),
    path("act-as/", views.switch_membership, name="switch_membership"),
    path("admin-door/", views.admin_door, name="admin_door"),
    path("alias/<str:kind>/", views.aliases, name="alias"),
    path("slip/", slips.use_slip, name="use_slip"),
    path("register/", registration.register, name="register"),
    path("register/done/", registration.registered, name="registered"),
    path("consents/", consent.consents, name="consents"),
    path("people/", desk.people, name="people"),
    path("people/new/", desk.admit, name="admit"),
    path("people/organisations/", desk.organisations, name="organisations"),
    path("people/organisations/new/", desk.new_organisation, name="new_organisation"),
    path("people/<uuid:uuid>/", desk.person, name="person"),
    path("people/<uuid:uuid>/slip/", desk.slip, name="slip"),
    path("people/<uuid:uuid>/slip/<uuid:slip>/withdraw/", desk.withdraw, name="withdraw_slip"),
    path("people/<uuid:uuid>/roles/", desk.give, name="give_role"),
    path("people/<uuid:uuid>/roles/<uuid:membership>/end/", desk.end, name="end_role"),
    path("people/<uuid:uuid>/activity/", desk.activity, name="activity"),
    path("people/<uuid:uuid>/identity/", desk.seen, name="identity_seen"),
    path("people/<uuid:uuid>/consent/<uuid:text>/", desk.consent, name="paper_consent"),
    path("held/", held.held, name="held"),
    path("held/download.json", held.download, name="held_download"),
    path("held/print/", held.printed, name="held_print"),
    path("held/<uuid:person>/", held.of_person, name="held_of_person"),
    path("corrections/", corrections.desk, name="corrections"),
    path("corrections/ask/<uuid:person>/", corrections.ask, name="ask_correction"),
    path("corrections/<uuid:correction>/", corrections.correction, name="correction"),
    path("corrections/<uuid:correction>/decide/", corrections.decide, name="decide_correction"),
    path("corrections/merges/propose/", corrections.propose, name="propose_merge"),
    path("corrections/merges/<uuid:merge>/", corrections.merge, name="merge"),
    path("corrections/merges/<uuid:merge>/decide/", corrections.decide_on_merge, name="decide_merge"),
    path("password/reset/", views.forgotten, name="forgotten"),
    re_path(r"^(?:email|confirm-email|password/set|password/reset|login/code)/(?P<rest>.*)$", views.closed),
]
