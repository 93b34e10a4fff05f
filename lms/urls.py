"""Every address of the site."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

handler400 = "lms.portal.errors.bad_request"
handler403 = "lms.portal.errors.permission_denied"
handler404 = "lms.portal.errors.not_found"
handler500 = "lms.portal.errors.server_error"

urlpatterns = [
    path("", include("lms.portal.urls")),
    path("works/", include("media_pipeline.urls")),
    path("uploads/", include("media_pipeline.upload_urls")),
    path("", include("assessment.urls")),
    path("", include("courses.urls")),
    path("policies/", include("lms.policies.urls")),
    path("notices/", include("lms.notices.urls")),
    path("accounts/", include("lms.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    # Wagtail's own doors know no second factor: they stay shut.
    path("admin/login/", _sign_in),
    path("learn/_util/login/", _sign_in),
    path("admin/", include(wagtailadmin_urls)),
    path("learn/", include(wagtail_urls)),
]

if settings.DEBUG or getattr(settings, "TESTING", False):
    from lms.portal.gallery import urlpatterns as gallery_urls

    urlpatterns.insert(0, path("_gallery/", include((gallery_urls, "gallery"))))
