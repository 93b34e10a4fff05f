from django.urls import path

from assessment.delivery import views

app_name = "delivery"

urlpatterns = [
    path("x/save", views.save, name="save"),
    path("exam/", views.sittings, name="sittings"),
    path("exam/sw.js", views.worker, name="worker"),
    path("exam/apply/", views.accreditations, name="accreditations"),
    path("exam/apply/<uuid:uuid>/", views.apply, name="apply"),
    path("exam/seat/<uuid:entry>/", views.seat, name="seat"),
    path("exam/seat/<uuid:entry>/enter/", views.come_in, name="come_in"),
    path("exam/seat/<uuid:entry>/arrange/", views.arrange, name="arrange"),
    path("exam/files/<uuid:version>/<str:sha256>/", views.file, name="file"),
    path("exam/<uuid:uuid>/", views.attempt, name="attempt"),
    path("exam/<uuid:uuid>/device/", views.take_over, name="take_over"),
    path("exam/<uuid:uuid>/start/", views.start, name="start"),
    path("exam/<uuid:uuid>/hand-in/", views.finish, name="finish"),
]
