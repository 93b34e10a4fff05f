"""A small real video for the player's tests, served with byte ranges like the real one."""

import re
import subprocess
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from playwright.sync_api import Page, Route

ADDRESS = "**/gallery-clip.mp4"


def make_clip(path: Path, *, seconds: int, size: str = "180x320") -> Path:
    """An H.264/AAC mp4 of a test picture and a tone, playable in Debian's Chromium."""
    subprocess.run(
        [
            *(get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"),
            *("-f", "lavfi", "-i", f"testsrc=size={size}:rate=5:duration={seconds}"),
            *("-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"),
            *("-c:a", "aac", "-b:a", "24k", "-movflags", "+faststart", str(path)),
        ],
        check=True,
        timeout=120,
    )
    return path


def serve_clip(page: Page, path: Path, address: str = ADDRESS) -> None:
    """Answers a video's address, by default the gallery's, with the clip, whole or a byte range of it."""
    data = path.read_bytes()

    def answer(route: Route) -> None:
        headers = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
        if asked is None:
            route.fulfill(status=200, headers=headers, body=data)
            return
        first, last = int(asked[1]), int(asked[2] or len(data) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        route.fulfill(status=206, headers=headers, body=data[first : last + 1])

    page.route(address, answer)
