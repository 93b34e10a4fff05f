"""Batches and numbers at the desks, certificates at the desks and the holder's own."""

from django.urls import URLPattern, path

from assessment.certification import views

urlpatterns: list[URLPattern] = [
    path("", views.batches, name="batches"),
    path("<uuid:uuid>/", views.batch, name="batch"),
    path("<uuid:uuid>/<slug:step>/", views.batch_step, name="batch_step"),
    path("codes/<uuid:body>/", views.body_codes, name="body_codes"),
    path("papers/<uuid:uuid>/", views.certificate, name="certificate"),
    path("papers/<uuid:uuid>/certificate.pdf", views.certificate_pdf, name="certificate_pdf"),
    path("papers/<uuid:uuid>/<slug:step>/", views.certificate_step, name="certificate_step"),
    path("mine/", views.my_certificates, name="my_certificates"),
    path("mine/<uuid:uuid>/", views.my_certificate, name="my_certificate"),
    path("mine/<uuid:uuid>/certificate.pdf", views.my_certificate_pdf, name="my_certificate_pdf"),
    path("mine/<uuid:uuid>/certificate.png", views.my_certificate_png, name="my_certificate_png"),
]
