"""Numbers, codes and printed data, computed."""

import re
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessment.certification.loading import FILE
from assessment.certification.logic import (
    build_number,
    check_codes,
    counter_scope,
    draw_code,
    grouped,
    printed_data,
    printed_text,
    tidy_code,
)
from assessment.certification.rendering import engine, template
from assessment.certification.types import CertificateData, NumberRefused, Pin, SchemeData, SchemePart
from assessment.specification.types import Paper

CODES = {"body_type": "S", "body": "0000", "province": "35", "site": "000012"}
OTHER_CODES = {"prefix": "R", "filing": "C", "body_type": "W", "region": "350100", "body": "007"}


def scheme(key: str) -> SchemeData:
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8"))["schemes"]
    entry = next(one for one in entries if one["key"] == key)
    parts = tuple(SchemePart(**part) for part in entry.pop("parts"))
    return SchemeData(uuid=UUID(int=1), content_hash="", parts=parts, **entry)


def paper(**changes: object) -> CertificateData:
    data = CertificateData(
        serial=UUID(int=5),
        kind=Paper.SKILL_LEVEL_CERTIFICATE,
        number="S000035000012265000001",
        code="K7FA-34RT-9QWE",
        verify_url="http://127.0.0.1:8000/verify/K7FA-34RT-9QWE/",
        name="林晓燕",
        sex="female",
        birth_date=date(1988, 5, 6),
        document_type="resident_card",
        document_number="990101198805060123",
        occupation="互联网营销师",
        job="直播销售员",
        level=5,
        planned_hours=100,
        class_name="连江县初级班第3期",
        body_name="连江县鉴定站",
        issued_on=date(2026, 3, 16),
        edition=1,
        is_demo=False,
        pins=(Pin("specification", "demonstration", "1", "ab" * 32), Pin("decision", "", "2", "cd" * 32)),
        template=template(),
        engine=engine(),
    )
    return replace(data, **changes)  # type: ignore[arg-type]


def test_the_22_characters_of_the_domains_test_value() -> None:
    codes = {"body_type": "S", "body": "0000", "province": "35", "site": "000012"}
    assert build_number(scheme("skill_level_22"), codes, year=2021, level=5, sequence=1) == "S000035000012215000001"
    assert re.fullmatch(scheme("skill_level_22").regex, "S000035000001215000001")


def test_the_20_character_scheme_is_data_too() -> None:
    number = build_number(scheme("skill_level_20"), OTHER_CODES, year=2026, level=3, sequence=12)
    assert number == "RCW35010000726300012"
    assert len(number) == 20


@given(year=st.integers(2020, 2099), level=st.integers(1, 5), sequence=st.integers(1, 999_999))
def test_every_number_fits_its_scheme_and_tells_its_sequence(year: int, level: int, sequence: int) -> None:
    number = build_number(scheme("skill_level_22"), CODES, year=year, level=level, sequence=sequence)
    assert len(number) == 22
    assert number[13:] == f"{year % 100:02d}{level}{sequence:06d}"


@pytest.mark.parametrize(
    "changes, sequence, part",
    (({"body_type": "X"}, 1, "body_type"), ({"site": "12"}, 1, "site"), ({"body": ""}, 1, "body"),
     ({}, 1_000_000, "sequence")),
)  # fmt: skip
def test_what_does_not_fit_the_scheme_is_no_number(changes: dict[str, str], sequence: int, part: str) -> None:
    with pytest.raises(NumberRefused) as refused:
        build_number(scheme("skill_level_22"), CODES | changes, year=2026, level=5, sequence=sequence)
    assert refused.value.part == part


def test_a_demonstrations_codes_can_be_nobodys_and_a_real_bodys_cannot_be_a_demonstrations() -> None:
    data = scheme("skill_level_22")
    check_codes(data, CODES, synthetic=False)
    check_codes(data, CODES | {"province": "99"}, synthetic=True)
    for codes, synthetic in ((CODES, True), (CODES | {"province": "99"}, False)):
        with pytest.raises(NumberRefused) as refused:
            check_codes(data, codes, synthetic=synthetic)
        assert refused.value.part == "province"


def test_levels_share_one_sequence_and_years_do_not() -> None:
    data = scheme("skill_level_22")
    scopes = [counter_scope(data, CODES, year=year, level=level) for year, level in ((2026, 5), (2026, 4), (2027, 5))]
    assert scopes == ["S00003500001226*******", "S00003500001226*******", "S00003500001227*******"]


def test_codes_are_read_as_people_type_them() -> None:
    code = draw_code()
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", code)
    assert tidy_code(f" {code.lower().replace('-', ' ')} ") == code
    assert [tidy_code(wrong) for wrong in ("", "K7FA-34RT", "K7FA-34RT-9QW0", "' OR 1=1 --")] == [""] * 4


def test_numbers_are_grouped_for_the_screen() -> None:
    assert grouped("S000035000001215000001") == "S000 0350 0000 1215 0000 01"


def test_printed_data_survives_being_stored() -> None:
    for data in (paper(), paper(birth_date=None, sex="", edition=2, is_demo=True)):
        assert printed_data(printed_text(data)) == data
