"""Masking and the check of resident card numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.logic import (
    IdentityNumberError,
    birth_date_of,
    check_digit,
    checked_resident_number,
    is_female,
    masked_document,
    masked_name,
    masked_phone,
    tidy_number,
)

TODAY = date(2026, 3, 16)
SAMPLE = "11010519491231002X"  # the standard's own example


@pytest.mark.parametrize(
    "name, masked",
    (
        ("林晓燕", "林*燕"),
        ("陈芳", "陈*"),
        ("欧阳修文", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("阿依古丽", "阿**丽"),
        ("林", "*"),
        ("", ""),
        ("Anna Lindqvist", "A***"),
        (" 林晓燕 ", "林*燕"),
    ),
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    "number, masked",
    (("350122199003071234", "3501**********1234"), ("E12345678", "*******78"), ("A12", "***"), ("", "")),
)
def test_numbers_of_papers_are_masked(number: str, masked: str) -> None:
    assert masked_document(number) == masked


@pytest.mark.parametrize(
    "phone, masked", (("13812341234", "138****1234"), ("059126881234", "********1234"), ("12345", "*****"))
)
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


@given(st.text(min_size=1, max_size=30))
def test_a_masked_number_never_shows_more_than_eight_characters(number: str) -> None:
    number = number.replace("*", "x").strip()
    assert len(masked_document(number).replace("*", "")) <= 8
    assert len(masked_document(number)) == len(number)


def test_the_standards_sample_is_valid() -> None:
    assert checked_resident_number(SAMPLE, today=TODAY, synthetic=False) == SAMPLE
    assert birth_date_of(SAMPLE) == date(1949, 12, 31)
    assert is_female(SAMPLE)


@pytest.mark.parametrize(
    "typed", ("110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X\n")
)
def test_spaces_hyphens_and_full_width_digits_are_tidied(typed: str) -> None:
    assert checked_resident_number(typed, today=TODAY, synthetic=False) == SAMPLE


@pytest.mark.parametrize(
    "number, reason",
    (
        ("11010519491231002", "length"),
        ("1101051949123100200", "length"),
        ("1101051949123100AX", "digits"),
        ("X10105194912310021", "digits"),
        ("00010519491231002X", "region"),
        ("99010519491231002X", "region"),
        ("11010519490230002X", "birth_date"),
        ("11010518991231002X", "birth_date"),
        ("110105202603170021", "birth_date"),
        ("110105194912310020", "check_digit"),
    ),
)
def test_the_first_thing_wrong_is_named(number: str, reason: str) -> None:
    with pytest.raises(IdentityNumberError) as refused:
        checked_resident_number(number, today=TODAY, synthetic=False)
    assert refused.value.reason == reason


def test_synthetic_numbers_pass_in_a_demonstration_only() -> None:
    number = "99010119900307002"
    number += check_digit(number)
    assert checked_resident_number(number, today=TODAY, synthetic=True) == number
    with pytest.raises(IdentityNumberError):
        checked_resident_number(number, today=TODAY, synthetic=False)


@given(st.from_regex(r"11010519[0-9]{2}0[1-9]1[0-9][0-9]{3}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(first: str, place: int, shift: int) -> None:
    number = first + check_digit(first)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdentityNumberError):
        checked_resident_number(wrong, today=TODAY, synthetic=False)


@given(st.text(max_size=40))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy_number(tidy_number(text)) == tidy_number(text)
