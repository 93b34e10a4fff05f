"""Static files: how they are stored, and what the style bundles and the icon sprite are made of.

There is no Node: `manage.py build_assets` concatenates each bundle and draws the sprite into `lms/static/dist`.
"""

from typing import Final

from whitenoise.storage import CompressedManifestStaticFilesStorage

BASE: Final = (
    "css/layers.css",
    "css/tokens.css",
    "css/reset.css",
    "css/base.css",
    "css/layout.css",
)
COMMON: Final = tuple(
    f"css/component/{name}.css"
    for name in (
        "button",
        "card",
        "dialog",
        "empty",
        "field",
        "flash",
        "icon",
        "lists",
        "progress",
        "status",
        "steps",
        "tag",
        "timelink",
    )
)
END: Final = ("css/utility.css", "css/print.css", "css/floor.css")

# The order is the cascade's order inside each layer. A bundle is one page family's whole style sheet.
BUNDLES: Final[dict[str, tuple[str, ...]]] = {
    "trainee": (
        *BASE,
        *COMMON,
        "css/component/decision.css",
        "css/component/homework.css",
        "css/component/phone.css",
        "css/component/player.css",
        "css/component/study.css",
        "css/component/table.css",
        "css/component/tabs.css",
        "css/component/upload.css",
        "css/page/home.css",
        "css/page/lesson.css",
        "css/page/result.css",
        "css/page/sign-in.css",
        "css/page/verify.css",
        *END,
    ),
    "desk": (
        *BASE,
        *COMMON,
        "css/component/chart.css",
        "css/component/plot.css",
        "css/component/decision.css",
        "css/component/desk.css",
        "css/component/homework.css",
        "css/component/slip.css",
        "css/component/player.css",
        "css/component/table.css",
        "css/page/board.css",
        "css/page/figures.css",
        "css/page/lesson.css",
        "css/page/result.css",
        *END,
    ),
    "score": (
        *BASE,
        *COMMON,
        "css/component/scorebar.css",
        "css/component/player.css",
        "css/component/transcript.css",
        "css/component/heard.css",
        "css/component/finding.css",
        "css/component/timeline.css",
        "css/component/rubric.css",
        "css/component/sheet.css",
        "css/component/booklet.css",
        "css/component/tabs.css",
        "css/component/table.css",
        "css/page/score.css",
        *END,
    ),
    "public": (
        *BASE,
        *COMMON,
        "css/component/public.css",
        "css/component/slip.css",
        "css/component/upload.css",
        "css/page/sign-in.css",
        "css/page/verify.css",
        *END,
    ),
    # A candidate's examinations, from her list to the end of the paper.
    "exam": (
        *BASE,
        *COMMON,
        "css/component/phone.css",
        "css/page/exam.css",
        *END,
    ),
    # A released paper that was opened to who sat it.
    "paper": (
        *BASE,
        *COMMON,
        "css/component/decision.css",
        "css/component/phone.css",
        "css/page/opened.css",
        "css/page/result.css",
        *END,
    ),
    # The picker of files, beside a desk's own sheet.
    "upload": ("css/layers.css", "css/component/upload.css"),
    # Lesson videos in Wagtail's frame, which brings its own buttons, fields and text.
    "studio": (
        "css/layers.css",
        "css/tokens.css",
        "css/component/progress.css",
        "css/component/upload.css",
        "css/component/player.css",
        "css/page/studio.css",
    ),
    # The question bank, in the same frame.
    "bank": ("css/layers.css", "css/tokens.css", "css/page/bank.css"),
    # Two works side by side, beside the desk's own sheet.
    "alike": ("css/layers.css", "css/page/alike.css"),
    # Statistics of questions, in the content admin's frame.
    "figures": (
        "css/layers.css",
        "css/tokens.css",
        "css/component/chart.css",
        "css/component/plot.css",
        "css/page/bank.css",
        "css/page/figures.css",
    ),
    # Beside "score", on the evidence page alone: the scoring desk has no room for it.
    "evidence": ("css/layers.css", "css/page/evidence.css"),
    "print": ("css/layers.css", "css/tokens.css", "css/reset.css", "css/base.css", "css/print.css"),
    # The gallery shows every component on one page, so it is the only bundle that carries them all.
    "gallery": (
        *BASE,
        *COMMON,
        *(
            f"css/component/{name}.css"
            for name in (
                "chart",
                "decision",
                "desk",
                "phone",
                "scorebar",
                "player",
                "transcript",
                "finding",
                "timeline",
                "tabs",
                "table",
                "upload",
            )
        ),
        "css/page/home.css",
        "css/page/board.css",
        "css/page/gallery.css",
        *END,
    ),
}

# Outline icons of the heroicons package (MIT) by their name there; `{% icon %}` refuses any other.
ICONS: Final = (
    "academic-cap",
    "adjustments-horizontal",
    "archive-box",
    "arrow-down-tray",
    "arrow-left-start-on-rectangle",
    "arrow-path",
    "arrow-right",
    "arrows-right-left",
    "arrow-up-tray",
    "backward",
    "banknotes",
    "bell",
    "book-open",
    "building-office-2",
    "chart-bar",
    "check",
    "check-circle",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "clipboard-document-check",
    "clock",
    "cloud-arrow-up",
    "document-text",
    "exclamation-triangle",
    "eye",
    "flag",
    "forward",
    "home",
    "inbox",
    "information-circle",
    "key",
    "language",
    "lock-closed",
    "magnifying-glass",
    "megaphone",
    "minus-circle",
    "no-symbol",
    "pause",
    "pencil-square",
    "phone",
    "play",
    "plus",
    "printer",
    "qr-code",
    "question-mark-circle",
    "scale",
    "shield-check",
    "signal-slash",
    "speaker-wave",
    "squares-2x2",
    "table-cells",
    "trash",
    "user-circle",
    "users",
    "video-camera",
    "x-circle",
    "x-mark",
)
SPRITE: Final = "bundle/icons.svg"


class KaiboStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files; hashed names also reach `import … from` in our JavaScript modules."""

    support_js_module_import_aggregation = True
