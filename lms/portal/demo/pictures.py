"""Draws the picture of a demonstration video: a host behind a table with her product, moving as people do.

Nothing is copied or filmed; ffmpeg's own sources and filters draw it, so the repository carries only the voices.
"""

from dataclasses import dataclass
from pathlib import Path

from media_pipeline.stages.api import Command, Hands, Limits

WIDTH, HEIGHT, FPS = 720, 1280, 30
# Every movement's period divides this, so the clip joins itself without a jump.
LOOP_S = 12
_LIMITS = Limits(wall_s=300, cpu_s=300, memory_mb=2048, output_mb=200)


class DrawingFailed(Exception):
    """ffmpeg could not draw the demonstration video; the message is its last line."""


@dataclass(frozen=True)
class Look:
    """Colours of one host and her product, `#RRGGBB`."""

    wall: str
    hair: str
    clothes: str
    jar: str
    lid: str
    drink: str
    long_hair: bool


LOOKS: dict[str, Look] = {
    "clean-tea": Look("#EADFCB", "#2B211C", "#2F6F72", "#1F4F57", "#C9A24B", "#B5732E", True),
    "clean-dates": Look("#DDE5E0", "#3A2C24", "#7A4A33", "#8C2F2A", "#E3C486", "#7A3B2A", False),
    "violating-tea": Look("#E6DCE4", "#1F1A1C", "#7A4069", "#3F5A3C", "#C9A24B", "#A86A2A", True),
    "violating-dates": Look("#E9E2D2", "#2B211C", "#4E6FA0", "#9A3324", "#D9B26A", "#8A4A2E", False),
}


def _disc(name: str, width: int, height: int, colour: str) -> str:
    """A filled ellipse with a soft edge, as one endless frame."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    edge = "255*clip((1-hypot((X-W/2)/(W/2),(Y-H/2)/(H/2)))*W/6,0,1)"
    return (
        f"color=c=black:s={width}x{height}:r={FPS},format=rgba,trim=end_frame=1,"
        f"geq=r={red}:g={green}:b={blue}:a='{edge}',loop=-1:1:0,setpts=N/{FPS}/TB[{name}]"
    )


def _box(name: str, width: int, height: int, colour: str) -> str:
    return f"color=c={colour}:s={width}x{height}:r={FPS},format=rgba[{name}]"


def _room(look: Look) -> str:
    boxes = [
        (60, 150, 200, 250, "#F7F1E6"),
        (76, 166, 168, 218, "#BCD5CD"),
        (76, 310, 168, 74, "#7FA99E"),
        (450, 190, 220, 12, "#A9794A"),
        (470, 110, 46, 80, "#A6452F"),
        (530, 126, 46, 64, "#2F6F72"),
        (592, 104, 46, 86, "#C9A24B"),
        (450, 350, 220, 12, "#A9794A"),
        (476, 276, 56, 74, "#5B7A6C"),
        (556, 264, 56, 86, "#8C4A36"),
    ]
    drawn = ",".join(f"drawbox=x={x}:y={y}:w={w}:h={h}:color={c}:t=fill" for x, y, w, h, c in boxes)
    return f"color=c={look.wall}:s={WIDTH}x{HEIGHT}:r={FPS},format=yuv420p,{drawn}[room]"


def scene_graph(look: Look) -> tuple[str, str]:
    """The filter graph of the scene and the name of its picture output. Pure."""
    sway, breath = "8*sin(2*PI*t/6)", "4*sin(2*PI*t/3)"
    swing, lift = "14*sin(2*PI*t/4)", "10*sin(2*PI*t/3)"
    skin = "#E8BD9A"
    # name, source, x, y: painted back to front
    pieces = [
        (_disc("hair", 300, 430 if look.long_hair else 300, look.hair), f"210+{sway}", f"380+{breath}"),
        (_disc("body", 560, 620, look.clothes), f"80+{sway}/2", "680"),
        (_disc("collar", 150, 150, "#F3E9DC"), f"285+{sway}", f"690+{breath}"),
        (_disc("face", 220, 270, skin), f"250+{sway}", f"450+{breath}"),
        (_disc("fringe", 236, 120, look.hair), f"242+{sway}", f"425+{breath}"),
        (_disc("eyel", 20, 24, "#2B211C"), f"302+{sway}", f"570+{breath}"),
        (_disc("eyer", 20, 24, "#2B211C"), f"398+{sway}", f"570+{breath}"),
        (_disc("mouth", 60, 26, "#A6452F"), f"330+{sway}", f"640+{breath}"),
        (_disc("lip", 60, 14, skin), f"330+{sway}", f"636+{breath}-7*abs(sin(2*PI*t*2))"),
        (_box("table", WIDTH, 240, "#8A5A33"), "0", "1040"),
        (_box("jar", 150, 230, look.jar), f"470+{swing}", f"720+{lift}"),
        (_box("paper", 96, 110, "#F7F1E6"), f"497+{swing}", f"790+{lift}"),
        (_box("lid", 170, 44, look.lid), f"460+{swing}", f"690+{lift}"),
        (_disc("hand", 96, 80, skin), f"500+{swing}", f"925+{lift}"),
        (_disc("cup", 190, 100, "#F7F1E6"), "90", "1010"),
        (_disc("drink", 150, 56, look.drink), "110", "1020"),
    ]
    graph = [_room(look), *(source for source, _, _ in pieces)]
    below = "room"
    for source, x, y in pieces:
        name = source[source.rindex("[") + 1 : -1]
        graph.append(f"[{below}][{name}]overlay=x='{x}':y='{y}'[with_{name}]")
        below = f"with_{name}"
    return ";".join(graph), below


def draw_video(*, name: str, speech: Path, duration_s: float, target: Path, hands: Hands) -> Path:
    """Draw the scene of `name` once, repeat it for `duration_s` seconds and join it with the voice.

    Nothing is done when `target` exists. Raises DrawingFailed; then there is no target.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    graph, picture = scene_graph(LOOKS[name])
    loop, aside = f"loop-{name}.mp4", f"aside-{name}.mp4"
    encode = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-g", "60", "-pix_fmt", "yuv420p")
    once = ("-filter_complex", graph, "-map", f"[{picture}]", "-t", str(LOOP_S), *encode, "-y", loop)
    join = (
        *("-stream_loop", "-1", "-i", loop, "-i", f"file:{speech.resolve()}", "-map", "0:v", "-map", "1:a"),
        *(
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            "-b:a",
            "96k",
            "-t",
            f"{duration_s:.2f}",
            "-movflags",
            "+faststart",
            "-y",
            aside,
        ),
    )
    try:
        for arguments in (once, join):
            outcome = hands.run(Command(arguments, target.parent, _LIMITS, duration_s))
            if outcome.returncode != 0:
                raise DrawingFailed((outcome.log.strip().splitlines() or ["ffmpeg said nothing"])[-1])
        (target.parent / aside).replace(target)
    finally:
        for left in (loop, aside):
            (target.parent / left).unlink(missing_ok=True)
    return target
