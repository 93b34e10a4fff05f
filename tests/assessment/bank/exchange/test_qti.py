"""Items as other makers write them in QTI 2.1, 2.2 and 3.0, and what is refused with its reason."""

import pytest

from assessment.bank.exchange import formats, zips
from assessment.bank.exchange.qti.xsd import SchemaMissing, schema_faults
from assessment.bank.types import QuestionType
from lms.core.imports import ImportRefused
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES, png

pytestmark = pytest.mark.usefixtures("english")

V21 = "http://www.imsglobal.org/xsd/imsqti_v2p1"
V30 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"


def item21(body, declared="", after="", space=V21, attributes=""):
    """An item of 2.x."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><assessmentItem xmlns="{space}" identifier="i1" title="t" {attributes}'
        f'timeDependent="false">{declared}<itemBody>{body}</itemBody>{after}</assessmentItem>'
    ).encode()


def declared21(right="", mapping="", cardinality="single", base="identifier", name="RESPONSE"):
    """A response declaration of 2.x; mapping: key=points."""
    values = "".join(f"<value>{value}</value>" for value in right.split(","))
    correct = f"<correctResponse>{values}</correctResponse>" if right else ""
    rows = "".join('<mapEntry mapKey="{}" mappedValue="{}"/>'.format(*row.split("=")) for row in mapping.split())
    points = f'<mapping defaultValue="0">{rows}</mapping>' if rows else ""
    return f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{base}">{correct}{points}</responseDeclaration>'


def choices21(*texts, tag="choiceInteraction", prompt="", most=1):
    rows = "".join(f'<simpleChoice identifier="c{i}">{text}</simpleChoice>' for i, text in enumerate(texts))
    return f'<{tag} responseIdentifier="RESPONSE" shuffle="true" maxChoices="{most}"><prompt>{prompt}</prompt>{rows}</{tag}>'


def package(items, version="2p1", more=None):
    """A package with its manifest in a folder."""
    rows = "".join(
        f'<resource identifier="r{i}" type="imsqti_item_xmlv{version}" href="{name}"/>' for i, name in enumerate(items)
    )
    manifest = f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{rows}</resources></manifest>'
    return zips.packed({"imsmanifest.xml": manifest.encode(), **items, **(more or {})})


def only(data, name="x.xml"):
    """The one question of a file."""
    reading = formats.read(data, name)
    assert reading.refused == ()
    (read,) = reading.accepted
    return read


def test_choices_orders_and_pairs_of_2x_are_read():
    single = only(item21("<p>甲</p>" + choices21("一", "<b>二</b>", prompt="选？"), declared21("c1")))
    assert (single.type, single.stem, single.key.choices) == (QuestionType.SINGLE, "甲\n选？", ("B",))
    assert single.options[1].text == "**二**"
    mapped = only(item21(choices21("一", "二", prompt="甲"), declared21(mapping="c0=0.5 c1=1")))
    assert mapped.key.choices == ("B",)
    many = only(
        item21(
            choices21("一", "二", "三", prompt="甲", most=0),
            declared21("c2,c0", cardinality="multiple"),
            space=V21.replace("2p1", "2p2"),
        )
    )
    assert (many.type, many.key.choices) == (QuestionType.MULTIPLE, ("A", "C"))
    truth = only(item21(choices21("正确", "错误", prompt="甲"), declared21("c1")))
    assert (truth.type, truth.key.truth) == (QuestionType.TRUE_FALSE, False)
    order = only(
        item21(
            choices21("一", "二", "三", tag="orderInteraction", prompt="排"),
            declared21("c2,c0,c1", cardinality="ordered"),
        )
    )
    assert (order.type, order.key.choices) == (QuestionType.ORDERING, ("C", "A", "B"))
    sets = "".join(
        "<simpleMatchSet>"
        + "".join(
            f'<simpleAssociableChoice identifier="{key}" matchMax="1">{text}</simpleAssociableChoice>'
            for key, text in row
        )
        + "</simpleMatchSet>"
        for row in ((("x", "主播"), ("y", "场控")), (("p", "改价"), ("q", "讲解"), ("r", "客服")))
    )
    match = only(
        item21(
            f'<matchInteraction responseIdentifier="RESPONSE"><prompt>配</prompt>{sets}</matchInteraction>',
            declared21("y p,x q", cardinality="multiple", base="directedPair"),
        )
    )
    assert (match.type, match.key.pairs) == (QuestionType.MATCHING, (("1", "B"), ("2", "A")))
    rows = "".join(
        f'<simpleAssociableChoice identifier="{key}" matchMax="1">{key}</simpleAssociableChoice>' for key in "abcd"
    )
    pairs = only(
        item21(
            f'<associateInteraction responseIdentifier="RESPONSE"><prompt>配</prompt>{rows}</associateInteraction>',
            declared21("a c,b d", cardinality="multiple", base="pair"),
        )
    )
    assert pairs.key.pairs == (("1", "A"), ("2", "B"))


def test_texts_of_2x_are_read():
    entry = (
        '<p>首都<textEntryInteraction responseIdentifier="R1"/>，<textEntryInteraction responseIdentifier="R2"/>。</p>'
    )
    fill = only(
        item21(
            entry,
            declared21("北京", "北京=1 京=1 沪=0", base="string", name="R1")
            + declared21("七", base="string", name="R2"),
            '<outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float"><defaultValue><value>4</value></defaultValue></outcomeDeclaration>'
            '<modalFeedback outcomeIdentifier="F" identifier="x" showHide="show"><p>因为</p></modalFeedback>',
        )
    )
    assert (fill.stem, fill.key.blanks) == ("首都____，____。", (("北京", "京"), ("七",)))
    assert (fill.explanation, str(fill.marks)) == ("因为", "4")
    essay = only(
        item21(
            '<rubricBlock view="scorer"><p>答案</p></rubricBlock><rubricBlock view="author"><p>秘</p></rubricBlock>'
            '<p>简述</p><extendedTextInteraction responseIdentifier="RESPONSE"/>',
            declared21(base="string"),
        )
    )
    assert (essay.type, essay.stem, essay.key.model) == (QuestionType.SHORT, "简述", "答案")


def test_stimulus_and_media_of_3_0_are_found_where_they_lie():
    item = (
        f'<qti-assessment-item xmlns="{V30}" identifier="i" title="t" adaptive="false" time-dependent="false">'
        '<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">'
        "<qti-correct-response><qti-value>b</qti-value></qti-correct-response></qti-response-declaration>"
        '<qti-assessment-stimulus-ref identifier="s" href="../case/s.xml"/>'
        '<qti-item-body><qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-prompt>甲'
        '<video controls="controls"><source src="../case/f.mp4" type="video/mp4"/>您的浏览器不能播放</video></qti-prompt>'
        '<qti-simple-choice identifier="a">一<qti-feedback-inline outcome-identifier="F" identifier="a" show-hide="show">错</qti-feedback-inline>'
        '</qti-simple-choice><qti-simple-choice identifier="b">二</qti-simple-choice></qti-choice-interaction></qti-item-body></qti-assessment-item>'
    ).encode()
    stimulus = (
        f'<qti-assessment-stimulus xmlns="{V30}" identifier="s" title="t"><qti-stimulus-body><p>料 <img src="p.png" alt="图"/></p>'
        "</qti-stimulus-body></qti-assessment-stimulus>"
    ).encode()
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(20)
    read = only(
        package({"items/i.xml": item}, "3p0", {"case/s.xml": stimulus, "case/p.png": png(), "case/f.mp4": film}),
        "x.zip",
    )
    assert (read.stimulus, read.stem) == ("料 ![图](p.png)", "甲![](f.mp4)")
    assert dict(read.files) == {"p.png": png(), "f.mp4": film}
    assert (read.options[0].text, read.explanation) == ("一", "错")
    alone = formats.read(item, "i.xml")
    assert "../case/s.xml" in alone.refused[0].reason


CHOICE = choices21("一", "二", prompt="甲")


@pytest.mark.parametrize(
    "item,words",
    (
        (item21("<gapMatchInteraction responseIdentifier='RESPONSE'/>", declared21()), "gap-match-interaction"),
        (item21("<hotspotInteraction responseIdentifier='RESPONSE'/>", declared21()), "hotspot"),
        (item21("<customInteraction responseIdentifier='RESPONSE'/>", declared21()), "custom-interaction"),
        (item21(CHOICE + CHOICE, declared21("c0")), "several questions"),
        (item21("<p>只读</p>"), "asks nothing"),
        (item21(CHOICE), "declares no answer"),
        (item21(CHOICE, declared21()), "missing"),
        (item21(CHOICE, declared21("c0"), attributes='adaptive="true" '), "adaptive"),
        (item21(CHOICE, declared21("c0") + "<templateDeclaration identifier='X'/>"), "random"),
        (item21("<p><printedVariable identifier='X'/></p>" + CHOICE, declared21("c0")), "later (X)"),
        (
            item21(
                choices21("一", "二", "三", prompt="甲", most=0),
                declared21("c0,c1", "c0=1 c2=1", cardinality="multiple"),
            ),
            "contradict",
        ),
        (
            item21(
                "<p><textEntryInteraction responseIdentifier='RESPONSE'/></p>",
                declared21("甲", "甲=1 乙=0.5", base="string"),
            ),
            "part of the marks",
        ),
        (item21('<img src="http://x.example/a.png" alt=""/>' + CHOICE, declared21("c0")), "network"),
        (item21('<img src="../../etc/passwd" alt=""/>' + CHOICE, declared21("c0")), "not there"),
        (item21('<object data="a.svg" type="image/svg+xml">x</object>' + CHOICE, declared21("c0")), "a.svg"),
        (item21("<m:math xmlns:m='http://www.w3.org/1998/Math/MathML'/>" + CHOICE, declared21("c0")), "MathML"),
        (item21("<div>" * 90 + "</div>" * 90 + CHOICE, declared21("c0")), "too deep"),
    ),
)
def test_what_cannot_be_kept_is_refused_by_item(item, words):
    good = item21(CHOICE, declared21("c0"))
    reading = formats.read(
        package({"items/bad.xml": item, "items/good.xml": good}, more={"items/a.svg": b"<svg onload='x()'/>"}), "x.zip"
    )
    assert [read.where for read in reading.accepted] == ["items/good.xml"]
    assert [row.where for row in reading.refused] == ["items/bad.xml"]
    assert words in reading.refused[0].reason


def test_scripts_are_dropped():
    read = only(item21("<script>alert(1)</script><p onclick='x()'>甲<style>b{}</style></p>" + CHOICE, declared21("c0")))
    assert read.stem == "甲\n甲"


def test_items_that_are_named_and_not_there_are_refused():
    reading = formats.read(package({"a.xml": item21(CHOICE, declared21("c0"))}).replace(b"never", b""), "x.zip")
    assert len(reading.accepted) == 1
    rows = '<resource identifier="r" type="imsqti_item_xmlv2p1" href="none.xml"/><resource type="imsqti_item_xmlv2p1" href="../../x.xml"/>'
    manifest = f'<manifest xmlns="imscp_v2p1"><resources>{rows}</resources></manifest>'
    reading = formats.read(zips.packed({"imsmanifest.xml": manifest.encode()}), "x.zip")
    assert [row.where for row in reading.refused] == ["none.xml", "../../x.xml"]


@pytest.mark.parametrize(
    "manifest", ("<manifest><resources/></manifest>", "<manifest xmlns='v2p1'><resources/></manifest>")
)
def test_a_package_without_items_is_not_let_in(manifest):
    with pytest.raises(ImportRefused):
        formats.read(zips.packed({"imsmanifest.xml": manifest.encode()}), "x.zip")


def test_schemas_of_a_folder_are_held_against_a_package(tmp_path):
    data = formats.write("qti30", EVERY_TYPE[:1], FILES, title="")
    with pytest.raises(SchemaMissing):
        schema_faults(data, tmp_path)
    (tmp_path / "other.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="one"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>'
    )
    schema = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{V30}" elementFormDefault="qualified">
      <xs:include schemaLocation="https://schemas.example/other.xsd"/>
      <xs:element name="qti-assessment-item"><xs:complexType><xs:sequence>
      <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>ATTRIBUTES</xs:complexType></xs:element></xs:schema>"""
    path = tmp_path / "asi.xsd"
    path.write_text(schema.replace("ATTRIBUTES", '<xs:anyAttribute processContents="skip"/>'))
    assert schema_faults(data, tmp_path) == ()
    path.write_text(schema.replace("ATTRIBUTES", ""))
    faults = schema_faults(data, tmp_path)
    assert faults
    assert "items/" in faults[0].where
