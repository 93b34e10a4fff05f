"""Packages: handed in, through the gate, unpacked into private storage."""

from contextlib import suppress
from datetime import datetime
from hashlib import file_digest
from typing import IO
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.packages.addresses import content_origin
from courses.packages.manifest import read_manifest
from courses.packages.models import ContentPackage, PackageFile, file_key
from courses.packages.rules import KINDS, LIMITS, may_make
from courses.packages.types import Manifest, PackageRefused
from lms.accounts.api import Acting
from lms.core import audit
from lms.core.imports import Archive, ImportRefused, open_archive

TITLE_CHARS = 60


def no_origin() -> str:
    """Why packages are not taken in here, "" where they are."""
    if content_origin():
        return ""
    return _(
        "Packages hold strangers' scripts and need an address of their own (KAIBO_CONTENT_ORIGIN), which is not set here."
    )


def make_package(*, by: Acting, title: str, file: IO[bytes], now: datetime) -> ContentPackage:
    """Take in a SCORM 1.2 package. The same file by the same login again gives the package it made the first time.

    file: seekable. Raises PermissionDenied, PackageRefused (with the entry and the reason).
    """
    if not may_make(by) or by.user is None:
        raise PermissionDenied
    if reason := no_origin():
        raise PackageRefused(reason)
    title = " ".join(title.split())[:TITLE_CHARS]
    if not title:
        raise PackageRefused(_("Give the package a title."), field="title")
    file.seek(0)
    sha256 = file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    held = ContentPackage.objects.filter(sha256=sha256).first()
    if held is not None:
        return _known(held, by, title)
    try:
        with open_archive(file, KINDS, LIMITS) as archive:
            return _keep(by.user, title, sha256, archive, read_manifest(archive), now)
    except ImportRefused as refused:
        where = _("%(where)s: %(why)s") % {"where": refused.where, "why": refused.message}
        raise PackageRefused(where if refused.where else refused.message, field="package") from refused
    except IntegrityError:  # handed in twice at once
        return _known(ContentPackage.objects.get(sha256=sha256), by, title)


def _known(held: ContentPackage, by: Acting, title: str) -> ContentPackage:
    if held.author == by.user and held.title == title:
        return held
    raise PackageRefused(_("This package is here already, as “%(title)s”.") % {"title": held.title}, field="package")


def _keep(by: UUID, title: str, sha256: str, archive: Archive, manifest: Manifest, now: datetime) -> ContentPackage:
    """Files first, then rows: a file without a row is harmless, a row without a file is not."""
    storage = storages["private"]
    made: list[str] = []
    files: list[tuple[str, str, int]] = []
    try:
        for name in archive.names:
            hashed = archive.sha256(name)
            key = file_key(sha256, hashed)
            if not storage.exists(key):
                made.append(key)
                with archive.open(name) as stream:
                    storage.save(key, File(stream, name=key))
            files.append((name, hashed, storage.size(key)))
        with transaction.atomic():
            package = ContentPackage.objects.create(
                title=title, sha256=sha256, entry=manifest.entry, author=by, created_at=now
            )
            PackageFile.objects.bulk_create(
                [PackageFile(package=package, path=path, sha256=hashed, size=size) for path, hashed, size in files]
            )
            audit.record(
                subject_kind="package",
                subject=package.uuid,
                action="made",
                actor=by,
                fields={"title": title, "sha256": sha256, "files": len(files)},
                now=now,
            )
    except IntegrityError:  # the other one's rows name these files
        raise
    except BaseException:
        for key in made:
            with suppress(OSError):
                storage.delete(key)
        raise
    return package
