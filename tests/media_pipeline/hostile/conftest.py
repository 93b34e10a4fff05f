"""A small true video, and what must stay untouched while hostile ones are examined."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media_pipeline.clips import clip
from tests.media_pipeline.hostile.watch import Listener, Watched, listening, watching


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of H.264 and AAC in an mp4 whose header lies behind."""
    return clip(tmp_path_factory.mktemp("good") / "good.mp4", seconds=2)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener
        assert listener.calls() == 0


@pytest.fixture
def neighbours(good: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder of another person's upload, `other.mp4`, and of a secret. Whoever opens them fails the test."""
    (tmp_path / "other.mp4").write_bytes(good.read_bytes())
    (tmp_path / "secret.txt").write_text("a secret\n")
    with watching(tmp_path / "other.mp4", tmp_path / "secret.txt") as watched:
        yield tmp_path
        assert watched.touched() == set()


@pytest.fixture
def watched_file(tmp_path: Path) -> Iterator[tuple[Path, Watched]]:
    path = tmp_path / "watched"
    path.write_text("x")
    with watching(path) as watched:
        yield path, watched
