"""The standing cast (owner, colleague, stranger, staff), finished works without engines, and real ones on demand."""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import yaml
from allauth.mfa.models import Authenticator
from django.core.files.base import File
from django.test import Client
from django.utils import timezone

from lms.accounts.api import (
    INSTALLATION,
    Acting,
    Organisation,
    OrganisationKind,
    Role,
    User,
    acting_for,
    create_organisation,
    create_user,
    grant_membership,
)
from lms.accounts.signin.signals import SECOND_FACTOR_KEY
from lms.core.ids import new_uuid
from lms.core.types import Level, ProductKind
from media_pipeline import toolbox
from media_pipeline.api import receive_upload
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from media_pipeline.runs.recording import record_run, store_files
from media_pipeline.stages import features
from media_pipeline.stages.api import STAGES, Cue, Request, StageOutput, StageTiming
from media_pipeline.stages.compliance import judge
from tests.media_pipeline.clips import SPEECH, ffmpeg
from tests.media_pipeline.fakes import cues as plain_cues

NOW = datetime(2026, 3, 16, 6, 30, tzinfo=timezone.get_fixed_timezone(0))
SENTENCES = (
    "大家好，我是主播林小燕，欢迎来到直播间。",
    "每天喝一杯，可以降血压，坚持喝。",
    "这是全网最低价，大家可以去比。",
    "不喜欢可以退，支持七天无理由。",
)


@dataclass(frozen=True)
class Cast:
    """Two institutions below one city; everybody with one role. `own` hands in, `colleague` is in the same class."""

    city: Organisation
    school: Organisation
    elsewhere: Organisation
    users: dict[str, User]

    def acting(self, who: str) -> Acting:
        return acting_for(self.users[who], None)

    def uuid(self, who: str) -> UUID:
        return self.users[who].uuid

    def client(self, who: str, **options: Any) -> Client:
        """A browser in which `who` is signed in, second factor passed."""
        client = Client(**options)
        client.force_login(self.users[who])
        session = client.session
        session[SECOND_FACTOR_KEY] = True
        session.save()
        return client


def build_cast() -> Cast:
    def organisation(parent: Organisation | None, name: str, kind: OrganisationKind) -> Organisation:
        return create_organisation(by=INSTALLATION, parent=parent, name=name, kind=kind, now=NOW)

    city = organisation(None, "福州市", OrganisationKind.CITY)
    county = organisation(city, "连江县", OrganisationKind.COUNTY)
    other = organisation(city, "罗源县", OrganisationKind.COUNTY)
    bureau = organisation(county, "连江县人社局", OrganisationKind.BUREAU)
    school = organisation(county, "连江县职业中学", OrganisationKind.INSTITUTION)
    elsewhere = organisation(other, "罗源县技工学校", OrganisationKind.INSTITUTION)
    body = organisation(city, "福州市鉴定中心", OrganisationKind.EVALUATION_BODY)
    places: dict[str, tuple[Organisation, Role, str]] = {
        "owner": (school, Role.TRAINEE, "林晓燕"),
        "colleague": (school, Role.TRAINEE, "陈芳"),
        "stranger": (elsewhere, Role.TRAINEE, "王强"),
        "examiner": (body, Role.EXAMINER, "郑考评"),
        "examiner2": (body, Role.EXAMINER, "李考评"),
        "chief": (body, Role.CHIEF_EXAMINER, "吴组长"),
        "school_admin": (school, Role.INSTITUTION_ADMIN, "张老师"),
        "other_admin": (elsewhere, Role.INSTITUTION_ADMIN, "周老师"),
        "bureau": (bureau, Role.HR_BUREAU, "黄科长"),
        "inspector": (other, Role.INSPECTOR, "何督导"),
        "instructor": (school, Role.INSTRUCTOR, "高讲师"),
        "administrator": (city, Role.ADMINISTRATOR, "系统"),
    }
    users = {}
    for name, (place, role, shown) in places.items():
        user = create_user(
            by=INSTALLATION, organisation=place, display_name=shown, password="x", now=NOW, password_is_initial=False
        )
        grant_membership(by=INSTALLATION, user=user, organisation=place, role=role, now=NOW)
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        users[name] = user
    return Cast(city, school, elsewhere, users)


def hand_in(cast: Cast, who: str = "owner", content: bytes = b"a video", **changes: Any) -> MediaAsset:
    """A work as handed in; its first stage waits."""
    fields: dict[str, Any] = {
        "title": "高山岩茶",
        "product": ProductKind.TEA,
        "product_name": "岩茶",
        "brand": "明月茶园",
        "level": Level.ELEMENTARY,
        "declared_ai": False,
        "form_token": new_uuid(),
        "now": NOW,
    }
    file = File(io.BytesIO(content), name="林晓燕的茶.mp4")
    file.size = len(content)
    return receive_upload(acting=cast.acting(who), file=file, **(fields | changes))


def stage_output(name: str, folder: Path, sentences: tuple[str, ...] = SENTENCES) -> StageOutput:
    """What a stage would have found in a one-minute video with these sentences."""
    timing = StageTiming(name, 3.0, 2.0, 100.0)
    if name == "intake":
        check: dict[str, Any] = {
            "name": "container",
            "verdict": "pass",
            "metric": "mp4",
            "threshold": None,
            "ranges": [],
            "note": None,
        }
        return StageOutput({"checks": [check], "media": {}}, timing=timing)
    if name == "measure":
        silence = {"name": "silence", "verdict": "warn", "metric": 9.0, "threshold": 8.0, "ranges": [[20.0, 29.0]],
                   "note": {"code": "silent_gap", "values": {"seconds": 9}}}  # fmt: skip
        files = {"proxy": folder / "proxy.mp4", "poster": folder / "poster.jpg", "waveform": folder / "waveform.json"}
        files["proxy"].write_bytes(bytes(range(256)) * 40)
        files["poster"].write_bytes(b"\xff\xd8poster")
        files["waveform"].write_text(json.dumps([0.1, 0.9, 0.4]))
        return StageOutput({"checks": [silence], "duration_s": 61.0}, files, timing=timing)
    if name == "similarity":
        return StageOutput({"checks": [], "matches": []}, timing=timing)
    heard = plain_cues(sentences)
    if name == "transcribe":
        data = {"checks": [], "language": "zh", "language_probability": 0.99, "cues": [cue.to_json() for cue in heard]}
        return StageOutput(data, timing=timing)
    request = Request(product=ProductKind.TEA, brand="明月茶园", product_name="岩茶", declared_ai=False)
    tools = toolbox.tools()
    found = judge([Cue.from_json(cue.to_json()) for cue in heard], request, tools.rules, tools.thresholds)
    facts: dict[str, dict[str, Any]] = {"measure": {"duration_s": 61.0}, "transcribe": {}}
    sheet = features.measure(heard, facts, tools.rules.mentions(heard, request.brand), (), tools.thresholds)
    return StageOutput(found | {"features": sheet.to_json()}, timing=timing)


def finish(asset: MediaAsset, folder: Path, sentences: tuple[str, ...] = SENTENCES) -> MediaAsset:
    """Bring a handed-in work to the end of the pipeline by the real recording, without engines."""
    tools = toolbox.tools()
    for stage in STAGES:
        output = stage_output(stage.name, folder, sentences)
        stored = store_files(output.files, f"renditions/{asset.uuid}/{stage.name}")
        record_run(
            asset=asset, stage=stage, tools=tools, input_hash=hashlib.sha256(f"{asset.uuid}{stage.name}".encode()).hexdigest(),
            output=output, stored=stored, job=SimpleNamespace(uuid=uuid4(), attempt=1), now=NOW,
        )  # fmt: skip
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.READY, duration_s=61.0, ready_at=NOW)
    asset.refresh_from_db()
    return asset


def selling_clip(path: Path, name: str = "violating-tea") -> tuple[Path, dict[str, Any]]:
    """A demonstration voice with a drawn picture: (video, its card)."""
    card = yaml.safe_load((SPEECH / f"{name}.yaml").read_text(encoding="utf-8"))
    if not path.exists():
        seconds = str(card["duration_s"])
        ffmpeg(
            *("-f", "lavfi", "-t", seconds, "-i", "testsrc2=s=480x854:r=15", "-i", str(SPEECH / f"{name}.opus")),
            *("-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-metadata", "title=林晓燕", "-t", seconds, str(path)),
        )
    return path, card


@contextmanager
def opened(path: Path) -> Iterator[File[bytes]]:
    with path.open("rb") as file:
        yield File(file, name=path.name)
