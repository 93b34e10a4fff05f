"""Checking a sealed package that anybody may have made. Pure: the keys to believe are given."""

import io
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from lms.core.packages import container, logic
from lms.core.packages.container import BROKEN
from lms.core.packages.types import Fault, Limits, Problem, Report

_IN_MEMORY = 8_000_000
Entries = Mapping[str, zipfile.ZipInfo]


def verify(source: BinaryIO, *, trusted: Collection[bytes], limits: Limits = Limits()) -> Report:  # noqa: B008  # frozen
    """Whether a file is a package that one of the `trusted` public keys (32 bytes each) signed, and no byte of it another.

    Nothing is written, whatever the file says; no more than `limits` is read. All that is wrong is told, the container first.
    """
    archive, found, problems = container.entries(source, limits)
    if archive is None:
        return Report(tuple(problems))
    with archive:
        bag = _Bag(archive, found, limits)
        tags = {name: bag.tag(name) for name in sorted(logic.TAG_FILES)}
        told = logic.info_told(tags[logic.INFO] or b"")
        problems += bag.problems
        if bag.folder and bag.folder != logic.folder_told(told):
            problems.append(Problem(Fault.FOLDERS, bag.folder))
        key = ""
        signature, tag_manifest = tags[logic.SIGNATURE], tags[logic.TAG_MANIFEST]
        if signature is not None and tag_manifest is not None:
            key, wrong = logic.check_signature(signature, tag_manifest, trusted)
            problems += [wrong] if wrong else []
        problems += bag.listed(tag_manifest, logic.TAG_MANIFEST, logic.LISTED)
        problems += bag.listed(tags[logic.MANIFEST], logic.MANIFEST, bag.payload)
        if not problems and not _as_written(source, bag):
            problems.append(Problem(Fault.WRAPPING))
    return Report(
        tuple(dict.fromkeys(problems)),
        key,
        len(bag.payload),
        source.seek(0, io.SEEK_END),
        container.digest(source),
        told,
    )


class _Bag:
    """The files of a package, without its folder."""

    def __init__(self, archive: zipfile.ZipFile, found: Entries, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        folders = {name.partition("/")[0] for name in found}
        inside = len(folders) == 1 and all("/" in name for name in found)
        self.problems = [] if inside else [Problem(Fault.FOLDERS)]
        self.folder = folders.pop() if inside else ""
        self.found = {name.partition("/")[2]: entry for name, entry in found.items()} if inside else {}
        self.names = dict(found.items()) if inside else {}
        self.payload = sorted(name for name in self.found if name.startswith(logic.DATA))
        strange = sorted(set(self.found) - set(self.payload) - logic.TAG_FILES)
        self.problems += [Problem(Fault.EXTRA, name) for name in strange]
        if inside:
            missing = sorted(logic.TAG_FILES - set(self.found))
            self.problems += [Problem(Fault.MISSING, name) for name in missing]

    def tag(self, name: str) -> bytes | None:
        """The whole of a list or signature; None when it is not there or cannot be read, which `problems` then tells."""
        entry = self.found.get(name)
        if entry is None:
            return None
        if entry.file_size > self.limits.tag_file:
            self.problems.append(Problem(Fault.UNREADABLE, name))
            return None
        try:
            return b"".join(container.read(self.archive, entry))
        except BROKEN:
            self.problems.append(Problem(Fault.CHANGED, name))
            return None

    def listed(self, content: bytes | None, manifest: str, held: Collection[str]) -> list[Problem]:
        """What a manifest and the files it must list, exactly these, say of each other."""
        if content is None:
            return []
        hashes = logic.read_manifest(content)
        if hashes is None:
            return [Problem(Fault.UNREADABLE, manifest)]
        problems = [Problem(Fault.EXTRA, name) for name in sorted(set(held) - set(hashes))]
        for name in sorted(hashes):
            if name not in held or name not in self.found:
                problems.append(Problem(Fault.MISSING, name))
            elif self._sha256(name) != hashes[name]:
                problems.append(Problem(Fault.CHANGED, name))
        return problems

    def _sha256(self, name: str) -> str:
        held = sha256()
        try:
            for piece in container.read(self.archive, self.found[name]):
                held.update(piece)
        except BROKEN:
            return ""
        return held.hexdigest()


def _as_written(source: BinaryIO, bag: _Bag) -> bool:
    """Whether the file is, to the byte, what we write around these files: times, modes and gaps could hide something else."""
    members = {name: (partial(bag.archive.open, entry), entry.file_size) for name, entry in bag.names.items()}
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as again:
        container.write(members, again)  # type: ignore[arg-type]  # a spooled file reads and seeks as others do
        return container.digest(again) == container.digest(source)  # type: ignore[arg-type]
