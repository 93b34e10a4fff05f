"""Evidence, scoring and arbitration, by blind code."""

from django.urls import URLPattern, path, register_converter

from assessment.marking import views


class BlindCode:
    """A work's or booklet's number as lms.core.ids draws it."""

    regex = r"[A-Z][0-9]-[0-9]{4,5}[A-Z][0-9]"

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
    path("evidence/<blind_code:code>/package", views.evidence_package, name="evidence_package"),
    path("evidence/<blind_code:code>/transcript/", views.transcript, name="transcript"),
    path("lookalikes/", views.held_works, name="held_works"),
    path("lookalikes/<blind_code:code>/", views.lookalikes, name="lookalikes"),
    path("lookalikes/<blind_code:code>/<int:number>/", views.lookalike, name="lookalike"),
    path("lookalikes/<blind_code:code>/<int:number>/<slug:side>/video", views.lookalike_video, name="lookalike_video"),
    path(
        "lookalikes/<blind_code:code>/<int:number>/<slug:side>/poster.jpg",
        views.lookalike_poster,
        name="lookalike_poster",
    ),
    path("scoring/", views.scoring_list, name="scoring_list"),
    path("scoring/<blind_code:code>/", views.scoring_sheet, name="scoring_sheet"),
    path("scoring/<blind_code:code>/save", views.scoring_save, name="scoring_save"),
    path("scoring/<blind_code:code>/submit", views.scoring_submit, name="scoring_submit"),
    path("scoring/<blind_code:code>/conflict/", views.scoring_conflict, name="scoring_conflict"),
    path("scoring/<blind_code:code>/file/<uuid:version>/<slug:sha256>", views.scoring_file, name="scoring_file"),
    path("waivers/", views.waivers, name="waivers"),
    path("waivers/<uuid:candidacy>/", views.waiver, name="waiver"),
    path("panels/", views.panels, name="panels"),
    path("panels/<blind_code:code>/", views.panel, name="panel"),
    path("panels/<blind_code:code>/finding", views.panel_finding, name="panel_finding"),
    path("panels/<blind_code:code>/fourth", views.panel_fourth, name="panel_fourth"),
    path("panels/<blind_code:code>/reassign", views.panel_reassign, name="panel_reassign"),
    path("panels/<blind_code:code>/retry", views.panel_retry, name="panel_retry"),
    path("panels/<blind_code:code>/sign", views.panel_sign, name="panel_sign"),
]
