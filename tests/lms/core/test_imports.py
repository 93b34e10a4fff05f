"""The gate for what people bring in: every hostile file of the book is refused with its reason."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lms.core.imports import (
    MIB,
    PICTURE_KINDS,
    ImportRefused,
    Limits,
    open_archive,
    refuse_active,
    safe_picture,
    safe_xml,
    sniffed,
)

KINDS = {"md": "text", "yaml": "text", **PICTURE_KINDS}
SMALL = Limits(archive=8 * MIB, entries=20, total=4 * MIB, entry=3 * MIB)


def png(size: tuple[int, int] = (2, 2)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "red").save(made, "PNG")
    return made.getvalue()


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], deflate: bool = True) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED) as target:
        for name, data in entries:
            target.writestr(name, data)
    return made


def refused(file: io.BytesIO, limits: Limits = SMALL) -> str:
    with pytest.raises(ImportRefused) as why, open_archive(file, KINDS, limits):
        pass
    return str(why.value)


def test_a_plain_archive_passes_and_is_read_in_pieces():
    with open_archive(packed(("a/", b""), ("a/b.md", "课".encode()), ("a/c.png", png())), KINDS, SMALL) as archive:
        assert archive.names == ("a/b.md", "a/c.png")
        assert archive.read("a/b.md").decode() == "课"
        assert len(archive.sha256("a/c.png")) == 64
        with pytest.raises(ImportRefused, match="larger than"):
            archive.read("a/c.png", most=10)


@pytest.mark.parametrize(
    "name",
    (
        "../x.md",
        "a/../../x.md",
        "/etc/x.md",
        "C:/x.md",
        "c:x.md",
        "a//x.md",
        "./x.md",
        "a\\..\\x.md",
        "aux.md",
        "x./y.md",
    ),
)
def test_a_name_that_points_elsewhere_is_refused(name: str):
    assert "name" in refused(packed((zipfile.ZipInfo(name), b"x")))


def test_a_name_hidden_behind_a_nul_is_refused():
    file = packed(("good.md", b"x"))
    data = file.getvalue().replace(b"good.md", b"../\x00.md")
    assert "invisible" in refused(io.BytesIO(data))


def test_links_and_devices_are_refused():
    for form in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        entry = zipfile.ZipInfo("a.md")
        entry.external_attr = (form | 0o777) << 16
        assert "link" in refused(packed((entry, b"/etc/passwd")))


def test_names_that_fall_together_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = packed(("a.md", b"1"), ("a.md", b"2"))
    assert "same name" in refused(twice)
    assert "same name" in refused(packed(("a.md", b"1"), ("A.md", b"2")))
    assert "file and a folder" in refused(packed(("a.md", b"1"), ("a.md/b.md", b"2")))


def test_bombs_are_refused_before_they_are_unpacked():
    assert "grow more than" in refused(packed(("a.md", b" " * (2 * MIB))))
    assert "larger than" in refused(packed(("a.md", b" " * (3 * MIB + 1))))
    assert "more than 20 files" in refused(packed(*((f"{at}.md", b"x") for at in range(21))))
    noise = bytes(range(256)) * 4 * 1024
    assert "would have 5 MB" in refused(packed(*((f"{at}.md", noise) for at in range(5)), deflate=False))


def test_a_directory_too_large_to_read_is_refused_unread():
    data = bytearray(packed(("a.md", b"x")).getvalue())
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, 900 * MIB)
    assert "more than 20 files" in refused(io.BytesIO(bytes(data)))


def test_two_gigabytes_are_refused_by_their_size():
    class Huge(io.BytesIO):
        """A file that says it has 2 GB; reading it would be noticed."""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 2 * 1024 * MIB if whence == 2 else super().seek(offset, whence)

        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

    assert "2.0 GB; at most 8 MB" in refused(Huge())


def test_entries_that_share_their_bytes_are_refused():
    data = packed(("a.md", b"x" * 50), ("b.md", b"x" * 50), deflate=False).getvalue()
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    bomb = bytearray(data)
    struct.pack_into("<L", bomb, second + 42, 0)  # both entries begin at the same place
    assert "overlap" in refused(io.BytesIO(bytes(bomb)))


def test_encrypted_entries_and_other_packings_are_refused():
    data = bytearray(packed(("a.md", b"x")).getvalue())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert "password" in refused(io.BytesIO(bytes(data)))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as target:
        target.writestr("a.md", b"x")
    assert "unusual" in refused(made)


@pytest.mark.parametrize(
    "name,data,why",
    (
        ("a.exe", b"MZ", "type"),
        ("a.svg", b"<svg/>", "type"),
        ("a", b"x", "type"),
        ("a.md", b"PK\x03\x04zip in a zip", "another name"),
        ("a.png", b"\x7fELF", "another name"),
        ("a.png", b"<html><script>", "content"),
        ("a.md", b"\xff\xfe\x00x", "content"),
        ("a.jpg", None, "content"),
    ),
)
def test_content_must_be_what_the_name_says(name: str, data: bytes | None, why: str):
    assert why in refused(packed((name, png() if data is None else data)))


def test_what_is_no_zip_or_a_broken_one_is_refused():
    whole = packed(("a.md", b"x" * 200)).getvalue()
    for data in (b"", b"not a zip", whole[:40], whole[:-22]):
        assert refused(io.BytesIO(data))
    broken = bytearray(packed(("a.md", b"x" * 5000), deflate=False).getvalue())
    broken[2000] ^= 0xFF  # behind the first bytes: found when it is read
    with (
        open_archive(io.BytesIO(bytes(broken)), KINDS, SMALL) as archive,
        pytest.raises(ImportRefused, match="damaged"),
    ):
        archive.read("a.md")


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 400), value=st.integers(0, 255), cut=st.integers(0, 60))
def test_any_change_to_an_archive_is_read_or_refused_never_an_error(at: int, value: int, cut: int):
    data = bytearray(packed(("level-5/level.yaml", b"level: 5"), ("level-5/a.png", png())).getvalue())
    data[at % len(data)] = value
    with (
        suppress(ImportRefused),
        open_archive(io.BytesIO(bytes(data[: len(data) - cut])), KINDS, SMALL) as archive,
    ):
        for name in archive.names:
            archive.sha256(name)


def test_xml_that_fetches_or_multiplies_is_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    remote = b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>'
    for data in (bomb, outside, remote):
        with pytest.raises(ImportRefused, match="document type"):
            safe_xml(data, "x.xml")
    with pytest.raises(ImportRefused, match="cannot be read"):
        safe_xml(b"<x>", "x.xml")
    assert safe_xml("<x>课</x>".encode(), "x.xml").text == "课"


@pytest.mark.parametrize(
    "inner",
    (
        "<script>alert(1)</script>",
        '<a xlink:href="javascript:alert(1)"/>',
        '<image href="http://example.org/x.png"/>',
        '<rect onload="alert(1)"/>',
        "<foreignObject><p/></foreignObject>",
        '<rect style="fill: url(http://example.org/x)"/>',
        "<style>@import 'x.css'</style>",
        '<use href="other.svg#a"/>',
    ),
)
def test_a_drawing_that_acts_or_fetches_is_refused(inner: str):
    frame = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
    with pytest.raises(ImportRefused, match="The drawing"):
        refuse_active(frame.format(inner).encode(), "x.svg")
    refuse_active(frame.format('<use href="#a"/><rect id="a" width="3"/>').encode(), "x.svg")


def test_pictures_are_counted_before_they_are_unpacked():
    safe_picture(io.BytesIO(png()), "x.png")
    with pytest.raises(ImportRefused, match="too large"):
        safe_picture(io.BytesIO(png((300, 300))), "x.png", pixels=1000)
    with pytest.raises(ImportRefused, match="cannot be read"):
        safe_picture(io.BytesIO(png()[:40]), "x.png")


@pytest.mark.parametrize(
    "made,kind",
    (
        (png, "png"),
        (lambda: b"RIFF\x00\x00\x00\x00WEBP", "webp"),
        (lambda: "课".encode() * 200, "text"),
        (lambda: b"", "empty"),
    ),
)
def test_first_bytes_tell_the_kind(made: Callable[[], bytes], kind: str):
    assert sniffed(made()[:511]) == kind
