"""Evidence by blind code, under /evidence/."""

from django.urls import path, register_converter

from assessment.marking import views


class BlindCode:
    """A work number as lms.core.ids draws it."""

    regex = r"[A-Z][0-9]-[0-9]{4}[A-Z][0-9]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(BlindCode, "blind_code")

app_name = "assessment"
urlpatterns = [
    path("", views.evidence_list, name="evidence_list"),
    path("<blind_code:code>/", views.evidence, name="evidence"),
    path("<blind_code:code>/video", views.evidence_media, name="evidence_media"),
    path("<blind_code:code>/captions.vtt", views.evidence_captions, name="evidence_captions"),
    path("<blind_code:code>/poster.jpg", views.evidence_poster, name="evidence_poster"),
]
