"""True files made untrue: deterministic for a seed, over every container that is read."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

from tests.media_pipeline.clips import clip, ffmpeg

Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]


def seeds(folder: Path) -> dict[str, bytes]:
    """One second each, in the ways that cameras, browsers and programs write."""
    base = clip(folder / "base.mp4", seconds=1)
    made = {
        "mp4": ("-c", "copy"),
        "mp4-front": ("-c", "copy", "-movflags", "+faststart"),
        "mp4-fragments": ("-c", "copy", "-movflags", "+frag_keyframe+empty_moov"),
        "mov": ("-c", "copy"),
        "mkv": ("-c", "copy"),
        "webm": ("-c:v", "libvpx", "-b:v", "100k", "-deadline", "realtime", "-c:a", "libopus"),
        "flv": ("-c:v", "copy", "-ar", "44100"),
        "ts": ("-c", "copy"),
        "avi": ("-c:v", "mpeg4", "-c:a", "pcm_s16le"),
        "mp4-hevc": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-c:a", "copy"),
    }
    found = {}
    for name, options in made.items():
        path = folder / f"{name}.{name.partition('-')[0]}"
        ffmpeg("-i", str(base), *options, str(path))
        found[name] = path.read_bytes()
    return found


def flip_bits(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A few bits anywhere."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 4, 32, 256))):
        out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def flip_header(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Bytes of the first or the last two kilobytes, where headers and indexes are."""
    out = bytearray(data)
    start = dice.choice((0, max(0, len(out) - 2048)))
    for _ in range(dice.choice((1, 3, 12))):
        out[min(len(out) - 1, start + dice.randrange(2048))] = dice.choice(
            (0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256))
        )
    return bytes(out)


def cut(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Only the beginning, or without a piece of the middle."""
    place = dice.randrange(1, len(data))
    if dice.random() < 0.5:
        return data[:place]
    return data[:place] + data[min(len(data), place + dice.randrange(1, 20_000)) :]


def shuffle(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Pieces in another order; the first often stays, so that the content is still recognised."""
    size = dice.choice((188, 512, 4096, 16_384))
    pieces = [data[place : place + size] for place in range(0, len(data), size)]
    first = pieces[:1] if dice.random() < 0.8 else []
    rest = pieces[len(first) :]
    dice.shuffle(rest)
    return b"".join(first + rest)


def resize(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A length or a count that lies: of a box, an element, a chunk, a picture."""
    out = bytearray(data)
    names = (b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"stts", b"stsc", b"stsz", b"stco", b"tkhd", b"mvhd", b"mdhd",
             b"avcC", b"hvcC", b"esds", b"moof", b"trun", b"elst", b"dref", b"strh", b"strf", b"idx1", b"LIST",
             b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75", b"\x15\x49\xa9\x66", b"onMetaData")  # fmt: skip
    places = [at for name in names if (at := data.find(name)) >= 4] or [4]
    value = dice.choice((0, 1, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, dice.randrange(1 << 32)))
    for _ in range(dice.choice((1, 2, 5))):
        place = min(len(out) - 4, dice.choice(places) + dice.choice((-4, 4, 8, 12, 16, 20, 24, 28)))
        out[place : place + 4] = struct.pack(dice.choice((">I", "<I")), value)
    return bytes(out)


def splice(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """The beginning of this and the end of another, or another in the middle: playlists among them."""
    other = dice.choice(others)
    place, piece = dice.randrange(16, len(data)), dice.randrange(len(other))
    if dice.random() < 0.5:
        return data[:place] + other[piece:]
    return data[:place] + other + data[place:]


def head_of_another(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Recognised as one container, continued as another thing."""
    return data[: dice.choice((8, 12, 32, 600))] + dice.choice(others)


MUTATIONS: tuple[Mutation, ...] = (flip_bits, flip_header, cut, shuffle, resize, splice, head_of_another)
