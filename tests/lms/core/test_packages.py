"""Sealed packages: what is made, that the same is the same, and that nothing wrong passes."""

import io
import json
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.core.keys import KeyringError, environment_keyring, local_keyring, parse_public_key
from lms.core.packages import Fault, Limits, Package, Problem, build, key_id, problem_words, public_keys, seal, verify
from lms.core.packages.logic import public_key, safe_name, signature_text

SEED = b"s" * 32
TRUSTED = [public_key(SEED)]
AT = datetime(2026, 3, 21, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
FOLDER = "kaibo-evidence-A1-1234B5/"
GIVEN = Package(
    "evidence", "A1-1234B5", "What was found\nin a work", AT,
    {"evidence.json": b'{"a": 1}\n', "captions.vtt": b"WEBVTT\n", "sound/peaks.json": b"[0.1]\n"},
)  # fmt: skip


def built(package: Package = GIVEN, seed: bytes = SEED) -> bytes:
    held = io.BytesIO()
    build(package, seed=seed, target=held)
    return held.getvalue()


def problems(content: bytes, **options: Limits) -> list[tuple[Fault, str]]:
    report = verify(io.BytesIO(content), trusted=TRUSTED, **options)
    assert report.ok is not bool(report.problems)
    return [(each.fault, each.where) for each in report.problems]


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(
    files: dict[str, bytes], *more: tuple[str, bytes], change: Callable[[zipfile.ZipInfo], object] = id
) -> bytes:
    """A zip as ours with these entries; `change` makes the additional ones odd."""
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w") as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for place, (name, content) in enumerate([*files.items(), *more]):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            if place >= len(files):
                change(entry)
            archive.writestr(entry, content)
    return held.getvalue()


def test_a_package_is_a_bag_in_a_zip() -> None:
    files = members(built())
    assert list(files) == [
        FOLDER + name
        for name in (
            "bag-info.txt", "bagit.txt", "data/captions.vtt", "data/evidence.json", "data/sound/peaks.json",
            "manifest-sha256.txt", "signature.txt", "tagmanifest-sha256.txt",
        )
    ]  # fmt: skip
    assert files[FOLDER + "bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert files[FOLDER + "bag-info.txt"].decode().splitlines() == [
        "Bag-Software-Agent: Kaibo",
        "Bagging-Date: 2026-03-21",
        "External-Description: What was found in a work",
        "External-Identifier: A1-1234B5",
        "Kaibo-Package: evidence/1",
        "Kaibo-Sealed-At: 2026-03-21T10:30:00+08:00",
        "Payload-Oxum: 22.3",
    ]


def test_a_package_verifies_and_tells_of_itself() -> None:
    content = built()
    report = verify(io.BytesIO(content), trusted=TRUSTED)
    assert (report.problems, report.ok, report.files, report.size) == ((), True, 3, len(content))
    assert report.key == key_id(TRUSTED[0])
    assert report.told["Kaibo-Package"] == "evidence/1"


def test_others_agree(tmp_path: Path) -> None:
    """coreutils checks both lists, and the signature is plain Ed25519 over the tag manifest."""
    with zipfile.ZipFile(io.BytesIO(built())) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / FOLDER
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        said = subprocess.run(
            ["sha256sum", "--check", "--strict", manifest], cwd=folder, capture_output=True, check=False
        )
        assert said.returncode == 0, said.stderr
    told = dict(line.split(": ") for line in (folder / "signature.txt").read_text().splitlines())
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["Public-Key"]))
    public.verify(bytes.fromhex(told["Signature"]), (folder / told["Signed-File"]).read_bytes())


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "on-disk").write_bytes(b"WEBVTT\n")
    turned = dict(reversed(list(GIVEN.files.items()))) | {"captions.vtt": tmp_path / "on-disk"}
    assert built(replace(GIVEN, files=turned)) == built()
    # On every machine and Python, today and later.
    assert sha256(built()).hexdigest() == "e5a2996364f1352f2635a4681aa2e2c36828290a5331965eb882274b7a20dcba"
    later = members(built(replace(GIVEN, sealed_at=AT.replace(minute=31))))
    changed = {name for name, content in members(built()).items() if later[name] != content}
    assert changed == {FOLDER + name for name in ("bag-info.txt", "tagmanifest-sha256.txt", "signature.txt")}


def test_a_changed_byte_in_any_file_is_found_and_named() -> None:
    """Twice: as the disk would lose it, and in a zip whose own check sums were made again."""
    content = built()
    whole = members(content)
    for name in whole:
        inside = name.removeprefix(FOLDER)
        at = content.index(whole[name])
        for place in range(len(whole[name])):
            lost = bytearray(content)
            lost[at + place] ^= 1
            assert inside in [where for _fault, where in problems(bytes(lost))], (inside, place)
            other = bytearray(whole[name])
            other[place] ^= 1
            told = problems(zipped(whole | {name: bytes(other)}))
            # Of list and signature no one can say which was changed.
            named = "signature.txt" if inside == "tagmanifest-sha256.txt" else inside
            assert named in [where for _fault, where in told], (inside, place)


def test_a_changed_byte_anywhere_is_found() -> None:
    content = built()
    for place in range(len(content)):
        lost = bytearray(content)
        lost[place] ^= 0x20
        assert problems(bytes(lost)), place


def test_a_package_cut_off_is_found() -> None:
    content = built()
    assert {tuple(problems(content[:length])) for length in range(0, len(content), 7)} == {((Fault.NO_PACKAGE, ""),)}
    assert problems(content + b"\0") == [(Fault.NO_PACKAGE, "")]
    assert problems(b"MZ" + content) == [(Fault.NO_PACKAGE, "")]


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_no_bytes_upset_it(content: bytes) -> None:
    assert problems(content)
    assert problems(content + built()[-300:])


def test_another_key_is_told_by_its_name() -> None:
    stranger = key_id(public_key(b"x" * 32))
    report = verify(io.BytesIO(built(seed=b"x" * 32)), trusted=TRUSTED)
    assert report.problems == (Problem(Fault.STRANGER, "signature.txt", stranger),)
    assert report.key == stranger
    # Our key's name over another's signature.
    files = members(built())
    theirs = signature_text(files[FOLDER + "tagmanifest-sha256.txt"], b"x" * 32).decode().splitlines()
    ours = files[FOLDER + "signature.txt"].decode().splitlines()
    mixed = "\n".join([*ours[:5], theirs[5], ""]).encode()
    assert problems(zipped(files | {FOLDER + "signature.txt": mixed})) == [(Fault.SIGNATURE, "signature.txt")]


def test_missing_and_added_files_are_named() -> None:
    files = members(built())
    for name in files:
        rest = {one: content for one, content in files.items() if one != name}
        assert (Fault.MISSING, name.removeprefix(FOLDER)) in problems(zipped(rest))
    for name in ("data/more.json", "more.txt", "manifest-sha512.txt"):
        assert problems(zipped(files | {FOLDER + name: b""})) == [(Fault.EXTRA, name)]
    assert problems(zipped(files | {"other/data/more.json": b""}))[0] == (Fault.FOLDERS, "")
    assert problems(zipped({name.removeprefix(FOLDER): each for name, each in files.items()}))[0][0] is Fault.FOLDERS
    # No signature covers the folder's name.
    renamed = {name.replace("A1-1234B5", "A1-9999B5"): each for name, each in files.items()}
    assert problems(zipped(renamed)) == [(Fault.FOLDERS, "kaibo-evidence-A1-9999B5")]


@pytest.mark.parametrize(
    "name",
    (
        "../evil", "/etc/passwd", "C:/evil", FOLDER + "data/../../evil", FOLDER + "data\\evil", FOLDER + "data/说明.txt",
        FOLDER + "data/a b", FOLDER + "data/" + "a" * 200, FOLDER + "data/\x1b[2J", FOLDER + ".hidden", FOLDER + "data//a",
    ),
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    report = verify(io.BytesIO(zipped(members(built()), (name, b"x"))), trusted=TRUSTED)
    assert report.problems[0].fault is Fault.NAME
    assert report.problems[0].where.isprintable()


@pytest.mark.parametrize("second", ("data/evidence.json", "data/EVIDENCE.json"))
def test_a_name_stands_once_whatever_its_capitals(second: str) -> None:
    assert (Fault.TWICE, FOLDER + second) in problems(zipped(members(built()), (FOLDER + second, b"x")))


def link(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = 0o120777 << 16


def pressed(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_DEFLATED


@pytest.mark.parametrize("name,change", (("data/a", link), ("data/a", pressed), ("data/a/", id)))
def test_only_plain_files_are_read(name: str, change: Callable[[zipfile.ZipInfo], object]) -> None:
    told = problems(zipped(members(built()), (FOLDER + name, b"0" * 5000), change=change))
    assert told[0] == (Fault.NO_PLAIN_FILE, FOLDER + name)


def test_a_file_that_would_grow_is_never_unpacked() -> None:
    """A directory that says one stretch of bytes many times over: no compression is needed for such a bomb."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for place in range(200):
            entry = zipfile.ZipInfo(f"{FOLDER}data/{place:03}")
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, b"0" * 10_000 if not place else b"")
        first = archive.infolist()[0]
        for entry in archive.infolist()[1:]:
            entry.header_offset, entry.CRC = first.header_offset, first.CRC
            entry.file_size = entry.compress_size = first.file_size
    assert problems(held.getvalue()) == [(Fault.NO_PACKAGE, "")]


def test_limits_hold_before_anything_is_read() -> None:
    content = built()
    assert problems(content, limits=Limits(size=len(content))) == []
    assert problems(content, limits=Limits(size=len(content) - 1)) == [(Fault.TOO_BIG, "")]
    assert problems(content, limits=Limits(members=7)) == [(Fault.TOO_BIG, "")]
    short = problems(content, limits=Limits(tag_file=100))
    assert (Fault.UNREADABLE, "manifest-sha256.txt") in short


def test_the_zip_around_right_files_must_be_ours() -> None:
    """Another time on a file, a remark, another order: harmless or not, it is not what was sealed."""
    files = members(built())
    assert problems(zipped(files)) == []
    assert problems(zipped(dict(reversed(files.items())))) == [(Fault.WRAPPING, "")]
    held = io.BytesIO(built())
    with zipfile.ZipFile(held, "a") as archive:
        archive.infolist()[0].date_time = (2026, 3, 21, 0, 0, 0)
        archive._didModify = True  # type: ignore[attr-defined]  # only the directory is written again
    assert problems(held.getvalue()) == [(Fault.WRAPPING, "")]


@pytest.mark.parametrize(
    "package",
    (
        replace(GIVEN, identifier="../A1"), replace(GIVEN, kind="evidence/x"), replace(GIVEN, identifier="A1\nKaibo: x"),
        replace(GIVEN, files={"../a": b""}), replace(GIVEN, files={"a": b"", "A": b""}), replace(GIVEN, files={"说明.txt": b""}),
        replace(GIVEN, files=dict.fromkeys(map(str, range(9_996)), b"")),
    ),
)  # fmt: skip
def test_what_could_not_be_checked_is_not_made(package: Package) -> None:
    with pytest.raises(ValueError, match="package"):
        built(package)


@given(st.text(max_size=30))
def test_a_safe_name_stays_below_its_folder(name: str) -> None:
    if safe_name(name):
        assert (Path("/a") / name).resolve().is_relative_to("/a/")
        assert name.isascii()


def test_every_fault_has_a_sentence_in_both_languages() -> None:
    for fault in Fault:
        words = {}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                words[language] = problem_words(Problem(fault, "data/a", "7"))
        assert words["en"].isascii()
        assert not words["zh-hans"].isascii()


# Keys ---------------------------------------------------------------------------------------------------------------
def test_signing_keys_come_newest_first_and_all_are_believed(settings: object) -> None:
    ring = environment_keyring(
        "s" * 50, "k1:" + "A" * 43, "B" * 42 + "A", "C" * 42 + "A, " + "D" * 42 + "A", TRUSTED[0].hex()
    )
    settings.KEYRING = ring  # type: ignore[attr-defined]
    assert public_keys() == [*(public_key(seed) for seed in ring.signing_keys), TRUSTED[0]]
    assert verify(io.BytesIO(seal(GIVEN)), trusted=public_keys()[:1]).ok
    for wrong in ("", "short", "C" * 42 + "A," + "C" * 42 + "A"):
        with pytest.raises(KeyringError, match="KAIBO_SIGNING_KEYS"):
            environment_keyring("s" * 50, "k1:" + "A" * 43, "B" * 42 + "A", wrong)
    with pytest.raises(KeyringError, match="64 hex digits"):
        parse_public_key("zz")


def test_an_installation_older_than_signing_keys_gets_one(tmp_path: Path) -> None:
    first = local_keyring(tmp_path / "keys.json")
    (tmp_path / "signing-keys.json").unlink()
    second = local_keyring(tmp_path / "keys.json")
    assert (second.field_keys, second.index_key) == (first.field_keys, first.index_key)
    assert second.signing_keys != first.signing_keys
    assert local_keyring(tmp_path / "keys.json") == second
    assert (tmp_path / "signing-keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_the_keys_are_published_to_anybody(client: Client) -> None:
    """Those of others that we believe are theirs to publish."""
    assert client.get("/keys.txt").content.decode() == f"{key_id(TRUSTED[0])} {TRUSTED[0].hex()}\n"


# The command --------------------------------------------------------------------------------------------------------
def run(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_package", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_says_what_is_wrong_in_the_language_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    file.write_bytes(seal(GIVEN))
    assert run(file, "--language", "en") == (
        0, f"As sealed: evidence/1 A1-1234B5, 3 files, sealed 2026-03-21T10:30:00+08:00 with key {key_id(public_keys()[0])}.\n", ""
    )  # fmt: skip
    files = members(seal(GIVEN))
    file.write_bytes(zipped(files | {FOLDER + "data/evidence.json": b"{}"}))
    code, out, err = run(file, "--language", "en")
    assert (code, out, err.splitlines()) == (
        1, "", ["Not as sealed:", "  data/evidence.json: was changed after sealing."]
    )  # fmt: skip
    assert "封存后被改动过" in run(file, "--language", "zh-hans")[2]
    code, out, err = run(file, "--json", "--language", "en")
    told = json.loads(out)
    assert (code, told["ok"], told["problems"][0]["fault"]) == (1, False, "changed")


def test_the_command_believes_the_key_it_is_given_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    file.write_bytes(built(seed=b"x" * 32))
    theirs = public_key(b"x" * 32).hex()
    assert [run(file)[0], run(file, "--key", theirs)[0], run(file, "--key", public_keys()[0].hex())[0]] == [1, 0, 1]
    assert run("--keys")[1] == f"{key_id(public_keys()[0])}\t{public_keys()[0].hex()}\n"
    with pytest.raises(CommandError, match="64 hex digits"):
        run(file, "--key", "zz")
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.zip")
    with pytest.raises(CommandError, match="required"):
        run()
