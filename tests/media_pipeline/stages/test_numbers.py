import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.numbers import in_characters, readings, value_of
from tests.media_pipeline.fakes import cues


@pytest.mark.parametrize(
    "number,spoken",
    (
        (0, "零"),
        (10, "十"),
        (18, "十八"),
        (110, "一百一十"),
        (250, "二百五十"),
        (1005, "一千零五"),
        (10_010, "一万零一十"),
        (20_300, "二万零三百"),
    ),
)
def test_numbers_as_they_are_said(number: int, spoken: str) -> None:
    assert in_characters(number) == spoken


@given(st.integers(0, 99_999_999))
def test_what_is_said_is_what_was_written(number: int) -> None:
    assert value_of(in_characters(number)) == number


@pytest.mark.parametrize(
    "spoken,number", (("一万二", 12_000), ("两百五", 250), ("两千", 2000), ("三十", 30), ("好", None))
)
def test_numbers_as_people_shorten_them(spoken: str, number: int | None) -> None:
    assert value_of(spoken) == number


def test_a_name_is_found_in_both_readings() -> None:
    assert readings("52度老酒") == ("52度老酒", "五十二度老酒")
    assert readings("五十二度老酒") == ("五十二度老酒", "52度老酒")
    assert readings("13800138000") == ("13800138000",)
    said = cues(["今天喝五十二度老酒。", "还是52度老酒。", "这款三只松鼠也好。", "换成3只松鼠。"])
    pack = current_pack()
    assert pack.mentions(said, "52度老酒") == pack.mentions(said, "五十二度老酒")
    assert [len(pack.mentions(said, name)) for name in ("52度老酒", "五十二度老酒", "三只松鼠", "3只松鼠")] == [
        2,
        2,
        2,
        2,
    ]
