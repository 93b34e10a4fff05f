"""The gate of pictures."""

import io

import pytest
from PIL import Image

from courses.homework import pictures
from courses.homework.pictures import EDGE_KEPT, PictureRefused, clean_picture
from tests.courses.homework.world import photo

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def refusal(raw: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        clean_picture(io.BytesIO(raw))
    return refused.value.code


def test_what_the_phone_wrote_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "林晓燕家门口"
    exif.get_ifd(0x8825)[1] = "N"
    made = clean_picture(photo(size=(300, 100), exif=exif, comment=b"secret"))
    assert (made.width, made.height) == (100, 300)
    with Image.open(io.BytesIO(made.data)) as read:
        assert (read.format, dict(read.getexif()), "comment" in read.info) == ("JPEG", {}, False)
    assert b"secret" not in made.data


@pytest.mark.parametrize("kind", ("JPEG", "PNG", "WEBP"))
def test_large_pictures_are_made_smaller(kind: str) -> None:
    made = clean_picture(photo(size=(4000, 1000), kind=kind))
    assert (made.width, made.height) == (EDGE_KEPT, 500)


def test_see_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (60, 60), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(clean_picture(out).data)) as read:
        assert read.getpixel((30, 30)) == (255, 255, 255)


def test_what_is_no_photograph_is_refused() -> None:
    gif = io.BytesIO()
    Image.new("P", (60, 60)).save(gif, "GIF")
    tiff = io.BytesIO()
    Image.new("RGB", (60, 60)).save(tiff, "TIFF")
    for raw in (SVG, b"<?xml version='1.0'?>" + SVG, gif.getvalue(), tiff.getvalue(), b"%PDF-1.7", b"MZ" * 50):
        assert refusal(raw) == "not_a_picture"
    assert refusal(b"") == "empty"
    assert refusal(photo().getvalue()[:400]) == "broken"
    assert refusal(photo(size=(20, 400)).getvalue()) == "too_small"


def test_limits_hold_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_decoding(*_args: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(pictures, "_upright", no_decoding)
    # 8000 × 8000 pixels in a few kilobytes.
    assert refusal(photo(size=(8000, 8000), kind="PNG").getvalue()) == "too_many_pixels"
    assert refusal(b"\xff" * (pictures.SIZE_MAX + 1)) == "too_big"
    with pytest.raises(PictureRefused) as refused:
        clean_picture(io.BytesIO(b""), size=pictures.SIZE_MAX + 1)
    assert refused.value.code == "too_big"
