"""The table of look-alikes: what must be found, and what must not, with real ffmpeg and the database's own index."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db.models import ProtectedError

from media_pipeline.assets.models import MediaAsset
from media_pipeline.similarity import candidates, samples
from media_pipeline.similarity.comparing import EarlierWorks
from media_pipeline.similarity.models import Fingerprint, FingerprintKey
from media_pipeline.similarity.services import forget_prints
from media_pipeline.similarity.texts import said
from media_pipeline.stages import similarity
from media_pipeline.stages.ports import Comparison
from media_pipeline.stages.prints import Prints, packed
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Verdict
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in
from tests.media_pipeline.clips import code_of, ffmpeg, tools
from tests.media_pipeline.similarity.scenes import COPIES, film, host, seen

TEA = (
    "大家好，欢迎来到直播间，今天给大家带来的是连江本地的茉莉花茶。",
    "上个月我跟着合作社的师傅进了山，天没亮茶农就在地里采花。",
    "一斤花茶要用三斤鲜花来窨，所以打开罐子就闻得到香气。",
    "规格是一罐一百克，价格六十八元，点一号链接就可以下单。",
)
# Read again by another person, a word here and there otherwise.
AGAIN = (
    "大家好欢迎来到我的直播间，今天给大家带来的是连江本地的茉莉花茶。",
    "上个月我跟着合作社师傅进山，天没亮茶农就在地里采花了。",
    "一斤花茶要用三斤鲜花窨制，所以打开罐子就能闻到香气。",
    "规格一罐一百克，价格六十八元，点一号链接就能下单。",
)
DATES = (
    "家人们晚上好，这一箱红枣是新疆若羌来的，皮薄肉厚核很小。",
    "昨天刚到仓库，我自己拆开吃了几颗，甜得像抹了蜜一样。",
    "一箱五斤装，今天下单送一个保鲜盒，四十八小时发货。",
    "煮粥、泡水、当零嘴都合适，收到有问题随时联系客服。",
)


def lines(texts: tuple[str, ...]) -> tuple[tuple[float, float, str], ...]:
    return tuple((place * 10.0, place * 10.0 + 9, text) for place, text in enumerate(texts))


def taken(path: Path, texts: tuple[str, ...] = (), *, words: bool = True) -> Prints:
    """The fingerprints of a clip by the real stage; what was said is given."""
    folder = path.parent / f"{path.stem}-prints"
    folder.mkdir()
    wav = folder / "sound.wav"
    ffmpeg("-i", str(path), "-ac", "1", "-ar", "16000", str(wav))
    facts: dict[str, Any] = {
        "measure": {"pictures": packed(seen(path)), "duration_s": 40.0},
        "transcribe": {"cues": [{"start": a, "end": b, "text": text} for a, b, text in lines(texts)], "doubt": ""},
    }
    return similarity.take(facts, {"wav": wav}, folder, tools().hands)


def compare(asset: MediaAsset, prints: Prints) -> Comparison:
    return EarlierWorks(asset, NOW).compare(prints, Thresholds())


def verdicts(found: Comparison) -> dict[str, str]:
    return {check.name: check.verdict.value for check in found.checks}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Prints]:
    """The earlier video."""
    path = film(host(1, 10), "clean-tea", tmp_path_factory.mktemp("look") / "first.mp4", quality=22)
    return path, taken(path, TEA)


@pytest.fixture
def earlier(cast: Cast, first: tuple[Path, Prints], tmp_path: Path) -> MediaAsset:
    """It was handed in by somebody else and looked at."""
    asset = finish(hand_in(cast, "colleague", b"first"), tmp_path, TEA)
    found = compare(asset, first[1])
    assert set(verdicts(found).values()) == {"pass"}
    return asset


@pytest.fixture
def mine(cast: Cast, earlier: MediaAsset) -> MediaAsset:
    return hand_in(cast, "owner", b"mine")


def copied(first: tuple[Path, Prints], tmp_path: Path, name: str) -> Path:
    """A copy of the first video."""
    picture, sound, start = COPIES[name]
    return film(host(1, 10), "clean-tea", tmp_path / "copy.mp4", picture=picture, sound=sound, start=start)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found_by_picture_and_by_sound(
    mine: MediaAsset, earlier: MediaAsset, first: tuple[Path, Prints], tmp_path: Path, name: str
) -> None:
    found = compare(mine, taken(copied(first, tmp_path, name), DATES))
    assert verdicts(found) == {
        "duplicate_exact": "pass", "duplicate_video": "warn", "duplicate_audio": "warn", "duplicate_text": "pass",
        "resubmission": "pass",
    }  # fmt: skip
    (match,) = found.matches
    assert (match["other"], match["tie"]) == (earlier.pk, "other")
    told = {each["kind"]: each for each in match["measures"]}
    assert told["picture"]["how"] == ("mirrored" if name == "mirrored" else "")
    for each in (told["picture"], told["sound"]):
        span = each["stretches"][0]
        speed = 1.1 if name.startswith("1.1") else 1.0
        begins = (span["own_start"] + COPIES[name][2]) * speed
        assert span["other_start"] == pytest.approx(begins, abs=1.2)
        assert span["other_end"] - span["other_start"] > 15


def test_other_sound_other_words_are_found_by_the_picture_alone(
    mine: MediaAsset, first: tuple[Path, Prints], tmp_path: Path
) -> None:
    copy = film(host(1, 10), "violating-dates", tmp_path / "copy.mp4", picture="hflip")
    found = compare(mine, taken(copy, DATES))
    assert verdicts(found) == {
        "duplicate_exact": "pass", "duplicate_video": "warn", "duplicate_audio": "pass", "duplicate_text": "pass",
        "resubmission": "pass",
    }  # fmt: skip


def test_another_product_of_the_same_host_is_no_copy(
    mine: MediaAsset, first: tuple[Path, Prints], tmp_path: Path
) -> None:
    """Same wall, same face, same voice of the synthesiser; other movements, product and words."""
    found = compare(mine, taken(film(host(2, 11), "clean-dates", tmp_path / "other.mp4"), DATES))
    assert set(verdicts(found).values()) == {"pass"}
    assert found.matches == ()


def test_a_script_that_somebody_else_read_again_is_found(
    mine: MediaAsset, earlier: MediaAsset, first: tuple[Path, Prints], tmp_path: Path
) -> None:
    found = compare(mine, taken(film(host(3, 12, room=8), "violating-dates", tmp_path / "again.mp4"), AGAIN))
    assert verdicts(found)["duplicate_text"] == "warn"
    (text,) = [check for check in found.checks if check.name == "duplicate_text"]
    assert (code_of(text), text.threshold) == ("same_text", 0.6)
    assert text.metric == pytest.approx(0.7, abs=0.1)
    assert [each["kind"] for each in found.matches[0]["measures"] if each["warns"]] == ["text"]
    assert text.ranges[0][0] == 0.0
    spans = [span for each in found.matches[0]["measures"] for span in each["stretches"]]
    assert spans[0]["own_start"] == spans[0]["other_start"] == 0.0


def with_samples(monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    monkeypatch.setattr(samples, "_sources", [lambda: texts])


def test_words_that_the_course_gave_to_both_are_nobodys(
    cast: Cast, mine: MediaAsset, first: tuple[Path, Prints], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_samples(monkeypatch, *TEA[:3])
    # Two hosts read the course's script; only what they add is their own.
    words = (*TEA[:3], *DATES)
    found = compare(mine, replace(first[1], said=lines(words)))
    (text,) = [check for check in found.checks if check.name == "duplicate_text"]
    assert text.verdict is Verdict.PASS
    little = compare(mine, replace(first[1], said=lines(TEA[:3])))
    (text,) = [check for check in little.checks if check.name == "duplicate_text"]
    assert (text.verdict, code_of(text), text.metric) == (Verdict.NOT_RUN, "little_own_text", None)


def test_what_could_not_be_taken_is_not_run(mine: MediaAsset, first: tuple[Path, Prints]) -> None:
    lacking = {"picture": "no_print_of_picture", "sound": "needs_sound", "text": "no_speech"}
    nothing = Prints(first[1].pictures[:0], {}, (), lacking)
    found = {check.name: check for check in compare(mine, nothing).checks}
    for name in ("duplicate_video", "duplicate_audio", "duplicate_text"):
        assert (found[name].verdict, found[name].metric) == (Verdict.NOT_RUN, None)


def test_the_same_file_of_another_person_is_refused_and_of_her_own_is_linked(
    cast: Cast, first: tuple[Path, Prints], tmp_path: Path
) -> None:
    before = finish(hand_in(cast, "colleague", b"one file"), tmp_path, TEA)
    assert set(verdicts(compare(before, first[1])).values()) == {"pass"}
    again = hand_in(cast, "colleague", b"one file")
    found = compare(again, first[1])
    assert verdicts(found) == {
        "duplicate_exact": "pass", "duplicate_video": "pass", "duplicate_audio": "pass", "duplicate_text": "pass",
        "resubmission": "info",
    }  # fmt: skip
    (match,) = found.matches
    assert (match["other"], match["tie"]) == (before.pk, "same")
    assert {each["kind"]: each["value"] for each in match["measures"]} == {
        "picture": 1.0, "sound": 1.0, "text": pytest.approx(1.0, abs=0.01),
    }  # fmt: skip
    taken_by = hand_in(cast, "stranger", b"one file")
    found = compare(taken_by, first[1])
    assert verdicts(found)["duplicate_exact"] == "fail"
    assert [match["measures"][0]["kind"] for match in found.matches] == ["file", "file"]
    # Who handed it in first is not accused when it is looked at once more.
    assert verdicts(compare(before, first[1]))["duplicate_exact"] == "pass"


def test_a_demonstration_accuses_nobody(cast: Cast, earlier: MediaAsset, first: tuple[Path, Prints]) -> None:
    shown = hand_in(cast, "owner", b"first", is_demo=True)
    assert set(verdicts(compare(shown, first[1])).values()) == {"pass"}


def test_a_fingerprint_is_kept_once_and_forgotten_whole(earlier: MediaAsset, first: tuple[Path, Prints]) -> None:
    rows = FingerprintKey.objects.count()
    assert rows > 100
    compare(earlier, first[1])
    assert (FingerprintKey.objects.count(), Fingerprint.objects.count()) == (rows, 1)
    with pytest.raises(ProtectedError):
        earlier.delete()
    forget_prints(work=earlier.uuid, now=NOW)
    assert (FingerprintKey.objects.count(), Fingerprint.objects.count()) == (0, 0)


def test_a_key_that_everybody_has_is_not_written(
    cast: Cast, earlier: MediaAsset, first: tuple[Path, Prints], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "COMMON", 1)
    compare(hand_in(cast, "owner", b"mine"), first[1])
    assert FingerprintKey.objects.values("fingerprint").distinct().count() == 1


def test_texts_are_compared_without_punctuation(monkeypatch: pytest.MonkeyPatch) -> None:
    with_samples(monkeypatch)
    told = said(((0.0, 2.0, "大家好，我是小林。"), (2.0, 4.0, "ＡＢＣ 123")))
    assert (told.text, told.seconds[0], told.seconds[-1]) == ("大家好我是小林abc123", (0.0, 2.0), (2.0, 4.0))
