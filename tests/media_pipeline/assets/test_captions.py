"""Captions are corrected line by line; what the machine heard stays, and nobody overwrites another."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core import audit
from media_pipeline.api import (
    CaptionLine,
    CaptionsRefused,
    captions_of,
    captions_vtt,
    correct_captions,
    machine_captions,
)
from media_pipeline.assets.logic import corrected
from media_pipeline.assets.models import CaptionVersion
from tests.media_pipeline.cast import NOW, Cast
from tests.media_pipeline.materials import finish_material, hand_in_material


@pytest.fixture
def asset(cast: Cast, tmp_path) -> UUID:
    return finish_material(hand_in_material(cast.acting("instructor")), tmp_path)


def test_a_correction_is_a_new_version_and_the_machine_s_own_stays(cast: Cast, asset: UUID) -> None:
    heard = captions_of(asset)
    assert heard is not None
    assert (heard.number, [line.id for line in heard.lines]) == (0, [0, 1, 2])
    better = replace(heard.lines[1], text="先说产地：连江；再说配料 <五样> & 做法。")
    by = cast.uuid("instructor")
    made = correct_captions(
        by=by,
        asset=asset,
        base=0,
        changed={0: heard.lines[0], 1: better, 2: None},
        added=(CaptionLine(-1, 11.0, 13.5, "下一课讲价格。"),),
        now=NOW,
    )
    assert (made.number, [(line.id, line.text[:4]) for line in made.lines]) == (
        1,
        [(0, "大家好，"), (1, "先说产地"), (3, "下一课讲")],
    )
    assert captions_of(asset) == made
    assert machine_captions(asset) == heard
    assert captions_vtt(asset) == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:05.000\n大家好，今天讲连江鱼丸怎么介绍\n\n"
        "2\n00:00:05.000 --> 00:00:10.000\n先说产地：连江\n再说配料 &lt;五样&gt; &amp; 做法\n\n"
        "3\n00:00:11.000 --> 00:00:13.500\n下一课讲价格\n"
    )
    # The same once more changes nothing and makes no version.
    assert correct_captions(by=by, asset=asset, base=1, changed={1: better}, now=NOW) == made
    assert CaptionVersion.objects.get().by == by
    assert [event.action for event in audit.events_of(asset)][-1] == "captions_corrected"


def test_two_people_at_once_lose_nothing(cast: Cast, asset: UUID) -> None:
    by, heard = cast.uuid("instructor"), captions_of(asset)
    assert heard is not None
    hers, his = replace(heard.lines[0], text="她的"), replace(heard.lines[2], text="他的")
    correct_captions(by=by, asset=asset, base=0, changed={0: hers}, now=NOW)
    both = correct_captions(by=by, asset=asset, base=0, changed={2: his}, now=NOW)
    assert [line.text for line in both.lines] == ["她的", "先说产地，再说配料。", "他的"]
    with pytest.raises(CaptionsRefused) as clash:
        correct_captions(by=by, asset=asset, base=0, changed={0: replace(hers, text="另一个")}, now=NOW)
    assert clash.value.line == 0
    assert captions_of(asset) == both


@pytest.mark.parametrize(
    "line",
    (
        CaptionLine(0, 5.0, 5.0, "没有时间"),
        CaptionLine(0, 50.0, 64.0, "比视频长"),
        CaptionLine(0, 1.0, 2.0, "长" * 121),
    ),
)
def test_what_cannot_be_shown_is_refused(cast: Cast, asset: UUID, line: CaptionLine) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        correct_captions(by=cast.uuid("instructor"), asset=asset, base=0, changed={0: line}, now=NOW)
    assert refused.value.line == 0
    assert not CaptionVersion.objects.exists()


def test_nothing_transcribed_yet_is_refused(cast: Cast) -> None:
    waiting = hand_in_material(cast.acting("instructor"))
    assert captions_of(waiting) is None
    assert captions_vtt(waiting) == "WEBVTT\n"
    with pytest.raises(CaptionsRefused):
        correct_captions(by=cast.uuid("instructor"), asset=waiting, base=0, changed={}, now=NOW)


lines = st.builds(
    CaptionLine,
    id=st.integers(0, 5),
    start_s=st.sampled_from([0.0, 1.0, 2.0]),
    end_s=st.just(3.0),
    text=st.sampled_from("一二三"),
)
versions = st.lists(lines, unique_by=lambda line: line.id, max_size=5)


@given(
    seen=versions,
    newest=versions,
    changed=st.dictionaries(st.integers(0, 5), st.none() | lines, max_size=4),
    added=st.lists(lines, max_size=2),
)
def test_no_line_of_another_is_overwritten(seen, newest, changed, added) -> None:
    changed = {number: line and replace(line, id=number) for number, line in changed.items()}
    after, lost = corrected(seen, newest, changed, added)
    before, now, made = ({line.id: line for line in version} for version in (seen, newest, after))
    if lost is not None:
        assert after == tuple(newest)
        assert now.get(lost) not in (before[lost], changed[lost])
        return
    assert len(made) == len(after)
    assert list(after) == sorted(after, key=lambda line: (line.start_s, line.id))
    for number, line in now.items():
        if line != before.get(number) and number not in changed:
            assert made[number] == line
    assert len([number for number in made if number not in before and number not in now]) == len(added)
