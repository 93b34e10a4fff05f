"""Papers of a sitting on A4 by typst. The same sheet gives the same bytes."""

import json
import tempfile
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst
from noto_cjk_sans_otc import FONT_PATH

from assessment.delivery.pages.printed import Sheet

_FOLDER: Final = Path(__file__).parent / "data"
_TEMPLATE: Final = "sitting_1.typ"


def render(sheet: Sheet) -> bytes:
    """The sheet as PDF."""
    with tempfile.TemporaryDirectory(prefix="sitting-") as folder:
        (Path(folder) / _TEMPLATE).write_bytes((_FOLDER / _TEMPLATE).read_bytes())
        compiler = typst.Compiler(root=folder, font_paths=_fonts(), ignore_system_fonts=True)
        made = compiler.compile(
            str(Path(folder) / _TEMPLATE),
            format="pdf",
            sys_inputs={"data": json.dumps(asdict(sheet), ensure_ascii=False)},
            timestamp=0,
        )
    if not isinstance(made, bytes):
        raise TypeError("typst made several files of one sheet")
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(Path(str(FONT_PATH)).parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])
