"""Nothing is half-written."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import InMemoryStorage

from media_pipeline.assets import store


@pytest.fixture
def private(settings, tmp_path) -> Iterator[Path]:
    options = {"location": tmp_path / "private", "base_url": None, "file_permissions_mode": 0o600}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "private": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "private"


class Torn(io.BytesIO):
    """The sender goes away in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError("gone")
        return super().read(4)


def test_a_file_is_stored_with_its_hash_and_for_its_owner_only(private: Path) -> None:
    content = b"0123456789" * 300_000
    stored = store.put(io.BytesIO(content), "submissions/2026/03/x/source")
    assert stored == store.Stored("submissions/2026/03/x/source", len(content), hashlib.sha256(content).hexdigest())
    path = private / stored.key
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (content, 0o600)
    assert [each.name for each in path.parent.iterdir()] == ["source"]


def test_a_torn_file_leaves_nothing(private: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        store.put(Torn(b"12345678"), "submissions/x/source")
    assert list((private / "submissions" / "x").iterdir()) == []


def test_an_existing_file_is_replaced_whole_or_kept(private: Path) -> None:
    store.put(io.BytesIO(b"old"), "a/b")
    with pytest.raises(OSError, match="gone"):
        store.put(Torn(b"12345678"), "a/b")
    assert store.read("a/b") == b"old"
    store.put(io.BytesIO(b"new"), "a/b")
    assert store.read("a/b") == b"new"


def test_bringing_and_discarding(private: Path, tmp_path: Path) -> None:
    store.put(io.BytesIO(b"content"), "a/b/c.mp4")
    target = store.bring("a/b/c.mp4", tmp_path / "here.mp4")
    assert store.listing("a") == {"b": ["a/b/c.mp4"]}
    store.discard("a/b/c.mp4")
    store.discard("a/b/c.mp4")
    assert (target.read_bytes(), (private / "a" / "b").exists()) == (b"content", False)
    with pytest.raises(FileNotFoundError):
        store.bring("a/b/c.mp4", tmp_path / "again.mp4")


def test_a_storage_without_a_folder_does_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    objects = InMemoryStorage()
    monkeypatch.setattr(store, "private", lambda: objects)
    stored = store.put(io.BytesIO(b"content"), "a/b/c.mp4")
    store.put(io.BytesIO(b"content2"), "a/b/c.mp4")
    assert stored.sha256 == hashlib.sha256(b"content").hexdigest()
    assert store.bring("a/b/c.mp4", tmp_path / "c.mp4").read_bytes() == b"content2"
    store.discard("a/b/c.mp4")
    assert not objects.exists("a/b/c.mp4")
