"""Short selling videos drawn by numpy: one host who moves before a wall with texture and holds a product, and her copies.

A flat test picture has no waves to tell it by, and two of ffmpeg's own test sources are like each other everywhere.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from scipy import ndimage

from media_pipeline.engines.ffmpeg import find_ffmpeg
from media_pipeline.stages import prints
from tests.media_pipeline.clips import SPEECH, ffmpeg

WIDTH, HEIGHT, RATE = 90, 160, 10
SECONDS = 40
Pictures = NDArray[np.uint8]

# Copies: name → filters of the picture, its sound, seconds cut off the start.
COPIES: dict[str, tuple[str, str, float]] = {
    "re-encoded": ("null", "anull", 0),
    "cropped 5 %": ("scale=180:320,crop=170:304", "anull", 0),
    "mirrored": ("hflip", "anull", 0),
    "logo": ("drawbox=x=5:y=5:w=25:h=15:color=white:t=fill", "anull", 0),
    "start cut": ("null", "anull", 7.3),
    "1.1x": ("setpts=PTS/1.1", "atempo=1.1", 0),
    "1.1x and higher": ("setpts=PTS/1.1", "asetrate=17600,aresample=16000", 0),
}


def texture(seed: int, sigma: float) -> NDArray[np.float64]:
    """Smooth noise, mean 0, deviation 1."""
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH)), sigma)
    return (field - field.mean()) / field.std()


def host(movement: int, product: int, *, room: int = 1, seconds: int = SECONDS) -> Pictures:
    """Grey pictures of a host: movement, product and room are seeds; she herself is always the same."""
    draw = np.random.default_rng(movement)
    count = seconds * RATE

    def path(width: float, smooth_s: float) -> NDArray[np.float64]:
        line = ndimage.gaussian_filter1d(draw.normal(size=count), smooth_s * RATE)
        return width * line / line.std()

    wall = 128 + 40 * texture(room, 9) + 12 * texture(room + 50, 1.5)
    face, goods = texture(99, 2.5) * 25, texture(product, 2) * 60
    head_x, head_y = WIDTH / 2 + path(4, 1.2), HEIGHT * 0.45 + path(3, 1.2)
    hand_x, hand_y = WIDTH * 0.3 + path(8, 0.6), HEIGHT * 0.7 + path(10, 0.6)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    pictures = []
    for at in range(count):
        picture = wall.copy()
        body = ((across - head_x[at]) / 26) ** 2 + ((down - HEIGHT * 0.85) / 55) ** 2 < 1
        picture[body] = 70 + face[body]
        head = ((across - head_x[at]) / 13) ** 2 + ((down - head_y[at]) / 18) ** 2 < 1
        picture[head] = 180 + face[head]
        box = (abs(across - hand_x[at]) < 12) & (abs(down - hand_y[at]) < 15)
        places = (down[box] - hand_y[at]).astype(int) % HEIGHT, (across[box] - hand_x[at]).astype(int) % WIDTH
        picture[box] = 120 + goods[places]
        pictures.append(np.clip(picture + draw.normal(size=picture.shape) * 3, 0, 255).astype(np.uint8))
    return np.stack(pictures)


def film(
    pictures: Pictures,
    speech: str,
    path: Path,
    *,
    picture: str = "null",
    sound: str = "anull",
    start: float = 0,
    quality: int = 28,
    options: Sequence[str] = (),
) -> Path:
    """A clip of these pictures and of one of the demonstration's voices."""
    binary = find_ffmpeg(settings.FFMPEG)
    command = [
        *(str(binary), "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "gray"),
        *("-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"),
        *(
            "-i",
            str(SPEECH / f"{speech}.opus"),
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-vf",
            picture,
            "-af",
            f"aresample=16000,{sound}",
        ),
        *("-ss", str(start), "-t", str(len(pictures) / RATE - start), "-c:v", "libx264", "-preset", "ultrafast"),
        *(
            "-threads",
            "1",
            "-crf",
            str(quality),
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-b:a",
            "64k",
            *options,
            str(path),
        ),
    ]
    subprocess.run(command, input=pictures.tobytes(), check=True, timeout=120)
    return path


def seen(path: Path) -> prints.Hashes:
    """The hashes of a clip, as the measuring pass takes them."""
    raw = path.with_suffix(".raw")
    scale = f"fps={prints.RATE},scale={prints.SIDE}:{prints.SIDE}:flags=area,format=gray"
    ffmpeg("-i", str(path), "-vf", scale, "-f", "rawvideo", str(raw))
    pictures = np.frombuffer(raw.read_bytes(), dtype=np.uint8)
    return prints.hashes(pictures.reshape(-1, prints.SIDE, prints.SIDE))
