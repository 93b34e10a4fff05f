"""Evidence, scoring and arbitration, by blind code."""

from django.urls import URLPattern, path, register_converter

from assessment.marking import views


class BlindCode:
    """A work number as lms.core.ids draws it."""

    regex = r"[A-Z][0-9]-[0-9]{4}[A-Z][0-9]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(BlindCode, "blind_code")

urlpatterns: list[URLPattern] = [
    path("evidence/", views.evidence_list, name="evidence_list"),
    path("evidence/<blind_code:code>/", views.evidence, name="evidence"),
    path("evidence/<blind_code:code>/video", views.evidence_media, name="evidence_media"),
    path("evidence/<blind_code:code>/captions.vtt", views.evidence_captions, name="evidence_captions"),
    path("evidence/<blind_code:code>/poster.jpg", views.evidence_poster, name="evidence_poster"),
]
