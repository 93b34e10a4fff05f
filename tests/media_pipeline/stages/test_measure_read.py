"""Reading recorded ffmpeg outputs (5.1.9 and 9.0.2 write them alike)."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.stages import measure_read
from media_pipeline.stages.measure import read_outcome
from media_pipeline.stages.measure_checks import decodable
from media_pipeline.stages.ports import EngineError, Outcome
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Reason, Verdict

CLOCK = """#software: Lavf59.27.100
#tb 0: 1/90000
#media_type 0: video
#codec_id 0: rawvideo
0,          0,          0,     3000,      384, 0xa6b3904b
0,       3000,       3000,     3000,      384, 0x54e38f6f
0,       6000,       6000,        1,      384, 0x54e38f6f
"""
LOG = """[silencedetect @ 0x55] [info] silence_start: 4.01
[silencedetect @ 0x55] [info] silence_end: 15.2 | silence_duration: 11.19
[silencedetect @ 0x55] [info] silence_start: 58.5
[h264 @ 0x56] [error] error while decoding MB 12 3, bytestream -7
[Parsed_ebur128_22 @ 0x560458593100] [info] Summary:

  Integrated loudness:
    I:         -18.3 LUFS
    Threshold: -28.5 LUFS

  Loudness range:
    LRA:         1.6 LU
    Threshold: -38.6 LUFS

  True peak:
    Peak:       -3.1 dBFS
[Parsed_astats_21 @ 0x5604585367c0] [info] Overall
[Parsed_astats_21 @ 0x5604585367c0] [info] Peak level dB: 0.000000
[Parsed_astats_21 @ 0x5604585367c0] [info] RMS level dB: -18.266912
[Parsed_astats_21 @ 0x5604585367c0] [info] Peak count: 5654.000000
[Parsed_astats_21 @ 0x5604585367c0] [info] Number of samples: 2827264
"""
DETECT = """frame:0    pts:0       pts_time:0
lavfi.scd.mafd=0.000
frame:20   pts:20      pts_time:4
lavfi.black_start=4
frame:35   pts:35      pts_time:7
lavfi.black_end=7
lavfi.freezedetect.freeze_start=4.2
lavfi.freezedetect.freeze_duration=2.6
lavfi.freezedetect.freeze_end=6.8
lavfi.scd.time=7
frame:40   pts:40      pts_time:8
lavfi.black_start=8
lavfi.black_end=8.2
lavfi.freezedetect.freeze_start=9
"""


def test_the_clock_ends_with_its_last_picture():
    clock = measure_read.read_clock(CLOCK)
    assert clock is not None
    assert (clock.frames, clock.start_s, clock.duration_s) == (3, 0.0, 0.1)
    assert measure_read.read_clock("#tb 0: 1/90000\n") is None


@pytest.mark.req("S2-32")
@given(st.integers(0, 200_000))
def test_tenths_are_half_up(milliseconds):
    exact = (Decimal(milliseconds) / 100 + Decimal("0.5")).to_integral_value("ROUND_FLOOR") / 10
    assert measure_read.tenths(milliseconds / 1000) == float(exact)


def test_black_frozen_and_scenes():
    seen = measure_read.read_detect(DETECT, 12.0, 0.5)
    assert seen.black == ((4.0, 7.0),)
    assert seen.frozen == ((9.0, 12.0),)
    assert seen.scenes == (7.0,)


def test_sound_summaries():
    sound = measure_read.read_sound(LOG, 60.0)
    assert (sound.integrated_lufs, sound.true_peak_db, sound.mean_db) == (-18.3, -3.1, -18.266912)
    assert sound.clipped_share == pytest.approx(0.002, abs=1e-5)
    assert sound.silences == ((4.01, 15.2), (58.5, 60.0))
    assert measure_read.count_errors(LOG) == 1


def test_digital_silence_has_no_level():
    silent = (
        LOG.replace("-18.3 LUFS", "-70.0 LUFS")
        .replace("Peak:       -3.1", "Peak:       -inf")
        .replace("-18.266912", "-inf")
    )
    sound = measure_read.read_sound(silent, 60.0)
    assert (sound.integrated_lufs, sound.true_peak_db, sound.mean_db) == (None, None, None)


def test_waveform_is_bounded():
    samples = (np.sin(np.arange(16_000 * 600)) * 16384).astype(np.int16)
    values = measure_read.peaks(samples, 16_000)
    assert len(values) == 1200
    assert set(values) == {0.5}


def test_a_header_that_promises_more_is_a_truncated_file():
    clock = measure_read.Clock(1200, 0.0, 40.0)
    check = decodable(clock, 70.0, 0, 0.0, Thresholds())
    assert (check.verdict, check.note and check.note.values) == (Verdict.FAIL, {"reached": 40.0, "promised": 70.0})
    assert decodable(clock, 40.5, 0, 0.0, Thresholds()).verdict is Verdict.PASS
    assert decodable(clock, None, 2, 0.0, Thresholds()).verdict is Verdict.WARN


def test_a_full_disk_is_not_the_trainees_fault():
    with pytest.raises(EngineError, match="disk is full"):
        read_outcome(Outcome(1, "[error] av_interleaved_write_frame(): No space left on device"))
    assert read_outcome(Outcome(1, "[error] Invalid data found when processing input")) == Reason("undecodable")
    assert read_outcome(Outcome(-9, "", "time")) == Reason("too_costly")
    assert read_outcome(Outcome(0, "")) is None
