"""Writing blueprints, approving them, drawing papers and what becomes of these. Every refusal is a `PaperRefusal`."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import yaml
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import (
    documents_of,
    drawable,
    lookalikes_of_many,
    lookalikes_within,
    placed_versions,
    topics_of,
)
from assessment.bank.services import documents_for_paper, mark_used
from assessment.bank.services.exporting import files_of
from assessment.bank.types import Export
from assessment.papers.drawing import draw
from assessment.papers.logic import BlueprintFault, content_of, faults, hash_of, paper_content, read_blueprint
from assessment.papers.models import Blueprint, BlueprintApproval, PaperForm, PaperMove, PaperStanding, PaperUse
from assessment.papers.printing import render
from assessment.papers.rules import may_withdraw, require_approver, require_writer
from assessment.papers.selectors import blueprint as blueprint_of
from assessment.papers.selectors import paper as paper_of
from assessment.papers.selectors import paper_data, parallel_forms
from assessment.papers.types import (
    BlueprintContent,
    BlueprintData,
    Drawn,
    NoBlueprint,
    NoPaper,
    PaperData,
    PaperRefusal,
    PaperState,
    Shortfall,
)
from lms.accounts.api import INSTALLATION, Acting, NotAllowed
from lms.core import audit, clock
from lms.core.ids import new_uuid
from lms.core.states import IllegalMove
from lms.core.types import Level

SHIPPED = Path(__file__).with_name("data") / "blueprints.yaml"
# Rounds of drawing and looking for look-alikes; each finds new ones or ends. Beyond this the bank is full of copies.
_ROUNDS: Final = 30
_FAMILY: Final = 30
SEEDS: Final = 2**31


# Blueprints --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def load_blueprints(path: Path = SHIPPED) -> int:
    """Store a new, unapproved version of what has changed in the file since; returns versions stored. What people have written
    since under the same key stays the newest. Raises BlueprintFault."""
    frame: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    stored = 0
    for entry in frame["blueprints"]:
        content = read_blueprint(entry)
        ours = (
            Blueprint.objects.filter(key=content.key, level=int(content.level), author=None).order_by("version").last()
        )
        if ours is None or ours.content_hash != hash_of(content_of(content)):
            _store(content, INSTALLATION, clock.now(), after=_latest(content.key, content.level))
            stored += 1
    return stored


@transaction.atomic
def write_blueprint(*, by: Acting, content: BlueprintContent, base: UUID | None = None, now: datetime) -> BlueprintData:
    """A new version of a blueprint, or its first. It may be drawn by once the bureau approves it.

    base: the version she had before her, None for a new one. Raises NotAllowed, BlueprintFault, PaperRefusal ("newer":
    somebody has written one since, or the key is taken; "same": nothing was changed).
    """
    require_writer(by)
    latest = _latest(content.key, content.level)
    if (latest.uuid if latest else None) != base:
        raise PaperRefusal(
            _("Somebody has written a newer version meanwhile. Open it and write yours again.")
            if base
            else _("There is a blueprint of this key and level already. Open it and edit it."),
            code="newer",
            field="" if base else "key",
        )
    if latest is not None and latest.content_hash == hash_of(content_of(content)):
        raise PaperRefusal(_("Nothing was changed."), code="same")
    try:
        with transaction.atomic():
            return _store(content, by, now, after=latest)
    except IntegrityError:
        raise PaperRefusal(
            _("Somebody has written a newer version meanwhile. Open it and write yours again."), code="newer"
        ) from None


def _store(content: BlueprintContent, by: Acting, now: datetime, *, after: Blueprint | None) -> BlueprintData:
    """after: the version that was looked at. Read anew here, one written meanwhile would be followed instead of refused."""
    found = faults(content, [topic.code for topic in topics_of(content.level)])
    if found:
        raise BlueprintFault(found)
    plain = content_of(content)
    row = Blueprint.objects.create(
        key=content.key,
        level=int(content.level),
        version=after.version + 1 if after else 1,
        content_hash=hash_of(plain),
        title=content.title,
        content=plain,
        author=by.user,
        created_at=now,
    )
    audit.record(
        subject_kind="blueprint",
        subject=row.uuid,
        action="blueprint_written",
        actor=by.user,
        fields={"key": row.key, "level": row.level, "version": row.version, "content_hash": row.content_hash},
        now=now,
    )
    return blueprint_of(row.uuid)


def _latest(key: str, level: Level) -> Blueprint | None:
    return Blueprint.objects.filter(key=key, level=int(level)).order_by("-version").first()


@transaction.atomic
def approve_blueprint(*, by: Acting, blueprint: UUID, now: datetime) -> BlueprintData:
    """Let papers be drawn by a version. Once, and never taken back.

    Raises NotAllowed, NoBlueprint, PaperRefusal ("approved", "newer").
    """
    require_approver(by)
    row = Blueprint.objects.select_for_update().filter(uuid=blueprint).first()
    if row is None:
        raise NoBlueprint(f"no blueprint has the uuid {blueprint}")
    same = BlueprintApproval.objects.filter(blueprint__key=row.key, blueprint__level=row.level)
    if same.filter(blueprint=row).exists():
        raise PaperRefusal(_("This version is approved already."), code="approved")
    if same.filter(blueprint__version__gt=row.version).exists():
        raise PaperRefusal(_("A newer version is approved already."), code="newer")
    try:
        with transaction.atomic():
            BlueprintApproval.objects.create(
                blueprint=row, by=by.user, organisation=by.organisation if by.user else None, at=now
            )
    except IntegrityError:
        raise PaperRefusal(_("This version is approved already."), code="approved") from None
    audit.record(
        subject_kind="blueprint",
        subject=row.uuid,
        action="blueprint_approved",
        actor=by.user,
        fields={"version": row.version, "level": row.level},
        now=now,
    )
    return blueprint_of(row.uuid)


# Drawing -----------------------------------------------------------------------------------------------------------------


def new_seed() -> int:
    """A seed nobody has chosen."""
    return secrets.randbelow(SEEDS)


def try_drawing(
    *, by: Acting, blueprint: UUID, seed: int, forms: int, avoid: Collection[UUID] = ()
) -> Drawn | tuple[Shortfall, ...]:
    """What a drawing would give now; nothing is written. Look-alikes of the bank never stand on one form.

    Raises NotAllowed, NoBlueprint, PaperRefusal ("unapproved").
    """
    require_writer(by)
    return _draw(_approved(blueprint), seed, forms, avoid)


def _approved(uuid: UUID) -> BlueprintData:
    data = blueprint_of(uuid)
    if not data.approved:
        raise PaperRefusal(_("The HR bureau has not approved this version yet."), code="unapproved")
    return data


def _draw(data: BlueprintData, seed: int, forms: int, avoid: Collection[UUID]) -> Drawn | tuple[Shortfall, ...]:
    """Draw, look whether two of a form are alike, forbid these and draw again: the bank's whole table of likenesses is not
    needed for the few hundred questions of a paper."""
    bank = drawable(data.level)
    shared = {one.question: one.stimulus for one in bank if one.stimulus is not None}
    pairs: set[tuple[UUID, UUID]] = set()
    for _round in range(_ROUNDS):
        drawn = draw(data.content, bank, seed=seed, forms=forms, avoid=avoid, pairs=sorted(pairs))
        if not isinstance(drawn, Drawn):
            return drawn
        fresh = _alike(drawn, shared) - pairs
        if not fresh:
            return drawn
        pairs |= fresh
    raise PaperRefusal(
        _("The bank holds too many questions that are nearly the same. Retire the copies; then draw again."),
        code="short",
    )


def _alike(drawn: Drawn, shared: Mapping[UUID, UUID]) -> set[tuple[UUID, UUID]]:
    """Pairs on one form that the bank calls alike, and whatever else in the bank is like either, lest a third copy takes the
    place of the second. Questions of one case may be alike: they ask about the same thing.

    shared: question → the case it belongs to.
    """
    documents = documents_of({item.version for form in drawn.forms for item in form.items})
    by_uid = {document.uid: document for document in documents.values()}
    found: set[tuple[UUID, UUID]] = set()
    for form in drawn.forms:
        named = [(str(item.question), documents[item.version]) for item in form.items]
        for (where, _document), alike in zip(named, lookalikes_within(named), strict=True):
            found |= {(UUID(where), UUID(one.where)) for one in alike}
    found = {(a, b) for a, b in found if a not in shared or shared[a] != shared.get(b)}
    family = [by_uid[uid] for uid in sorted({uid for pair in found for uid in pair})]
    for document, alike in zip(family, lookalikes_of_many(family, most=_FAMILY), strict=True):
        found |= {(document.uid, one.question) for one in alike if one.question is not None}
    return {(min(pair), max(pair)) for pair in found if pair[0] not in shared or shared[pair[0]] != shared.get(pair[1])}


@transaction.atomic
def draw_papers(
    *,
    by: Acting,
    blueprint: UUID,
    seed: int,
    forms: int = 1,
    avoid: Collection[UUID] = (),
    seen: Sequence[str] = (),
    now: datetime,
) -> tuple[PaperData, ...]:
    """Draw parallel forms from the approved bank and freeze them (S1-31).

    seen: content hashes of what she looked at before; another outcome is refused, for the bank has changed meanwhile.
    Raises NotAllowed, NoBlueprint, PaperRefusal ("unapproved", "short" with its shortfalls, "changed").
    """
    require_writer(by)
    data = _approved(blueprint)
    drawn = _draw(data, seed, forms, avoid)
    if not isinstance(drawn, Drawn):
        raise PaperRefusal(_("The bank cannot fill this blueprint now."), code="short", shortfalls=drawn)
    contents = contents_of(data, drawn)
    if seen and [hash_of(content) for content in contents.values()] != list(seen):
        raise PaperRefusal(
            _("The bank has changed meanwhile. Look at the new drawing, then freeze it."), code="changed"
        )
    group = new_uuid()
    row = Blueprint.objects.get(uuid=blueprint)
    for form, content in contents.items():
        made = PaperForm.objects.create(
            blueprint=row,
            group=group,
            form=form,
            seed=seed,
            content=content,
            content_hash=hash_of(content),
            by=by.user,
            at=now,
        )
        PaperStanding.objects.create(paper=made)
        audit.record(
            subject_kind="paper",
            subject=made.uuid,
            action="paper_drawn",
            actor=by.user,
            fields={
                "blueprint": blueprint,
                "version": data.version,
                "group": group,
                "form": form,
                "seed": seed,
                "questions": len(drawn.forms[0].items),
                "content_hash": made.content_hash,
            },
            now=now,
        )
    return parallel_forms(group)


def contents_of(data: BlueprintData, drawn: Drawn) -> Mapping[str, dict[str, Any]]:
    """Form → what would be frozen."""
    return {
        form.form: paper_content(data.content, form.sections, version=data.version, blueprint_hash=data.content_hash)
        for form in drawn.forms
    }


# What becomes of a paper -------------------------------------------------------------------------------------------------


@transaction.atomic
def approve_paper(*, by: Acting, paper: UUID, now: datetime) -> None:
    """Let sittings use it. Raises NotAllowed, NoPaper, PaperRefusal ("state", "drawable": a question was suspended since)."""
    require_approver(by)
    row = _locked(paper)
    placed = placed_versions([item.version for item in paper_data(row).items])
    gone = sum(not one.usable for one in placed.values())
    if gone:
        raise PaperRefusal(
            _("%(count)d of its questions may not be drawn any more. Withdraw the paper and draw another.")
            % {"count": gone},
            code="drawable",
        )
    _move(row, PaperState.APPROVED, by=by, reason="", now=now)


@transaction.atomic
def withdraw_paper(*, by: Acting, paper: UUID, reason: str, now: datetime) -> None:
    """No sitting uses it from now on, for good. Raises NotAllowed, NoPaper, PaperRefusal ("state", "reason")."""
    if by != INSTALLATION and not may_withdraw(by):
        raise NotAllowed(_("Only the committee or the HR bureau withdraws a paper."))
    row = _locked(paper)
    said = reason.strip()
    if not said:
        raise PaperRefusal(_("Say why the paper is withdrawn."), code="reason", field="reason")
    _move(row, PaperState.WITHDRAWN, by=by, reason=said[:300], now=now)


@transaction.atomic
def use_paper(*, paper: UUID, sitting: UUID, now: datetime) -> None:
    """A sitting uses the paper: its questions count as used, once a sitting however often this is called. The gate is the
    sitting's. Raises NoPaper, PaperRefusal ("state", "drawable")."""
    row = _locked(paper)
    if PaperUse.objects.filter(paper=row, sitting=sitting).exists():
        return
    if row.standing.state not in (PaperState.APPROVED, PaperState.USED):
        raise _not_now()
    try:
        with transaction.atomic():
            mark_used(questions=[item.question for item in paper_data(row).items], now=now)
    except BankRefusal as refusal:
        raise PaperRefusal(
            _("A question of this paper may not be drawn any more. Use a parallel form."), code="drawable"
        ) from refusal
    PaperUse.objects.create(paper=row, sitting=sitting, at=now)
    if row.standing.state == PaperState.APPROVED:
        _move(row, PaperState.USED, by=INSTALLATION, reason="", now=now, fields={"sitting": sitting})
    else:
        audit.record(
            subject_kind="paper",
            subject=row.uuid,
            action="paper_used",
            actor=None,
            fields={"sitting": sitting},
            now=now,
        )


def print_paper(*, by: Acting, paper: UUID, keys: bool, reason: str, now: datetime) -> Export:
    """The paper as PDF, through the bank's logged door: questions for the printer, or their keys as well for those who mark.

    The audit names paper, questions and reason before anything leaves. Raises NotAllowed, NoPaper, BankRefusal ("reason").
    """
    require_writer(by)
    data = paper_of(paper)
    if not reason.strip():
        raise PaperRefusal(_("Say what it is printed for."), code="reason", field="reason")
    with transaction.atomic():
        documents = documents_for_paper(
            by=by,
            paper=paper,
            versions=[item.version for item in data.items],
            with_keys=keys,
            reason=reason,
            now=now,
        )
        audit.record(
            subject_kind="paper",
            subject=paper,
            action="paper_printed_with_keys" if keys else "paper_printed",
            actor=by.user,
            fields={"reason": reason.strip()[:300]},
            now=now,
        )
    made = render(data, documents, files_of(documents), keys=keys)
    name = f"kaibo-paper-{data.form}-{data.content_hash[:12]}{'-key' if keys else ''}.pdf"
    return Export(name, "application/pdf", made)


def form_as_pdf(paper: UUID, *, large: bool = False) -> bytes:
    """The paper as a candidate writes on it, for a sitting that gives her a paper form; gate and record are the sitting's.
    large: in large type. Raises NoPaper."""
    data = paper_of(paper)
    held = documents_of([item.version for item in data.items])
    documents = [held[item.version] for item in data.items]
    return render(data, documents, files_of(documents), keys=False, large=large)


def _locked(paper: UUID) -> PaperForm:
    row = PaperForm.objects.select_related("blueprint").filter(uuid=paper).first()
    if row is None:
        raise NoPaper(f"no paper has the uuid {paper}")
    row.standing = PaperStanding.objects.select_for_update().get(paper=row)
    return row


def _not_now() -> PaperRefusal:
    return PaperRefusal(_("The paper has moved on meanwhile. Look at it again."), code="state")


def _move(
    row: PaperForm,
    after: PaperState,
    *,
    by: Acting,
    reason: str,
    now: datetime,
    fields: Mapping[str, Any] | None = None,
) -> None:
    before = row.standing.state
    try:
        row.standing.move(after)
    except IllegalMove:
        raise _not_now() from None
    PaperMove.objects.create(
        paper=row,
        before=before,
        after=after,
        reason=reason,
        by=by.user,
        organisation=by.organisation if by.user else None,
        at=now,
    )
    audit.record(
        subject_kind="paper",
        subject=row.uuid,
        action=f"paper_{after}",
        actor=by.user,
        fields={"before": before, "reason": reason, **(fields or {})},
        now=now,
    )
