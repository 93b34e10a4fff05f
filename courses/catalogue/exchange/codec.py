"""A lesson as a text file and back: front matter in YAML, running Markdown, other blocks between `:::` lines.

`dump` writes the one canonical spelling, `load` reads what people write and says of every fault in which line it is.
For any document x: load(dump(x)) == tidy(x) and dump(load(dump(x))) == dump(x), byte for byte.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext_noop as _

from courses.catalogue.exchange.faults import Fault, Unreadable
from courses.catalogue.exchange.fields import Fields
from courses.catalogue.exchange.tidy import tidy, tidy_text
from courses.catalogue.exchange.yamltext import Node, NotYaml, block, flow_list, flow_table, read, word
from courses.catalogue.types import (
    BLOCK_TYPES,
    Accepts,
    Block,
    CaseBlock,
    Chapter,
    CheckBlock,
    CheckKind,
    Delivery,
    DownloadBlock,
    LawBlock,
    LessonDocument,
    LessonKind,
    Method,
    Option,
    PackageBlock,
    PictureBlock,
    SayBlock,
    ScriptBlock,
    TaskBlock,
    Term,
    TermsBlock,
    TextBlock,
    VideoBlock,
)

Vocabulary = Mapping[str, Sequence[str]]
MAX_CHARACTERS = 200_000
_FRONT = (
    "uid", "title", "summary", "kind", "delivery", "methods", "hours", "online_minutes", "tags", "audiences",
)  # fmt: skip
_FENCE = ":::"
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KEYS = "ABCDEFGH"


def dump(document: LessonDocument) -> str:
    """The canonical file of a lesson, ending in a line end. The hashes of its files are not written: they are the files'."""
    document = tidy(document)
    head = [
        f"uid: {document.uid}",
        f"title: {word(document.title)}",
        f"summary: {word(document.summary)}",
        f"kind: {document.kind.value}",
        f"delivery: {document.delivery.value}",
        f"methods: {flow_list(tuple(method.value for method in document.methods))}",
        f"hours: {_number(document)}",
        f"online_minutes: {document.online_minutes}",
        *_codes("tags", document.tags),
        *_codes("audiences", document.audiences),
    ]
    body = "\n\n".join(_written(each) for each in document.blocks)
    return "\n".join(["---", *head, "---", body]).rstrip("\n") + "\n"


def _number(document: LessonDocument) -> str:
    whole = document.hours.to_integral_value()
    return str(int(whole)) if whole == document.hours else f"{document.hours.normalize():f}"


def _codes(name: str, rows: tuple[tuple[str, tuple[str, ...]], ...]) -> list[str]:
    return [f"{name}:", *(f"  {word(profile)}: {flow_list(codes)}" for profile, codes in rows)] if rows else []


def _written(part: Block) -> str:
    if isinstance(part, TextBlock):
        return part.text  # no line of canonical Markdown begins with :::
    name = next(name for name, kind in BLOCK_TYPES.items() if kind is type(part))
    return "\n".join([f"{_FENCE} {name}", *_WRITERS[type(part)](part), _FENCE])


def _line(name: str, value: str) -> str:
    return f"{name}: {word(value)}"


def _maybe(name: str, value: str) -> list[str]:
    return [_line(name, value)] if value else []


def _text(name: str, value: str) -> str:
    return f"{name}: {block(value)}" if value else f'{name}: ""'


def _picture(part: PictureBlock) -> list[str]:
    return [_line("file", part.file), _line("alt", part.alt), *_maybe("caption", part.caption)]


def _video(part: VideoBlock) -> list[str]:
    rows = (
        flow_table((("second", str(chapter.second)), ("title", word(chapter.title, flow=True))))
        for chapter in part.chapters
    )
    chapters = ["chapters:", *(f"  - {row}" for row in rows)] if part.chapters else []
    return [f"video: {part.video}", _line("title", part.title), *chapters]


def _download(part: DownloadBlock) -> list[str]:
    return [_line("file", part.file), _line("title", part.title)]


def _package(part: PackageBlock) -> list[str]:
    return [f"package: {part.package}", _line("title", part.title)]


def _told(part: CaseBlock | ScriptBlock) -> list[str]:
    return [_line("title", part.title), *_maybe("product", part.product), _text("text", part.text)]


def _law(part: LawBlock) -> list[str]:
    return [
        _line("law", part.law),
        _line("article", part.article),
        _text("text", part.text),
        _line("source", part.source),
        f"uncertain: {str(part.uncertain).lower()}",
    ]


def _say(part: SayBlock) -> list[str]:
    return [_line("good", part.good), _line("bad", part.bad), _line("why", part.why)]


def _task(part: TaskBlock) -> list[str]:
    return [
        f"uid: {part.uid}",
        _line("title", part.title),
        _text("text", part.text),
        f"accepts: {flow_list(tuple(each.value for each in part.accepts))}",
        f"minutes: {part.minutes}",
    ]


def _check(part: CheckBlock) -> list[str]:
    options = [
        "  - "
        + flow_table(
            (
                ("key", word(option.key, flow=True)),
                ("text", word(option.text, flow=True)),
                ("correct", str(option.correct).lower()),
            )
        )
        for option in part.options
    ]
    return [
        f"uid: {part.uid}",
        f"kind: {part.kind.value}",
        _line("stem", part.stem),
        "options:",
        *options,
        _line("explanation", part.explanation),
        *_maybe("clause", part.clause),
    ]


def _terms(part: TermsBlock) -> list[str]:
    rows = (
        flow_table((("term", word(each.term, flow=True)), ("meaning", word(each.meaning, flow=True))))
        for each in part.terms
    )
    return ["terms:", *(f"  - {row}" for row in rows)]


_WRITERS: dict[type[Block], Callable[..., list[str]]] = {
    PictureBlock: _picture,
    VideoBlock: _video,
    DownloadBlock: _download,
    PackageBlock: _package,
    CaseBlock: _told,
    ScriptBlock: _told,
    LawBlock: _law,
    SayBlock: _say,
    TaskBlock: _task,
    CheckBlock: _check,
    TermsBlock: _terms,
}


def load(
    text: str,
    *,
    file: str = "",
    files: Mapping[str, str] | None = None,
    tags: Vocabulary | None = None,
    audiences: Vocabulary | None = None,
) -> LessonDocument:
    """The lesson in `text`. Raises Unreadable with every fault and its line.

    file: its name, for the faults. files: SHA-256 of each file a picture or download may name; None: not checked, the
    hashes stay empty. tags, audiences: the codes each profile knows; None: not checked.
    """
    faults: list[Fault] = []
    document = _load(text, faults, files, tags, audiences)
    if faults or document is None:
        raise Unreadable([replace(fault, file=file) for fault in faults])
    return tidy(document)


def _load(
    text: str,
    faults: list[Fault],
    files: Mapping[str, str] | None,
    tags: Vocabulary | None,
    audiences: Vocabulary | None,
) -> LessonDocument | None:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(text) > MAX_CHARACTERS:
        faults.append(Fault(0, _("The lesson is longer than %(most)d characters; make two."), {"most": MAX_CHARACTERS}))
        return None
    if lines[0].rstrip() != "---":
        faults.append(Fault(1, _("A lesson begins with a line ---, its fields, and a second line ---.")))
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        faults.append(Fault(1, _("The second line --- is missing, which ends the fields at the beginning.")))
        return None
    blocks = tuple(_blocks(lines[end + 1 :], end + 2, faults, files))
    front = _read(lines[1:end], 2, faults)
    if front is None:
        return None
    head = Fields(front, faults, _FRONT)
    hours = head.hours("hours")
    document = LessonDocument(
        uid=head.uuid("uid"),
        title=head.words("title"),
        summary=head.words("summary", most=200),
        kind=head.choice("kind", LessonKind),
        delivery=head.choice("delivery", Delivery),
        methods=head.choices("methods", Method),
        hours=hours,
        online_minutes=head.whole("online_minutes", least=0, most=int(hours * 60) or 6000),
        tags=head.codes("tags", tags),
        audiences=head.codes("audiences", audiences),
        blocks=blocks,
    )
    _unique(document, faults)
    return document


def _read(lines: Sequence[str], first_line: int, faults: list[Fault]) -> Node | None:
    try:
        return read("\n".join([*lines, ""]), first_line=first_line)
    except NotYaml as broken:
        faults.append(broken.fault)
        return None


def _blocks(
    lines: Sequence[str], first_line: int, faults: list[Fault], files: Mapping[str, str] | None
) -> Iterable[Block]:
    number = 0
    running: list[str] = []
    while number < len(lines):
        line = lines[number]
        if not line.startswith(_FENCE):
            running.append(line)
            number += 1
            continue
        if text := _running(running):
            yield text
        running = []
        opened, name = number, line.removeprefix(_FENCE).strip()
        number += 1
        while name and number < len(lines) and not lines[number].startswith(_FENCE):
            number += 1
        inner = lines[opened + 1 : number]
        if _closed(lines, opened, number, name, first_line, faults):
            number += 1
        if name in _READERS and (node := _read(inner, first_line + opened + 1, faults)) is not None:
            yield _READERS[name](node, faults, files)
    if text := _running(running):
        yield text


def _closed(lines: Sequence[str], opened: int, number: int, name: str, first_line: int, faults: list[Fault]) -> bool:
    """Whether the block begun at `opened` ends at `number`; notes what is wrong with its two lines."""
    if not name:
        faults.append(
            Fault(first_line + opened, _("A block is opened by “::: name”; this line closes one that is not open."))
        )
        return False
    if name not in _READERS:
        faults.append(
            Fault(
                first_line + opened,
                _("There is no block “%(name)s”; known are %(known)s."),
                {"name": name, "known": ", ".join(_READERS)},
            )
        )
    if number >= len(lines) or lines[number].rstrip() != _FENCE:
        faults.append(
            Fault(first_line + opened, _("The block “%(name)s” is not closed; a line ::: is missing."), {"name": name})
        )
        return False
    return True


def _running(lines: Sequence[str]) -> TextBlock | None:
    text = tidy_text("\n".join(lines))
    return TextBlock(text) if text else None


def _unique(document: LessonDocument, faults: list[Fault]) -> None:
    seen = {document.uid}
    for part in document.blocks:
        if isinstance(part, TaskBlock | CheckBlock) and part.uid.int:
            if part.uid in seen:
                faults.append(
                    Fault(0, _("The uid %(uid)s stands here twice; choose a new one."), {"uid": str(part.uid)})
                )
            seen.add(part.uid)


def _file(fields: Fields, files: Mapping[str, str] | None) -> tuple[str, str]:
    name = fields.words("file", most=106)
    if name and not _FILE.fullmatch(name):
        fields.fault(
            fields.line_of("file"),
            _("“%(file)s” is no file name: letters, digits, - and _, then .png or the like."),
            file=name,
        )
    elif name and files is not None and name not in files:
        fields.fault(fields.line_of("file"), _("There is no file files/%(file)s."), file=name)
    return name, (files or {}).get(name, "")


def _read_picture(node: Node, faults: list[Fault], files: Mapping[str, str] | None) -> Block:
    fields = Fields(node, faults, ("file", "alt", "caption"))
    file, sha256 = _file(fields, files)
    return PictureBlock(file, sha256, fields.words("alt", most=200), fields.words("caption", required=False, most=200))


def _read_video(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("video", "title", "chapters"))
    video, title = fields.uuid("video"), fields.words("title", most=100)
    chapters = []
    for row in fields.tables("chapters", ("second", "title"), required=False):
        chapters.append(Chapter(row.whole("second", least=0, most=86_400), row.words("title", most=60)))
        if len(chapters) > 1 and chapters[-2].second >= chapters[-1].second:
            row.fault(row.line, _("Each chapter begins later than the one before it."))
    return VideoBlock(video, title, tuple(chapters))


def _read_download(node: Node, faults: list[Fault], files: Mapping[str, str] | None) -> Block:
    fields = Fields(node, faults, ("file", "title"))
    file, sha256 = _file(fields, files)
    return DownloadBlock(file, sha256, fields.words("title", most=100))


def _read_package(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("package", "title"))
    return PackageBlock(fields.uuid("package"), fields.words("title", most=100))


def _read_case(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("title", "product", "text"))
    return CaseBlock(
        title=fields.words("title", most=100),
        product=fields.words("product", required=False, most=60),
        text=fields.text("text"),
    )


def _read_script(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("title", "product", "text"))
    return ScriptBlock(
        title=fields.words("title", most=100),
        product=fields.words("product", required=False, most=60),
        text=fields.text("text"),
    )


def _read_law(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("law", "article", "text", "source", "uncertain"))
    return LawBlock(
        law=fields.words("law", most=100),
        article=fields.words("article", most=60),
        text=fields.text("text"),
        source=fields.words("source", most=200),
        uncertain=fields.flag("uncertain", default=False),
    )


def _read_say(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("good", "bad", "why"))
    return SayBlock(
        good=fields.words("good", most=1000), bad=fields.words("bad", most=1000), why=fields.words("why", most=1000)
    )


def _read_task(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("uid", "title", "text", "accepts", "minutes"))
    return TaskBlock(
        uid=fields.uuid("uid"),
        title=fields.words("title", most=100),
        text=fields.text("text"),
        accepts=fields.choices("accepts", Accepts),
        minutes=fields.whole("minutes", least=1, most=600),
    )


def _read_check(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("uid", "kind", "stem", "options", "explanation", "clause"))
    rows = fields.tables("options", ("key", "text", "correct"))
    check = CheckBlock(
        uid=fields.uuid("uid"),
        kind=fields.choice("kind", CheckKind),
        stem=fields.words("stem", most=1000),
        options=tuple(
            Option(row.words("key", most=1), row.words("text", most=200), row.flag("correct")) for row in rows
        ),
        explanation=fields.words("explanation", most=1000),
        clause=fields.words("clause", required=False, most=120),
    )
    if rows:
        _answerable(check, fields)
    return check


def _answerable(check: CheckBlock, fields: Fields) -> None:
    line, count = fields.line_of("options"), len(check.options)
    correct = sum(option.correct for option in check.options)
    if [option.key for option in check.options] != list(_KEYS[:count]):
        fields.fault(line, _("The keys of the options are A, B, C … in this order, at most H."))
    if count < 2 or (check.kind is CheckKind.TRUE_FALSE and count != 2):
        fields.fault(line, _("A question needs two options or more; true or false has exactly two."))
    if check.kind is CheckKind.MULTIPLE and correct < 2:
        fields.fault(line, _("A question with several answers needs two correct options or more."))
    if check.kind is not CheckKind.MULTIPLE and correct != 1:
        fields.fault(line, _("Exactly one option must be correct; %(count)d are."), count=correct)


def _read_terms(node: Node, faults: list[Fault], _files: object) -> Block:
    fields = Fields(node, faults, ("terms",))
    rows = fields.tables("terms", ("term", "meaning"))
    return TermsBlock(tuple(Term(row.words("term", most=40), row.words("meaning", most=500)) for row in rows))


_READERS: dict[str, Callable[[Node, list[Fault], Mapping[str, str] | None], Block]] = {
    "picture": _read_picture,
    "video": _read_video,
    "download": _read_download,
    "package": _read_package,
    "case": _read_case,
    "law": _read_law,
    "say": _read_say,
    "script": _read_script,
    "task": _read_task,
    "check": _read_check,
    "terms": _read_terms,
}
