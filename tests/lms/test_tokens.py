"""Every contrast that design/design.md promises, recomputed from tokens.css, and the size budgets of 5.2."""

import gzip
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from lms.core.static import BUNDLES, SPRITE

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "lms" / "static"
CSS = STATIC / "src" / "css"
TEXT, GRAPHIC = 4.5, 3.0

# What stands on what. The least ratio is WCAG's: 4.5 for text, 3.0 for edges, focus rings and graphics.
PAIRS: list[tuple[str, str, float]] = [
    *[
        ("ink", ground, TEXT)
        for ground in ("paper", "surface", "sunk", "hit-bad", "hit-warn", "brand-soft", "now-soft")
    ],
    *[("ink", ground, TEXT) for ground in ("ok-soft", "warn-soft", "bad-soft", "info-soft")],
    *[("ink-2", ground, TEXT) for ground in ("paper", "surface", "sunk", "now-soft", "brand-soft")],
    *[("ink-3", ground, TEXT) for ground in ("paper", "surface", "sunk")],
    *[("edge", ground, GRAPHIC) for ground in ("paper", "surface", "sunk")],
    *[("brand", ground, TEXT) for ground in ("paper", "surface", "brand-soft")],
    *[("brand-strong", ground, TEXT) for ground in ("paper", "surface", "brand-soft")],
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-strong", TEXT),
    ("brand", "sunk", GRAPHIC),
    *[("now", ground, TEXT) for ground in ("paper", "surface")],
    *[("now-fill", ground, GRAPHIC) for ground in ("paper", "surface", "brand-deep", "now-soft")],
    ("now-ink", "now-soft", TEXT),
    ("now-ink", "surface", TEXT),
    *[(tone, f"{tone}-soft", TEXT) for tone in ("ok", "warn", "bad", "info")],
    *[(tone, "surface", TEXT) for tone in ("ok", "warn", "bad", "info")],
    ("bad", "paper", TEXT),
    ("bad", "now-soft", TEXT),
    ("warn-fill", "surface", GRAPHIC),
    ("warn-fill", "sunk", GRAPHIC),
    ("bad", "hit-bad", GRAPHIC),
    *[("deep-ink", ground, TEXT) for ground in ("brand-deep", "deep-soft", "deep-line")],
    *[("deep-ink-2", ground, TEXT) for ground in ("brand-deep", "deep-soft")],
    ("deep-edge", "brand-deep", GRAPHIC),
    ("deep-focus", "brand-deep", GRAPHIC),
    ("deep-focus", "stage", GRAPHIC),
    *[("stage-ink", ground, TEXT) for ground in ("stage", "stage-soft")],
    ("stage-ink-2", "stage", TEXT),
    ("logo-play", "logo-paper", GRAPHIC),
    *[(f"c{number}", "surface", GRAPHIC) for number in range(1, 7)],
]


def _hexes(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9A-F]{6});", block))


def _values(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", block))


def _block(opening: str) -> str:
    text = (CSS / "tokens.css").read_text("utf-8")
    start = text.index(opening)
    return text[start : text.index("}", start)]


LIGHT = _hexes(_block(":root {"))
DARK = {**LIGHT, **_hexes(_block(':root[data-theme="dark"]'))}


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two #RRGGBB colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_colours() -> None:
    assert [round(contrast(*pair), 2) for pair in (("#000000", "#FFFFFF"), ("#767676", "#FFFFFF"))] == [21.0, 4.54]


@pytest.mark.parametrize("values", (LIGHT, DARK), ids=("light", "dark"))
def test_every_pair_is_readable(values: dict[str, str]) -> None:
    low = {
        f"--{front} on --{ground}": round(contrast(values[front], values[ground]), 2)
        for front, ground, least in PAIRS
        if contrast(values[front], values[ground]) < least
    }
    assert low == {}


def test_ratios_that_the_design_states() -> None:
    stated = {
        ("ink", "paper"): (16.0, 15.5),
        ("ink-2", "paper"): (9.0, None),
        ("ink-3", "sunk"): (5.5, None),
        ("edge", "surface"): (4.1, 4.5),
        ("brand", "surface"): (7.9, 8.1),
        ("now", "surface"): (5.3, 7.7),
        ("now-fill", "brand-deep"): (3.7, None),
        ("now-ink", "now-soft"): (6.8, 8.7),
        ("ok", "ok-soft"): (5.8, 7.7),
        ("warn", "warn-soft"): (6.7, 8.0),
        ("bad", "bad-soft"): (6.4, 7.5),
        ("info", "info-soft"): (7.5, 8.1),
        ("ink", "hit-bad"): (13.0, 10.2),
        ("ink", "hit-warn"): (14.7, 9.5),
    }
    for (front, ground), (light, dark) in stated.items():
        assert contrast(LIGHT[front], LIGHT[ground]) == pytest.approx(light, abs=0.06)
        if dark is not None:
            assert contrast(DARK[front], DARK[ground]) == pytest.approx(dark, abs=0.06)


def test_following_the_system_is_the_same_dark() -> None:
    assert _values(_block(':root[data-theme="auto"]')) == _values(_block(':root[data-theme="dark"]'))


def test_dark_names_every_colour_that_light_has() -> None:
    always = {name for name in LIGHT if name.startswith(("deep-", "stage", "logo-", "quiet-"))}
    assert set(_hexes(_block(':root[data-theme="dark"]'))) == set(LIGHT) - always


def test_colours_live_in_tokens_only() -> None:
    raw = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    found = [
        f"{path.relative_to(CSS)}: {match[0]}"
        for path in sorted(CSS.rglob("*.css"))
        if path.name != "tokens.css"
        for match in raw.finditer(path.read_text("utf-8"))
    ]
    assert found == []


def test_every_variable_that_is_used_is_a_token_or_local() -> None:
    sources = {path: path.read_text("utf-8") for path in CSS.rglob("*.css")}
    named = {name for text in sources.values() for name in _values(text)}
    used = {
        (path.name, name)
        for path, text in sources.items()
        for name, fallback in re.findall(r"var\(--([a-z0-9-]+)(,?)", text)
        if not fallback and not name.startswith("w-")  # Wagtail's own, in its admin
    }
    assert {pair for pair in used if pair[1] not in named} == set()


def test_every_rule_sits_in_a_layer() -> None:
    outside = [
        str(path.relative_to(CSS))
        for path in sorted(CSS.rglob("*.css"))
        # Wagtail's style sheet knows no layers: what must hold against it stands in none.
        if path.name not in {"layers.css", "floor.css", "studio.css", "bank.css", "figures.css"}
        and not re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL).strip().startswith("@layer")
    ]
    assert outside == []


def test_every_style_sheet_is_in_a_bundle() -> None:
    bundled = {file for files in BUNDLES.values() for file in files}
    assert bundled == {f"css/{path.relative_to(CSS)}" for path in CSS.rglob("*.css")}


def _zipped(data: bytes) -> float:
    return len(gzip.compress(data, 9)) / 1000


def test_budgets_in_kilobytes_gzipped() -> None:
    call_command("build_assets")
    sizes = {name: _zipped((STATIC / "dist" / f"bundle/{name}.css").read_bytes()) for name in BUNDLES}
    assert {name: size for name, size in sizes.items() if size > 10} == {}
    assert _zipped((STATIC / "dist" / SPRITE).read_bytes()) <= 6
    scripts = {page: _zipped(_loaded(elements)) for page, elements in PAGES.items()}
    assert {page: size for page, size in scripts.items() if size > 15} == {}


# The elements of the pages that load most; each page loads the entry, its elements and what these import, nothing else.
EVERYWHERE = ("kb-dialog", "kb-flash", "kb-switch")
PAGES = {
    "evidence": (*EVERYWHERE, "kb-find", "kb-keys", "kb-player", "kb-tabs", "kb-timeline", "kb-transcript"),
    "lesson": (*EVERYWHERE, "kb-lesson", "kb-lesson-video", "kb-player", "kb-study", "kb-tabs"),
    "scoring desk": (*EVERYWHERE, "kb-keys", "kb-player", "kb-sheet", "kb-tabs", "kb-timeline", "kb-transcript"),
    "upload": (*EVERYWHERE, "kb-upload"),
    "verification": (*EVERYWHERE, "kb-verify", "kb-print"),
}


def _loaded(elements: tuple[str, ...]) -> bytes:
    """Every module of a page, once."""
    seen: dict[Path, bytes] = {}
    waiting = [STATIC / "src/js/kb.js", *(STATIC / f"src/js/el/{name}.js" for name in elements)]
    while waiting:
        path = waiting.pop().resolve()
        if path not in seen:
            seen[path] = path.read_bytes()
            asked = re.findall(r'^import .* from "(.+)";$', seen[path].decode(), re.MULTILINE)
            waiting += [path.parent / name for name in asked]
    return b"".join(seen[path] for path in sorted(seen))
