"""The folder of a curriculum: which file stands where, read with every fault and written in one way.

`level-5/level.yaml`, `level-5/01-<slug>/course.yaml`, `level-5/01-<slug>/01-<slug>.md`, `level-5/files/<picture>`. The number
in front is the place in the order, the slug the page's address. Text comes in from a `Tree` (an archive that passed the gate,
or a folder of our own) and goes out as name → bytes or name → where the bytes are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_noop as _

from courses.catalogue.exchange.codec import Vocabulary, dump, load
from courses.catalogue.exchange.faults import Fault, Unreadable
from courses.catalogue.exchange.fields import Fields
from courses.catalogue.exchange.yamltext import NotYaml, read, word
from courses.catalogue.types import CheckBlock, LessonDocument, TaskBlock
from lms.core.imports import ImportRefused, Tree

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_NUMBERED = re.compile(rf"(\d{{1,3}})-({_SLUG})")
_LEVEL = re.compile(rf"{_SLUG}")
_MOST_TEXT = 1024 * 1024


@dataclass(frozen=True)
class LessonFile:
    """One lesson. slug: its address; path: its file, for what is said about it."""

    slug: str
    document: LessonDocument
    path: str = ""


@dataclass(frozen=True)
class CourseFile:
    """One module, or with `alias` the place where another level's module is used; then the rest is empty."""

    slug: str
    uid: UUID | None = None
    title: str = ""
    code: str = ""
    summary: str = ""
    alias: UUID | None = None
    lessons: tuple[LessonFile, ...] = ()
    path: str = ""


@dataclass(frozen=True)
class LevelFile:
    """One edition of a level. files: name in `files/` → its path in the tree."""

    level: int
    edition: int
    title: str
    in_force_from: date | None = None
    courses: tuple[CourseFile, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


def folder_name(level: int, edition: int) -> str:
    """level-5; a later edition level-5-edition-2."""
    return f"level-{level}" if edition == 1 else f"level-{level}-edition-{edition}"


def write_folder(levels: tuple[LevelFile, ...]) -> dict[str, str]:
    """Name → text of every text file; the pictures lie beside them under `files/`."""
    texts: dict[str, str] = {}
    for level in levels:
        root = folder_name(level.level, level.edition)
        texts[f"{root}/level.yaml"] = _level_text(level)
        for number, course in enumerate(level.courses, 1):
            folder = f"{root}/{number:02d}-{course.slug}"
            texts[f"{folder}/course.yaml"] = _course_text(course)
            for at, lesson in enumerate(course.lessons, 1):
                texts[f"{folder}/{at:02d}-{lesson.slug}.md"] = dump(lesson.document)
    return texts


def _level_text(level: LevelFile) -> str:
    day = [f"in_force_from: {level.in_force_from.isoformat()}"] if level.in_force_from else []
    return "\n".join([f"level: {level.level}", f"edition: {level.edition}", *day, f"title: {word(level.title)}", ""])


def _course_text(course: CourseFile) -> str:
    if course.alias:
        return f"alias: {course.alias}\n"
    rows = [f"uid: {course.uid}", f"title: {word(course.title)}"]
    rows += [f"code: {word(course.code)}"] if course.code else []
    rows += [f"summary: {word(course.summary)}"] if course.summary else []
    return "\n".join([*rows, ""])


def read_folder(
    tree: Tree, tags: Vocabulary | None = None, audiences: Vocabulary | None = None
) -> tuple[tuple[LevelFile, ...], tuple[Fault, ...]]:
    """What a tree holds, in its order, and every fault; a file with a fault is left out of the first."""
    reading = _Reading(tree, tags, audiences)
    levels = reading.levels()
    return levels, tuple(sorted(reading.faults, key=lambda fault: (fault.file, fault.line)))


class _Reading:
    """One reading of a tree."""

    def __init__(self, tree: Tree, tags: Vocabulary | None, audiences: Vocabulary | None) -> None:
        self.tree = tree
        self.tags = tags
        self.audiences = audiences
        self.faults: list[Fault] = []
        self.seen: dict[str, str] = {}
        self.prefix = _wrapper(tree.names)
        self.names = [name.removeprefix(self.prefix) for name in tree.names]

    def fault(self, name: str, message: str, values: dict[str, object] | None = None) -> None:
        self.faults.append(Fault(0, message, values or {}, self.prefix + name))

    def levels(self) -> tuple[LevelFile, ...]:
        roots = sorted({name.split("/")[0] for name in self.names if "/" in name})
        known: set[str] = set()
        levels = []
        for root in roots:
            if not _LEVEL.fullmatch(root) or f"{root}/level.yaml" not in self.names:
                self.fault(f"{root}/", _("This is no level: the file level.yaml is missing in it."))
                known.update(name for name in self.names if name.startswith(f"{root}/"))
                continue
            level = self._level(root, known)
            if level is not None:
                levels.append(level)
        for name in self.names:
            if name not in known:
                self.fault(name, _("This file does not belong here; see the format of the folder."))
        if not roots:
            self.fault("", _("There is no level in it: folders such as level-5 with a file level.yaml."))
        editions = [(level.level, level.edition) for level in levels]
        for level in levels:
            if editions.count((level.level, level.edition)) > 1:
                self.fault(f"{level.path}", _("This edition of the level stands here twice."))
        return tuple(sorted(levels, key=lambda level: (-level.level, level.edition)))

    def _level(self, root: str, known: set[str]) -> LevelFile | None:
        path = f"{root}/level.yaml"
        known.add(path)
        files = {
            name.removeprefix(f"{root}/files/"): self.prefix + name
            for name in self.names
            if name.startswith(f"{root}/files/") and name.count("/") == 2
        }
        known.update(name for name in self.names if name.startswith(f"{root}/files/") and name.count("/") == 2)
        hashes = {name: sha256 for name, path in files.items() if (sha256 := self._sha256(path))}
        files = {name: files[name] for name in hashes}
        folders = sorted(
            {
                tuple(name.split("/")[:2])
                for name in self.names
                if name.startswith(f"{root}/") and name.count("/") == 2 and not name.startswith(f"{root}/files/")
            }
        )
        numbered = sorted(
            (int(found[1]), found[2], folder) for _, folder in folders if (found := _NUMBERED.fullmatch(folder))
        )
        for _root, folder in folders:
            if not _NUMBERED.fullmatch(folder):
                self.fault(f"{root}/{folder}/", _("The name must be a number and a short word, such as 01-law."))
                known.update(name for name in self.names if name.startswith(f"{root}/{folder}/"))
        courses = tuple(
            course
            for _number, slug, folder in numbered
            if (course := self._course(f"{root}/{folder}", slug, hashes, known)) is not None
        )
        fields = self._yaml(path, ("level", "edition", "in_force_from", "title"))
        if fields is None:
            return None
        level, edition = fields.whole("level", least=1, most=5), fields.whole("edition", least=1, most=999)
        title = fields.words("title", most=100)
        day = fields.words("in_force_from", required=False)
        in_force_from = None
        if day:
            try:
                in_force_from = date.fromisoformat(day)
            except ValueError:
                fields.fault(fields.line_of("in_force_from"), _("A day is written 2026-09-01."))
        self._close(path, fields)
        return LevelFile(level, edition, title, in_force_from, courses, files, self.prefix + path)

    def _course(self, folder: str, slug: str, hashes: Mapping[str, str], known: set[str]) -> CourseFile | None:
        path = f"{folder}/course.yaml"
        inside = [name for name in self.names if name.startswith(f"{folder}/") and name.count("/") == 2]
        known.update(name for name in inside if name == path)
        if path not in inside:
            self.fault(path, _("The file course.yaml is missing, which says what the module is."))
            known.update(inside)
            return None
        lessons = []
        for name in inside:
            found = _NUMBERED.fullmatch(name.removeprefix(f"{folder}/").removesuffix(".md"))
            if not name.endswith(".md"):
                continue
            known.add(name)
            if not found:
                self.fault(name, _("The name must be a number and a short word, such as 01-law."))
                continue
            lesson = self._lesson(name, found[2], hashes)
            if lesson is not None:
                lessons.append((int(found[1]), found[2], lesson))
        fields = self._yaml(path, ("uid", "title", "code", "summary", "alias"))
        if fields is None:
            return None
        if fields.has("alias"):
            made = CourseFile(slug, alias=fields.uuid("alias"), path=self.prefix + path)
            if lessons or any(fields.has(name) for name in ("uid", "title", "code", "summary")):
                fields.fault(
                    fields.line_of("alias"), _("A module taken over by alias has no words and lessons of its own.")
                )
        else:
            made = CourseFile(
                slug=slug,
                uid=fields.uuid("uid"),
                title=fields.words("title", most=100),
                code=fields.words("code", required=False, most=20),
                summary=fields.words("summary", required=False, most=500),
                lessons=tuple(lesson for _number, _slug, lesson in sorted(lessons, key=lambda row: row[:2])),
                path=self.prefix + path,
            )
            self._once(path, made.uid or UUID(int=0), folder)
        self._close(path, fields)
        return made

    def _lesson(self, name: str, slug: str, hashes: Mapping[str, str]) -> LessonFile | None:
        text = self._text(name)
        if text is None:
            return None
        try:
            document = load(text, file=self.prefix + name, files=hashes, tags=self.tags, audiences=self.audiences)
        except Unreadable as refused:
            self.faults.extend(refused.faults)
            return None
        inner = [block.uid for block in document.blocks if isinstance(block, TaskBlock | CheckBlock)]
        for uid in (document.uid, *inner):
            self._once(name, uid, name)
        return LessonFile(slug, document, self.prefix + name)

    def _once(self, name: str, uid: UUID, within: str) -> None:
        """A uid stands once in an edition; another edition may carry the same lesson on."""
        key = f"{within.partition('/')[0]} {uid}"
        if uid.int and key in self.seen:
            values: dict[str, object] = {"uid": str(uid), "file": self.seen[key]}
            self.fault(name, _("The uid %(uid)s stands in %(file)s, too; choose a new one."), values)
        self.seen.setdefault(key, self.prefix + name)

    def _sha256(self, path: str) -> str:
        try:
            return self.tree.sha256(path)
        except ImportRefused as refusal:
            self.fault(path.removeprefix(self.prefix), refusal.template, refusal.values)
            return ""

    def _text(self, name: str) -> str | None:
        try:
            return self.tree.read(self.prefix + name, most=_MOST_TEXT).decode("utf-8")
        except UnicodeDecodeError:
            self.fault(name, _("The file is not UTF-8."))
        except ImportRefused as refusal:
            self.fault(name, refusal.template, refusal.values)
        return None

    def _yaml(self, name: str, known: tuple[str, ...]) -> Fields | None:
        text = self._text(name)
        if text is None:
            return None
        try:
            return Fields(read(text), [], known)
        except NotYaml as broken:
            self.faults.append(replace(broken.fault, file=self.prefix + name))
            return None

    def _close(self, name: str, fields: Fields) -> None:
        self.faults.extend(replace(fault, file=self.prefix + name) for fault in fields.faults)


def _wrapper(names: tuple[str, ...]) -> str:
    """The one folder around everything that packing a folder adds, with its /; "" without one."""
    first = {name.split("/")[0] for name in names}
    if len(first) != 1 or any(name.count("/") == 1 and name.endswith("/level.yaml") for name in names):
        return ""
    return f"{first.pop()}/" if all("/" in name for name in names) else ""
