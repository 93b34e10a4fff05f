"""The gate of pictures: what came in is read by its content, drawn anew and stored without what the phone wrote in it."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import IO, Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

# Bytes, pixels and edges of what is taken; the longest edge of what is kept.
SIZE_MAX: Final = 10 * 1024**2
PIXELS_MAX: Final = 50_000_000
EDGE_MIN: Final = 40
EDGE_KEPT: Final = 2000
_QUALITY: Final = 85
# Never by the name or the type a browser gives: SVG, GIF, TIFF, EPS and PDF have no reader here.
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


class PictureRefused(Exception):
    """`code`: empty, too_big, not_a_picture, too_many_pixels, too_small, broken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class CleanPicture:
    """A JPEG of our own making: upright, at most EDGE_KEPT pixels long, without EXIF, profile or thumbnail."""

    data: bytes
    sha256: str
    width: int
    height: int


def clean_picture(file: IO[bytes], size: int | None = None) -> CleanPicture:
    """Draw it anew. `size`: what was announced, so that too large a file is not read. Raises PictureRefused."""
    if size is not None and size > SIZE_MAX:
        raise PictureRefused("too_big")
    file.seek(0)
    raw = file.read(SIZE_MAX + 1)
    if not raw:
        raise PictureRefused("empty")
    if len(raw) > SIZE_MAX:
        raise PictureRefused("too_big")
    return _draw(raw)


def _draw(raw: bytes) -> CleanPicture:
    with warnings.catch_warnings():
        # Our own limit on pixels speaks before Pillow's.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
                _measure(opened)  # known from the head, before a pixel is decoded
                upright: Image.Image = _upright(opened)
        except PictureRefused:
            raise
        except (UnidentifiedImageError, Image.DecompressionBombError) as fault:
            code = "too_many_pixels" if isinstance(fault, Image.DecompressionBombError) else "not_a_picture"
            raise PictureRefused(code) from fault
        except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, IndexError) as fault:
            raise PictureRefused("broken") from fault
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=_QUALITY, optimize=True)
    data = out.getvalue()
    return CleanPicture(data, hashlib.sha256(data).hexdigest(), upright.width, upright.height)


def _measure(opened: Any) -> None:
    width, height = opened.size
    if width * height > PIXELS_MAX:
        raise PictureRefused("too_many_pixels")
    if min(width, height) < EDGE_MIN:
        raise PictureRefused("too_small")


def _upright(opened: Image.Image) -> Image.Image:
    """The first picture of the file, turned as it was held, on white where it was see-through."""
    if opened.format == "JPEG":
        opened.draft("RGB", (EDGE_KEPT, EDGE_KEPT))
    opened.load()
    turned = ImageOps.exif_transpose(opened)
    if turned.has_transparency_data:
        see_through = turned.convert("RGBA")
        turned = Image.new("RGB", see_through.size, "white")
        turned.paste(see_through, mask=see_through.getchannel("A"))
    plain = turned.convert("RGB")
    plain.thumbnail((EDGE_KEPT, EDGE_KEPT), Image.Resampling.LANCZOS)
    # A new picture: nothing of the old one's info travels along.
    fresh = Image.new("RGB", plain.size)
    fresh.paste(plain)
    return fresh
