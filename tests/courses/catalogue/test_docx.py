"""Word files: what is read, what is said to be lost, what is refused."""

import io
import zipfile

import pytest

from courses.catalogue.exchange.docx import read_docx
from courses.catalogue.types import PictureBlock, TextBlock
from lms.core.imports import ImportRefused
from tests.lms.core.test_imports import png

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""
_PARTS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="p1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="{}"{}/>
<Relationship Id="n1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/></Relationships>"""
_STYLES = f"""<?xml version="1.0"?><w:styles xmlns:w="{_W}">
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>"""
_NUMBERING = f"""<?xml version="1.0"?><w:numbering xmlns:w="{_W}"><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""
_DRAWING = (
    '<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:docPr id="1" name="x" descr="一盒鱼丸"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="p1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
)


def _p(text: str, style: str = "", *, bold: bool = False, item: bool = False, inner: str = "") -> str:
    look = f'<w:pStyle w:val="{style}"/>' if style else ""
    look += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' if item else ""
    return (
        f"<w:p><w:pPr>{look}</w:pPr><w:r><w:rPr>{'<w:b/>' if bold else ''}</w:rPr><w:t>{text}</w:t>{inner}</w:r></w:p>"
    )


def docx(
    body: str,
    *,
    picture: bytes | None = None,
    target: str = "media/p.png",
    outside: str = "",
    more: dict[str, bytes] | None = None,
) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        parts.writestr("_rels/.rels", _RELS)
        parts.writestr("word/_rels/document.xml.rels", _PARTS.format(target, outside))
        parts.writestr("word/styles.xml", _STYLES)
        parts.writestr("word/numbering.xml", _NUMBERING)
        parts.writestr(
            "word/document.xml",
            body
            if body.startswith(("<?", "<!"))
            else f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
        )
        if picture is not None:
            parts.writestr("word/media/p.png", picture)
        for name, data in (more or {}).items():
            parts.writestr(name, data)
    return made


def test_headings_text_lists_and_pictures_become_blocks():
    body = (
        _p("鱼丸怎么讲", "Title")
        + _p("先看一个例子", "H2")
        + _p("真的新鲜", bold=True)
        + _p("一", item=True)
        + _p("二", item=True)
        + _p("", inner=_DRAWING)
        + _p("最后一句")
    )
    word = read_docx(docx(body, picture=png()))
    assert word.title == "鱼丸怎么讲"
    assert [type(block) for block in word.blocks] == [TextBlock, PictureBlock, TextBlock]
    first, picture, last = word.blocks
    assert isinstance(first, TextBlock)
    assert first.text == "### 先看一个例子\n\n**真的新鲜**\n\n- 一\n- 二"
    assert isinstance(picture, PictureBlock)
    assert (picture.alt, word.files[picture.file]) == ("一盒鱼丸", png())
    assert last == TextBlock("最后一句")
    assert word.lost == ()


def test_what_cannot_be_taken_over_is_counted():
    table = "<w:tbl><w:tr><w:tc>" + _p("价格") + "</w:tc></w:tr></w:tbl>"
    word = read_docx(docx(_p("课") + table + table + _p("对象", inner="<w:object/>")))
    assert [(fault.values["count"], str(fault)[:8]) for fault in word.lost] == [(2, "2 tables"), (1, "1 embedd")]
    assert "价格" in str(word.blocks)


@pytest.mark.parametrize(
    "file,why",
    (
        (docx("x", more={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "type"),
        (docx('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), "document type"),
        (docx(_p("课"), more={"word/embeddings/x.docx": b"PK\x03\x04"}), "type"),
        (docx("<w:p><broken"), "cannot be read"),
        (docx(""), "no text"),
        (docx(_p("x", inner=_DRAWING), picture=png()[:40]), "cannot be read"),
        (io.BytesIO(b"{\\rtf1 not a zip}"), "no zip"),
    ),
)
def test_hostile_and_broken_files_are_refused(file: io.BytesIO, why: str):
    with pytest.raises(ImportRefused, match=why):
        read_docx(file)


def test_a_picture_from_elsewhere_is_never_fetched():
    body = _p("课") + _p("", inner=_DRAWING.replace("r:embed", "r:link"))
    outside = ' TargetMode="External"'
    for target in ("file:///etc/passwd", "http://127.0.0.1:9/x.png"):
        try:
            word = read_docx(docx(body, target=target, outside=outside))
        except ImportRefused:
            continue
        assert word.files == {}
