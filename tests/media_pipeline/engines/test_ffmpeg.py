import pytest

from media_pipeline.engines.ffmpeg import ffmpeg_version, find_ffmpeg
from media_pipeline.stages.ports import EngineError


@pytest.fixture(autouse=True)
def _forget():
    find_ffmpeg.cache_clear()
    yield
    find_ffmpeg.cache_clear()


def test_the_wheel_serves_where_no_ffmpeg_is_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    binary = find_ffmpeg()
    assert "imageio_ffmpeg" in binary.parts
    assert ffmpeg_version(binary)[0].isdigit()


def test_path_comes_before_the_wheel_and_a_setting_before_both(monkeypatch, tmp_path):
    for name in ("ffmpeg", "ours"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg() == tmp_path / "ffmpeg"
    assert find_ffmpeg(str(tmp_path / "ours")) == tmp_path / "ours"
    with pytest.raises(EngineError, match="KAIBO_FFMPEG"):
        find_ffmpeg(str(tmp_path / "none"))
