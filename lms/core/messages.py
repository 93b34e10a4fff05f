"""Translatable text without GNU gettext: Babel reads Python and templates, keeps the .po files and compiles them.

A *territory* is one folder with its own `locale/zh_Hans/LC_MESSAGES/django.po`: each Django app, and `lms` itself for
the shell and the components. Msgids are English; the only catalogue is Chinese, English is the msgid.
"""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
PO = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
# (territory, its folders and files that are not another territory's), relative to the project.
TERRITORIES: dict[str, tuple[str, ...]] = {
    "lms": ("lms/templates", "lms/settings", "lms/urls.py"),
    "lms/core": ("lms/core",),
    "lms/accounts": ("lms/accounts",),
    "lms/notices": ("lms/notices",),
    "lms/policies": ("lms/policies",),
    "lms/portal": ("lms/portal",),
    "media_pipeline": ("media_pipeline",),
    "assessment": ("assessment",),
    "courses": ("courses",),
}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# No dates and no line numbers: a .po changes only when a text does.
_HEADER = f"""\
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

Key = tuple[str, str | None]  # msgid (the singular), context


@dataclass(frozen=True)
class Summary:
    """What `update` found: texts in use, those still without a translation, translations dropped as no longer used."""

    texts: int
    untranslated: tuple[str, ...]
    dropped: tuple[str, ...]


def key_of(message: Message) -> Key:
    """What makes a message the same: the singular msgid and the context."""
    return (message.id if isinstance(message.id, str) else message.id[0], message.context)


def _python(source: str) -> str:
    return source


def _template(source: str) -> str:
    # templatize leaves calls of gettext among blanked text; indentation means nothing there.
    return "\n".join(line.lstrip() for line in templatize(source).splitlines())


_READERS: dict[str, Callable[[str], str]] = {".py": _python, ".html": _template, ".txt": _template}


def sources(root: Path, territory: str) -> Iterator[Path]:
    """The files whose text belongs to a territory, sorted."""
    for place in map(root.joinpath, TERRITORIES[territory]):
        found = [place] if place.is_file() else place.rglob("*")
        for path in sorted(found):
            in_templates = path.suffix == ".py" or "templates" in path.relative_to(root).parts
            if path.suffix in _READERS and in_templates and "migrations" not in path.parts:
                yield path


def collect(root: Path, territory: str) -> Catalog:
    """Every translatable text of a territory, untranslated. Raises ValueError naming the file that cannot be read."""
    catalog = Catalog(locale=LANGUAGE, fuzzy=False)
    for path in sources(root, territory):
        text = _READERS[path.suffix](path.read_text(encoding="utf-8"))
        try:
            found = list(extract("python", io.BytesIO(text.encode()), _KEYWORDS))
        except (SyntaxError, IndentationError) as error:
            raise ValueError(f"{path}: {error}") from error
        for _line, msgid, _comments, context in found:
            if msgid and (isinstance(msgid, str) or msgid[0]):
                catalog.add(msgid, context=context)
    return catalog


def read(path: Path) -> Catalog:
    """The catalogue of a .po file; empty when there is no file."""
    if not path.exists():
        return Catalog(locale=LANGUAGE, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def messages(catalog: Catalog) -> dict[Key, Message]:
    """Its messages without the header, by key."""
    return {key_of(message): message for message in catalog if message.id}


def is_translated(message: Message) -> bool:
    """Whether every plural form has text (Chinese has one form)."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def update(root: Path, territory: str) -> Summary:
    """Bring a territory's .po in line with its sources: sorted, translations kept, unused ones dropped."""
    path = root / territory / PO
    held = messages(read(path))
    catalog = collect(root, territory)
    used = messages(catalog)
    for key, message in used.items():
        if key in held:
            old = held[key]
            was_plural, is_plural = isinstance(old.string, list | tuple), isinstance(message.id, list | tuple)
            if was_plural == is_plural:
                message.string = old.string
            message.user_comments = old.user_comments
    out = io.BytesIO()
    write_po(out, catalog, width=120, no_location=True, omit_header=True, sort_output=True)
    text = _HEADER + out.getvalue().decode().strip() + "\n"
    if used and (not path.exists() or path.read_text(encoding="utf-8") != text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Summary(
        texts=len(used),
        untranslated=tuple(key[0] for key, message in used.items() if not is_translated(message)),
        dropped=tuple(key[0] for key in held if key not in used),
    )


def compile_file(po: Path) -> bool:
    """Write the .mo beside a .po, aside and renamed; False when it is already newer. Raises babel's PoFileError."""
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
        return False
    aside = mo.with_name(f".{mo.name}.{os.getpid()}")
    with aside.open("wb") as file:
        write_mo(file, read(po))
    aside.replace(mo)
    return True
