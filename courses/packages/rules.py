"""Who hands in packages, and what may be in one."""

from collections.abc import Mapping

from courses.videos.rules import makes_videos, may_make
from lms.core.imports import MIB, Limits

__all__ = ["KINDS", "LIMITS", "MIMES", "makes_packages", "may_make"]

makes_packages = makes_videos

LIMITS = Limits(archive=100 * MIB, entries=2000, total=300 * MIB, entry=100 * MIB)

# Suffix → media type. Texts say their own character set inside, if any.
MIMES: Mapping[str, str] = {
    "html": "text/html",
    "htm": "text/html",
    "xhtml": "application/xhtml+xml",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "map": "application/json",
    "xml": "text/xml",
    "xsd": "text/xml",
    "dtd": "text/plain",
    "txt": "text/plain",
    "md": "text/plain",
    "csv": "text/csv",
    "vtt": "text/vtt",
    "srt": "text/plain",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject",
    "pdf": "application/pdf",
}
_EXACT = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp", "pdf": "pdf"}
# Scripts are let in: they run on an origin where there is nothing of ours. Archives and programs are not, under any name.
KINDS: Mapping[str, str] = {suffix: _EXACT.get(suffix, "any") for suffix in MIMES}
