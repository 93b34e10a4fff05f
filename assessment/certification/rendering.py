"""From the printed data to the paper: typst, a QR code, fonts out of wheels. The same data gives the same bytes.

Nothing of the machine enters: no system fonts, no clock, no network. What could change the bytes is pinned with the
paper: the template by name and hash, typst by version, the Chinese font by hash.
"""

import json
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import segno
import typst
from noto_cjk_sans_otc import FONT_PATH

from assessment.certification.glyphs import drawn_characters
from assessment.certification.types import CertificateData, Rendered
from assessment.specification.types import Paper
from lms.accounts.api import DocumentKind, Sex
from lms.core.types import Level

TEMPLATE = "certificate_1"
_FOLDER = Path(__file__).parent / "data"
_PREVIEW_PPI = 110.0
# A paper is Chinese whatever the reader's language.
_TITLES = {
    Paper.COMPLETION_CERTIFICATE: ("培训结业证书", "Certificate of Completion"),
    Paper.QUALIFICATION_CERTIFICATE: ("培训合格证书", "Certificate of Qualification"),
    Paper.SKILL_LEVEL_CERTIFICATE: ("职业技能等级证书", "Certificate of Vocational Skill Level"),
}
_DOCUMENTS = {
    DocumentKind.RESIDENT_CARD: "居民身份证",
    DocumentKind.HMT_PERMIT: "港澳台居民来往内地通行证",
    DocumentKind.FOREIGNER_CARD: "外国人永久居留身份证",
    DocumentKind.PASSPORT: "护照",
}
_SEXES = {Sex.FEMALE: "女", Sex.MALE: "男"}
_PINS = {"specification": "考核规范", "profile": "政策", "decision": "成绩认定", "scheme": "编号规则"}
_NOTHING = "—"


class PaperChanged(Exception):
    """The paper came out with other bytes than it was issued with: the template, typst or the font is another one."""


@lru_cache(maxsize=1)
def engine() -> str:
    """What makes papers here: typst's version and the beginning of the Chinese font's SHA-256."""
    with Path(str(FONT_PATH)).open("rb") as font:
        digest = sha256(font.read()).hexdigest()
    return f"typst {version('typst')}, {FONT_PATH.name} {digest[:16]}"


@lru_cache(maxsize=8)
def template(name: str = TEMPLATE) -> str:
    """A template's name with the beginning of its SHA-256. Raises FileNotFoundError."""
    return f"{name} {sha256(_source(name)).hexdigest()[:16]}"


def _source(name: str) -> bytes:
    return (_FOLDER / f"{name}.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(Path(str(FONT_PATH)).parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def unprintable(text: str) -> str:
    """The characters of a text that the Chinese font has no drawing for; Latin letters come from another one."""
    drawn = drawn_characters()
    return "".join(letter for letter in dict.fromkeys(text) if not letter.isascii() and ord(letter) not in drawn)


def render(data: CertificateData) -> Rendered:
    """The paper as PDF/A-2a with tags. Raises PaperChanged when the data asks for another template than ours."""
    pdf = _compiled(data, format="pdf", pdf_standards=["a-2a", "ua-1"])
    return Rendered(pdf, sha256(pdf).hexdigest())


def picture(data: CertificateData) -> bytes:
    """The same as PNG, to look at on a phone and to keep by a long press (some browsers download no files)."""
    return _compiled(data, format="png", ppi=_PREVIEW_PPI)


def _compiled(data: CertificateData, **options: Any) -> bytes:
    name = data.template.partition(" ")[0]
    if data.template != template(name):
        raise PaperChanged(data.template)
    compiler = typst.Compiler(root=str(_FOLDER), font_paths=_fonts(), ignore_system_fonts=True)
    made = compiler.compile(
        _source(name), sys_inputs={"data": json.dumps(_words(data), ensure_ascii=False)}, timestamp=0, **options
    )
    if not isinstance(made, bytes):
        raise PaperChanged(f"{name}: not one page")
    return made


def _words(data: CertificateData) -> dict[str, Any]:
    """Everything in the words of the paper."""
    title, title_en = _TITLES[data.kind]
    born = data.birth_date
    return {
        "title": title,
        "title_en": title_en,
        "serial": str(data.serial),
        "number": data.number,
        "code": data.code,
        "verify_url": data.verify_url,
        "qr": _modules(data.verify_url),
        "name": data.name,
        "sex": _SEXES[Sex(data.sex)] if data.sex else _NOTHING,
        "birth_date": f"{born.year}年{born.month}月{born.day}日" if born else _NOTHING,
        "document_type": _DOCUMENTS[DocumentKind(data.document_type)] if data.document_type else _NOTHING,
        "document_number": data.document_number or _NOTHING,
        "occupation": data.occupation,
        "job": data.job,
        "level": Level(data.level).rank_zh,
        "hours": f"{data.planned_hours}学时",
        "body_name": data.body_name,
        "issued_on": f"{data.issued_on.year}年{data.issued_on.month}月{data.issued_on.day}日",
        "date": [data.issued_on.year, data.issued_on.month, data.issued_on.day],
        "edition": data.edition,
        "demo": data.is_demo,
        "pins": "；".join(_pin(pin.kind, pin.key, pin.version, pin.hash) for pin in data.pins),
    }


def _pin(kind: str, key: str, number: str, digest: str) -> str:
    said = " ".join(word for word in (_PINS[kind], key, f"第{number}版") if word)
    return f"{said}（{digest[:12]}）" if digest else said


def _modules(url: str) -> list[str]:
    """The QR code's rows of 0 and 1; level Q survives a stamp over a quarter of it."""
    code = segno.make_qr(url, error="q", boost_error=False)
    return ["".join("1" if module else "0" for module in row) for row in code.matrix]
