"""A hand-written tus client over Django's test client: every header as the test wants it."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.test import Client

from media_pipeline.uploads.logic import END_BYTES, metadata_header
from media_pipeline.uploads.models import Upload

HERE = "/uploads/"
PIECE = "application/offset+octet-stream"


def fingerprint(content: bytes) -> str:
    return hashlib.sha256(content[:END_BYTES] + content[-END_BYTES:]).hexdigest()


def declared(content: bytes | None = None, **changes: Any) -> dict[str, str]:
    """What the upload form says; None takes a field out."""
    said = {
        "target": "submission",
        "filename": "我的茶.mp4",
        "title": "高山岩茶",
        "product": "tea",
        "product_name": "岩茶",
        "level": "5",
        "declared_ai": "no",
        "token": str(uuid4()),
        **({"fingerprint": fingerprint(content)} if content is not None else {}),
    }
    return {key: value for key, value in (said | changes).items() if value is not None}


def ask(client: Client, method: str, path: str, body: bytes = b"", **headers: str | None) -> Any:
    """`Upload_Length=…` becomes the header; Tus-Resumable is sent unless it is None."""
    sent = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in headers.items()}
    content_type = sent.pop("Content-Type", PIECE if body else "")
    return client.generic(
        method, path, body, content_type=content_type or "", headers={k: v for k, v in sent.items() if v is not None}
    )


def begin(client: Client, content: bytes, said: Mapping[str, str] | None = None, **headers: str | None) -> Any:
    said = declared(content) if said is None else said
    stated: dict[str, str | None] = {"Upload_Length": str(len(content)), "Upload_Metadata": metadata_header(said)}
    return ask(client, "POST", HERE, b"", **(stated | headers))


def begun(client: Client, content: bytes, **changes: Any) -> str:
    """The path of a new upload."""
    answer = begin(client, content, declared(content, **changes))
    assert answer.status_code == 201, answer.content.decode()
    return answer["Location"].removeprefix("http://testserver")


def patch(client: Client, path: str, offset: int, piece: bytes, **headers: str | None) -> Any:
    return ask(client, "PATCH", path, piece, **({"Upload_Offset": str(offset), "Content_Type": PIECE} | headers))


def send(client: Client, path: str, content: bytes, size: int = 1 << 20) -> None:
    """The rest of it, piece by piece."""
    at = int(ask(client, "HEAD", path)["Upload-Offset"])
    while at < len(content):
        answer = patch(client, path, at, content[at : at + size])
        assert answer.status_code == 204, answer.content.decode()
        at = int(answer["Upload-Offset"])


def row(path: str) -> Upload:
    return Upload.objects.get(uuid=path.strip("/").rpartition("/")[2])


def checksum(algorithm: str, piece: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, piece).digest()).decode()}"
