"""Videos of lessons and homework for tests: handed in, and brought to the end without engines."""

import io
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import File

from lms.accounts.api import Acting
from lms.core.ids import new_uuid
from media_pipeline.api import Purpose, receive_material
from media_pipeline.assets.models import MediaAsset
from tests.media_pipeline.cast import NOW, finish

SAID = ("大家好，今天讲连江鱼丸怎么介绍。", "先说产地，再说配料。", "不要说全网最低价。")


def hand_in_material(
    by: Acting, purpose: Purpose = Purpose.LESSON, content: bytes = b"a lesson", **changes: Any
) -> UUID:
    file = File(io.BytesIO(content), name="第一课.mp4")
    file.size = len(content)
    fields: dict[str, Any] = {"title": "怎样介绍鱼丸", "form_token": new_uuid(), "now": NOW}
    return receive_material(by=by, purpose=purpose, file=file, **(fields | changes))


def finish_material(asset: UUID, folder: Path, sentences: tuple[str, ...] = SAID) -> UUID:
    """Ready, with captions of five seconds a sentence."""
    finish(MediaAsset.objects.get(uuid=asset), folder, sentences)
    return asset
