"""Writing, trying, reviewing and publishing rule packs. Every refusal is a `PackRefusal`."""

import json
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.accounts.api import INSTALLATION, Acting, NotAllowed
from lms.core import audit, clock
from lms.core.states import IllegalMove
from media_pipeline.engines.children import python_child, python_reads, run_child
from media_pipeline.packs.logic import with_part, with_rule, with_sentences
from media_pipeline.packs.models import PackMove, PackText, PackTrial, RulePack
from media_pipeline.packs.rules import may_decide, require_publisher, require_writer
from media_pipeline.packs.selectors import hands_on, newest_text, pack_data
from media_pipeline.packs.types import NoPack, PackData, PackRefusal, PackState
from media_pipeline.rulepacks.document import MATCHER_REVISION, Document, PackFault, document_hash, read_document
from media_pipeline.rulepacks.labelling import sentences
from media_pipeline.rulepacks.loading import shipped_document
from media_pipeline.stages.ports import Limits

# A pack of 20,000 sentences needs 10 s; a pattern that hangs is ended here.
_TRIAL: Final = Limits(wall_s=120, cpu_s=40, memory_mb=1024, output_mb=16)
# Beside this package a trial reads the words of the trade (`lms.core.types`).
_WORDS: Final = Path(settings.BASE_DIR) / "lms" / "core"
_SHIPPED_TITLE: Final = "直播合规规则"


@transaction.atomic
def load_packs(document: Document | None = None) -> int:
    """Store the shipped pack where it is new, and publish it unless people have published one of theirs since: then it
    waits as a draft. Returns packs stored. Raises PackFault."""
    content = document or shipped_document()
    read_document(content)
    digest = document_hash(content)
    if PackText.objects.filter(author=None, content_hash=digest).exists():
        return 0
    now = clock.now()
    theirs = PackText.objects.filter(author__isnull=False, pack__state=PackState.PUBLISHED).exists()
    row = _new_pack(_SHIPPED_TITLE, None, now)
    text = _store(row, content, note="", by=INSTALLATION, now=now, revision=1)
    if not theirs:
        _move(row, text, PackState.PUBLISHED, by=INSTALLATION, reason="", now=now, effective_from=clock.today())
    return 1


@transaction.atomic
def start_pack(*, by: Acting, base: UUID, title: str, now: datetime) -> PackData:
    """A draft that begins as a copy of another pack. Raises NotAllowed, NoPack, PackRefusal ("title")."""
    require_writer(by)
    old = _locked(base)
    if not title.strip():
        raise PackRefusal(_("Say what the pack is called."), code="title")
    row = _new_pack(title.strip(), old, now)
    _store(row, newest_text(old).content, note="", by=by, now=now, revision=1)
    return pack_data(row)


def write_rule(*, by: Acting, pack: UUID, seen: UUID, rule: Mapping[str, Any], note: str, now: datetime) -> PackData:
    """Change a rule of a draft, or add one. seen: the text she had before her. Raises NotAllowed, NoPack, PackRefusal
    ("state", "newer", "same", "faults")."""
    return _edit(by, pack, seen, lambda document: with_rule(document, rule), note, now)


def write_part(*, by: Acting, pack: UUID, seen: UUID, name: str, content: Any, note: str, now: datetime) -> PackData:
    """Change the words, exceptions, statements or categories of a draft. Raises as `write_rule`."""
    return _edit(by, pack, seen, lambda document: with_part(document, name, content), note, now)


def write_sentences(*, by: Acting, pack: UUID, seen: UUID, marked: str, note: str, now: datetime) -> PackData:
    """Replace people's own test sentences, given in mark-up (`rulepacks.labelling`). Raises as `write_rule`, and
    PackRefusal ("marks")."""
    try:
        rows = list(sentences(marked, "own"))
    except ValueError as error:
        raise PackRefusal(_("The sentences cannot be read: %(why)s") % {"why": error}, code="marks") from None
    return _edit(by, pack, seen, lambda document: with_sentences(document, rows), note, now)


@transaction.atomic
def _edit(by: Acting, pack: UUID, seen: UUID, change: Any, note: str, now: datetime) -> PackData:
    require_writer(by)
    row = _locked(pack)
    if row.state != PackState.DRAFT:
        raise PackRefusal(_("Only a draft can be changed."), code="state")
    text = newest_text(row)
    if text.uuid != seen:
        raise PackRefusal(_("Somebody has changed the pack meanwhile. Open it again."), code="newer")
    content = change(text.content)
    digest = document_hash(content)
    if digest == text.content_hash:
        raise PackRefusal(_("Nothing was changed."), code="same")
    try:
        read_document(content)
    except PackFault as fault:
        raise PackRefusal(_("The pack cannot be kept like this."), code="faults", faults=fault.faults) from None
    _store(row, content, note=note.strip(), by=by, now=now, revision=text.revision + 1)
    return pack_data(row)


def try_pack(*, by: Acting, pack: UUID, now: datetime) -> PackData:
    """Try the newest text on its own test sentences, in a child of limited CPU, and keep the outcome. The child runs
    outside the transaction. Raises NotAllowed, NoPack, PackRefusal ("slow": a pattern does not end; "trial")."""
    require_writer(by)
    row = _pack(pack)
    text = newest_text(row)
    outcome = run_trial(text.content)
    with transaction.atomic():
        PackTrial.objects.create(
            text=text, matcher=MATCHER_REVISION, passed=outcome["passed"], outcome=outcome, by=by.user, at=now
        )
        audit.record(
            subject_kind="rule_pack",
            subject=row.uuid,
            action="rule_pack_tried",
            actor=by.user,
            fields={"revision": text.revision, "passed": int(outcome["passed"])},
            now=now,
        )
    return pack_data(row)


def run_trial(document: Document) -> dict[str, Any]:
    """The outcome of `rulepacks.trial`, from a child. Raises PackRefusal ("slow", "trial")."""
    with tempfile.TemporaryDirectory() as folder:
        ended = run_child(
            python_child("media_pipeline.rulepacks.trial"),
            limits=_TRIAL,
            folder=Path(folder),
            reads=(*python_reads(), _WORDS),
            stdin=json.dumps(document, ensure_ascii=False).encode(),
        )
    lines = ended.stdout.decode("utf-8", "replace").splitlines()
    if ended.returncode == 0 and lines:
        outcome: dict[str, Any] = json.loads(lines[-1])
        return outcome
    if ended.limit:
        words = _("The trial was ended: %(rule)s takes too long. Simplify its patterns.")
        raise PackRefusal(words % {"rule": lines[-1] if lines else "?"}, code="slow")
    raise PackRefusal(_("The trial failed. Try again."), code="trial")


@transaction.atomic
def submit_pack(*, by: Acting, pack: UUID, now: datetime) -> None:
    """Send a draft for review. Raises NotAllowed, NoPack, PackRefusal ("untried", "failed", "state")."""
    require_writer(by)
    row = _locked(pack)
    text = newest_text(row)
    _require_passed(text)
    _move(row, text, PackState.REVIEW, by=by, reason="", now=now)


@transaction.atomic
def return_pack(*, by: Acting, pack: UUID, reason: str, now: datetime) -> None:
    """Back to its writers. Raises NotAllowed, NoPack, PackRefusal ("reason", "state")."""
    require_publisher(by)
    row = _locked(pack)
    _require_reason(reason)
    if row.state != PackState.REVIEW:
        raise PackRefusal(_("It is not under review any more."), code="state")
    _move(row, newest_text(row), PackState.DRAFT, by=by, reason=reason.strip(), now=now)


@transaction.atomic
def publish_pack(*, by: Acting, pack: UUID, effective_from: date, now: datetime) -> None:
    """Put a reviewed pack in force from a day on. Raises NotAllowed, NoPack, PackRefusal ("hands": she wrote or sent it;
    "past", "untried", "failed", "state")."""
    require_publisher(by)
    row = _locked(pack)
    if by != INSTALLATION and not may_decide(by, hands_on(row)):
        raise PackRefusal(_("Whoever wrote or sent it does not publish it: a second person does."), code="hands")
    if row.state != PackState.REVIEW:
        raise PackRefusal(_("It is not under review any more."), code="state")
    if effective_from < clock.today():
        raise PackRefusal(_("It cannot come into force in the past."), code="past")
    text = newest_text(row)
    _require_passed(text)
    _move(row, text, PackState.PUBLISHED, by=by, reason="", now=now, effective_from=effective_from)


@transaction.atomic
def withdraw_pack(*, by: Acting, pack: UUID, reason: str, now: datetime) -> None:
    """Take a published pack out of force for good; the one before it is in force again. Raises NotAllowed, NoPack,
    PackRefusal ("reason", "state")."""
    require_publisher(by)
    row = _locked(pack)
    _require_reason(reason)
    _move(row, newest_text(row), PackState.WITHDRAWN, by=by, reason=reason.strip(), now=now)


@transaction.atomic
def give_up_pack(*, by: Acting, pack: UUID, now: datetime) -> None:
    """Put a draft away. Raises NotAllowed, NoPack, PackRefusal ("state")."""
    require_writer(by)
    row = _locked(pack)
    _move(row, newest_text(row), PackState.GIVEN_UP, by=by, reason="", now=now)


def _require_passed(text: PackText) -> None:
    trial = PackTrial.objects.filter(text=text, matcher=MATCHER_REVISION).order_by("-id").first()
    if trial is None:
        raise PackRefusal(_("Try the pack on its test sentences first."), code="untried")
    if not trial.passed:
        raise PackRefusal(_("The pack does not pass its own test sentences."), code="failed")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise PackRefusal(_("Say why."), code="reason")


def _pack(uuid: UUID) -> RulePack:
    try:
        return RulePack.objects.get(uuid=uuid)
    except RulePack.DoesNotExist:
        raise NoPack(str(uuid)) from None


def _locked(uuid: UUID) -> RulePack:
    try:
        return RulePack.objects.select_for_update(of=("self",)).get(uuid=uuid)
    except RulePack.DoesNotExist:
        raise NoPack(str(uuid)) from None


def _new_pack(title: str, base: RulePack | None, now: datetime) -> RulePack:
    """The next number; who takes the same at once is told to try again. Raises PackRefusal ("newer")."""
    last = RulePack.objects.order_by("-number").values_list("number", flat=True).first() or 0
    try:
        with transaction.atomic():
            return RulePack.objects.create(number=last + 1, title=title, base=base, created_at=now)
    except IntegrityError:
        raise PackRefusal(_("Somebody has begun a pack meanwhile. Try again."), code="newer") from None


def _store(row: RulePack, content: Document, *, note: str, by: Acting, now: datetime, revision: int) -> PackText:
    text = PackText.objects.create(
        pack=row,
        revision=revision,
        content=content,
        content_hash=document_hash(content),
        note=note,
        author=by.user,
        at=now,
    )
    audit.record(
        subject_kind="rule_pack",
        subject=row.uuid,
        action="rule_pack_written",
        actor=by.user,
        fields={"number": row.number, "revision": revision, "content_hash": text.content_hash},
        now=now,
    )
    return text


def _move(
    row: RulePack, text: PackText, after: PackState, *, by: Acting, reason: str, now: datetime, **fields: Any
) -> None:
    before = row.state
    if before == PackState.DRAFT and after == PackState.PUBLISHED and by != INSTALLATION:
        raise NotAllowed(_("A draft is reviewed first."))
    try:
        row.move(after, **fields)
    except IllegalMove:
        raise PackRefusal(_("It is in another state by now. Open it again."), code="state") from None
    PackMove.objects.create(pack=row, text=text, before=before, after=after, reason=reason, by=by.user, at=now)
    audit.record(
        subject_kind="rule_pack",
        subject=row.uuid,
        action=f"rule_pack_{after}",
        actor=by.user,
        fields={"revision": text.revision, "content_hash": text.content_hash, "reason": reason},
        now=now,
    )
