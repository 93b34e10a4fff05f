"""Hostile files, made from small true ones: boxes of an mp4 replaced, elements of a matroska written, a picture size forged."""

import struct
import zlib
from pathlib import Path

from tests.media_pipeline.clips import ffmpeg

# Boxes that hold boxes, and how many bytes stand before them.
_PARENTS = {b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"dinf": 0, b"stbl": 0, b"dref": 8, b"stsd": 8}


def box(kind: bytes, content: bytes) -> bytes:
    """An ISO base media box (ISO/IEC 14496-12)."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_box(data: bytes, path: tuple[bytes, ...], new: bytes) -> bytes:
    """The file with every box at `path` replaced and the sizes of what holds it put right."""
    out, place = bytearray(), 0
    while place + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        whole = data[place : place + size]
        if kind == path[0]:
            skip = 8 + _PARENTS.get(kind, 0)
            whole = new if len(path) == 1 else box(kind, whole[8:skip] + with_box(whole[skip:], path[1:], new))
        out += whole
        place += size
    return bytes(out)


def elsewhere(path: str) -> bytes:
    """A data reference box whose media lies in another file, said in Apple's way and in the standard's."""
    name = path.encode()
    alias = bytearray(10) + bytes([5]) + b"Drive".ljust(27, b"\0") + bytes(12) + bytes([len(name[-63:])])
    alias += name[-63:].ljust(63, b"\0") + bytes(16) + struct.pack(">HH", 1, 1) + bytes(16)
    alias += struct.pack(">HH", 2, len(name)) + name + (b"\0" if len(name) % 2 else b"") + struct.pack(">HH", 0xFFFF, 0)
    entries = box(b"alis", bytes(4) + bytes(alias)), box(b"url ", bytes(4) + b"file://" + name + b"\0")
    return box(b"dref", struct.pack(">II", 0, len(entries)) + b"".join(entries))


def stretched(content: bytes, factor: int) -> bytes:
    """The same mp4 with a time scale so small that its pictures last hours."""
    changed = bytearray(content)
    for kind in (b"mvhd", b"mdhd"):
        place = content.index(kind) + 16
        scale = struct.unpack(">I", changed[place : place + 4])[0]
        changed[place : place + 4] = struct.pack(">I", max(1, scale // factor))
    return bytes(changed)


def element(number: int, content: bytes) -> bytes:
    """An EBML element (RFC 8794) with a length of eight bytes."""
    return (
        number.to_bytes((number.bit_length() + 7) // 8, "big") + (1 << 56 | len(content)).to_bytes(8, "big") + content
    )


def swollen(picture: bytes, count: int) -> bytes:
    """A matroska whose frames are packed by zlib (ContentCompression): megabytes each once unpacked."""
    packing = element(0x6D80, element(0x6240, element(0x5034, element(0x4254, b"\0"))))
    video = element(0xE0, element(0xB0, b"\x10\x00") + element(0xBA, b"\x10\x00"))
    track = (
        element(0xD7, b"\1")
        + element(0x73C5, b"\1")
        + element(0x83, b"\1")
        + element(0x86, b"V_MJPEG")
        + video
        + packing
    )
    packed = zlib.compress(picture, 9)
    blocks = b"".join(element(0xA3, b"\x81" + struct.pack(">h", number) + b"\x80" + packed) for number in range(count))
    return (
        element(0x1A45DFA3, element(0x4282, b"matroska"))
        + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
        + element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40"))
        + element(0x1654AE6B, element(0xAE, track))
        + element(0x1F43B675, element(0xE7, b"\0") + blocks)
    )


class _Bits:
    """Exponential Golomb codes of H.265 (ITU-T H.265, 9.2) in a string of 0 and 1."""

    def __init__(self, data: bytes) -> None:
        self.left = "".join(f"{byte:08b}" for byte in data)

    def take(self, count: int) -> str:
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def number(self) -> str:
        zeros = len(self.left) - len(self.left.lstrip("0"))
        return self.take(2 * zeros + 1)


def _golomb(value: int) -> str:
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


def _forged(sequence: bytes, width: int, height: int) -> bytes:
    """A sequence parameter set (7.3.2.2) of one sub-layer that names another size."""
    bits = _Bits(sequence.replace(b"\0\0\3", b"\0\0"))
    kept = bits.take(16 + 8 + 96) + bits.number() + bits.number()
    bits.number(), bits.number()
    whole = kept + _golomb(width) + _golomb(height) + bits.left.rstrip("0")[:-1] + "1"
    raw = int(whole.ljust(-(-len(whole) // 8) * 8, "0"), 2).to_bytes(-(-len(whole) // 8), "big")
    out = bytearray()
    for byte in raw:  # emulation prevention, 7.4.2.2
        if out[-2:] == b"\0\0" and byte <= 3:
            out.append(3)
        out.append(byte)
    return bytes(out)


def enormous_hevc(folder: Path, width: int = 15_360, height: int = 8_640) -> Path:
    """A few kilobytes whose H.265 headers name a picture of 130 megapixels."""
    plain, forged, target = folder / "plain.hevc", folder / "forged.hevc", folder / "enormous.mp4"
    ffmpeg(
        *("-f", "lavfi", "-t", "0.4", "-i", "testsrc2=s=160x96:r=5", "-c:v", "libx265", "-preset", "ultrafast"),
        *("-x265-params", "log-level=none:pools=none", "-pix_fmt", "yuv420p", "-f", "hevc", str(plain)),
    )
    units = plain.read_bytes().split(b"\0\0\1")
    units = [
        _forged(unit.rstrip(b"\0"), width, height) if unit[:1] == b"\x42" else unit  # NAL type 33
        for unit in units
    ]
    forged.write_bytes(b"\0\0\1".join(units))
    ffmpeg("-max_pixels", "9000000", "-f", "hevc", "-i", str(forged), "-c", "copy", "-tag:v", "hvc1", str(target))
    return target
