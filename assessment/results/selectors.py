"""Gates and reads of results: hers after release, the desk's lists, and what other rooms are given."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from assessment.candidates.models import Candidacy, Submission
from assessment.candidates.types import CandidacyState
from assessment.marking.selectors import evidence_page
from assessment.marking.types import EvidencePage
from assessment.results.counting import attempts_left
from assessment.results.explaining import explained
from assessment.results.labels import grade_label, grade_tone, level_label, part_label, score, state_label, verdict
from assessment.results.logic import number_of
from assessment.results.models import GradeDecision, GradeStanding
from assessment.results.types import (
    Act,
    GradeData,
    GradeState,
    JudgementPage,
    MyResultRow,
    PartGrade,
    ResitState,
    ResultPage,
    ResultRow,
    ResultsPage,
    Shelf,
    WatchView,
)
from assessment.specification.selectors import specification
from assessment.specification.types import Paper, Part, SpecificationData
from lms.accounts.api import Acting, Cell, Role, can, masked_names, may, records_of
from lms.policies.types import Grade
from media_pipeline.api import ROWS_A_PAGE, asset_titles, pages

# The lists of the desk, in the order things happen.
_SHELVES: dict[str, Q] = {
    "confirm": Q(state=GradeState.COMPUTED) & ~Q(decision__grade=""),
    "release": Q(state=GradeState.CHIEF_CONFIRMED),
    "released": Q(state=GradeState.PUBLISHED),
    "pending": Q(state=GradeState.COMPUTED, decision__grade=""),
}


# Hers


def _own(acting: Acting) -> QuerySet[GradeStanding]:
    """Her results that were ever published, whatever record or login of hers they were made under."""
    if acting.user is None:
        return GradeStanding.objects.none()
    mine = Q(candidacy__user=acting.user)
    if acting.person:
        mine |= Q(candidacy__person__in=records_of([acting.person])[acting.person])
    return GradeStanding.objects.filter(mine, released_at__isnull=False).select_related("decision", "candidacy")


def _cell(acting: Acting) -> Cell:
    cell = can(acting, "result", "read")
    if cell is None:
        raise PermissionDenied
    return cell


def is_trainee(acting: Acting) -> bool:
    """Whether this role reads her own results, not a desk's. Raises PermissionDenied for a role without results."""
    return _cell(acting).own


def require_judge(acting: Acting) -> None:
    """Gate of confirming and releasing. Raises PermissionDenied."""
    if can(acting, "grade_publish", "approve") is None:
        raise PermissionDenied


def my_results(acting: Acting) -> list[MyResultRow]:
    """What was published about her and still stands, newest first. Raises PermissionDenied."""
    if not is_trainee(acting):
        raise PermissionDenied
    rows = _own(acting).filter(state=GradeState.PUBLISHED).order_by("-released_at", "-id")
    return [
        MyResultRow(
            class_name=row.candidacy.class_name,
            level_label=level_label(row.candidacy.level),
            grade_label=grade_label(Grade(row.decision.grade)),
            tone=grade_tone(row.decision.grade),
            released_at=row.released_at,
            url=reverse("assessment:result", args=[row.decision.uuid]),
        )
        for row in rows
        if row.released_at
    ]


def result_page(acting: Acting, decision: UUID, *, start_s: float = 0.0) -> ResultPage:
    """Her own published result. Raises PermissionDenied by role; Http404 when it is unknown, not hers or not published."""
    if not is_trainee(acting):
        raise PermissionDenied
    standing = _own(acting).filter(decision__uuid=decision).first()
    if standing is None or standing.released_at is None:
        raise Http404
    row, candidacy = standing.decision, standing.candidacy
    evidence = _evidence(acting, standing, start_s)
    newer = _own(acting).filter(candidacy=candidacy, state=GradeState.PUBLISHED).exclude(pk=standing.pk).first()
    return ResultPage(
        uuid=row.uuid,
        number=number_of(row.uuid),
        class_name=candidacy.class_name,
        level_label=level_label(candidacy.level),
        explained=explained(row, evidence),
        next=_next(row, standing, newer is not None),
        watch=next((_watch(page) for page in evidence.values()), None),
        released_at=standing.released_at,
        newer_url=reverse("assessment:result", args=[newer.decision.uuid]) if newer else "",
        list_url=reverse("assessment:results"),
    )


def _next(row: GradeDecision, standing: GradeStanding, replaced: bool) -> list[str]:
    """What comes now: only what this installation does, and whom to ask."""
    candidacy = standing.candidacy
    rules = specification(row.specification)
    papers = rules.papers
    said = []
    if row.passed:
        if Paper.SKILL_LEVEL_CERTIFICATE in papers:
            said.append(
                gettext("The evaluation body files the result; the HR bureau allocates the number of your certificate.")
            )
        said.append(gettext("Below you can read how each mark came about."))
    else:
        said += [] if replaced else _resit_words(row, candidacy, rules)
        said.append(gettext("Below you can read each reason and listen to the place in your video."))
    said.append(
        gettext("Questions about the result, or how to go on? Ask %(institution)s.")
        % {"institution": candidacy.organisation_name}
    )
    return said


def _resit_words(row: GradeDecision, candidacy: Candidacy, rules: SpecificationData) -> list[str]:
    """Whether she may sit again, what, and how often still: as the one counter has it now."""
    whole = attempts_left(candidacy.person, rules.uuid)
    if whole.state is ResitState.RETAKE_REQUIRED:
        return [
            gettext("Your resits are used up. The policy asks you to take the training again."),
            gettext("Join a new class of this level. Once its training is complete you may be examined again."),
        ]
    if whole.state is ResitState.USED_UP:
        return [gettext("Your resits are used up.")]
    if candidacy.state != CandidacyState.OPEN:
        return []
    said = [_again(part) for part in row.part_grades if not part.passed]
    said += [
        gettext("%(part)s is passed and need not be sat again.") % {"part": part_label(part.part)}
        for part in row.part_grades
        if part.passed
    ]
    if whole.allowed is None:
        return [*said, gettext("The policy sets no limit to resits; each is recorded.")]
    number = {"used": whole.used, "allowed": whole.allowed}
    return [*said, gettext("Resits sat so far: %(used)d of %(allowed)d.") % number]


def _again(part: PartGrade) -> str:
    if part.part is Part.VIDEO:
        return gettext("You may sit the selling video again: hand in another one.")
    if part.part is Part.THEORY:
        return gettext(
            "You may sit the theory exam again: your institution arranges a sitting, which you will find here."
        )
    return gettext("You may do this part again: %(part)s.") % {"part": part_label(part.part)}


def _evidence(acting: Acting, standing: GradeStanding, start_s: float = 0.0) -> dict[str, EvidencePage]:
    """Blind code → the evidence of each work the decision counts, where this person may see it."""
    if not may(acting, "evidence", "read", place=standing.candidacy.organisation_path, own=is_trainee(acting)):
        return {}
    found = {}
    for code in _codes([standing])[standing.pk]:
        # A result is read also where its work is out of reach: handed in elsewhere, or not opened to this login.
        with suppress(Http404):
            found[code] = evidence_page(acting, code, start_s=start_s)
    return found


def _watch(page: EvidencePage) -> WatchView:
    return WatchView(
        video_url=page.video_url,
        captions_url=page.captions_url,
        poster_url=page.poster_url,
        duration_s=page.duration_s,
        start_s=page.start_s,
    )


def _codes(standings: Iterable[GradeStanding]) -> dict[int, list[str]]:
    """Standing → the blind codes of the works it counts, in two queries for all."""
    wanted = {
        standing.pk: [part.submission for part in standing.decision.part_grades if part.submission]
        for standing in standings
    }
    works = Submission.objects.filter(uuid__in=[uuid for uuids in wanted.values() for uuid in uuids])
    assets = dict(works.values_list("uuid", "asset"))
    codes = asset_titles(assets.values())
    return {
        pk: [codes[assets[uuid]] for uuid in uuids if uuid in assets and assets[uuid] in codes]
        for pk, uuids in wanted.items()
    }


# The desk's


def _desk(acting: Acting) -> tuple[Cell, QuerySet[GradeStanding]]:
    """Every standing this desk may see: within its place; an institution only what was published."""
    cell = _cell(acting)
    if cell.own:
        raise PermissionDenied
    rows = GradeStanding.objects.filter(candidacy__organisation_path__startswith=acting.organisation_path)
    if cell.condition == "after release":
        rows = rows.filter(released_at__isnull=False)
    return cell, rows.select_related("decision", "candidacy")


def _is_blind(acting: Acting) -> bool:
    """A chief knows works by their codes."""
    return acting.role is Role.CHIEF_EXAMINER


def _shelf_act(acting: Acting, shelf: str) -> Act | None:
    """What this role does with a whole list of the desk."""
    if can(acting, "grade_publish", "approve") is None:
        return None
    if shelf == "confirm":
        return Act.CONFIRM if acting.role is Role.CHIEF_EXAMINER else None
    return Act.RELEASE if shelf == "release" else None


def _act(acting: Acting, standing: GradeStanding) -> Act | None:
    """The same for one decision."""
    if not may(acting, "grade_publish", "approve", place=standing.candidacy.organisation_path):
        return None
    if standing.state == GradeState.COMPUTED and standing.decision.grade:
        return _shelf_act(acting, "confirm")
    return Act.RELEASE if standing.state == GradeState.CHIEF_CONFIRMED else None


def waiting_results(acting: Acting) -> int:
    """How many decisions wait for this role: a chief confirms and releases, the HR bureau releases; 0 for others."""
    counts = _counts(acting) if can(acting, "grade_publish", "approve") else {}
    return sum(counts.get(shelf, 0) for shelf in ("confirm", "release") if _shelf_act(acting, shelf))


def _counts(acting: Acting) -> dict[str, int]:
    _, rows = _desk(acting)
    return rows.aggregate(**{name: Count("pk", filter=which) for name, which in _SHELVES.items()})


def results_page(acting: Acting, *, shelf: str = "", page: int = 1) -> ResultsPage:
    """One list of the desk, by default the first with something to do. Raises PermissionDenied."""
    cell, rows = _desk(acting)
    shown = ["released"] if cell.condition else list(_SHELVES)
    counts = _counts(acting)
    if shelf not in shown:
        to_do = [name for name in shown if _shelf_act(acting, name) and counts[name]]
        shelf = (to_do or ["released"])[0]
    found = pages(counts[shelf], page)
    order = "-moved_at" if shelf == "released" else "moved_at"
    standings = rows.filter(_SHELVES[shelf]).order_by(order, "id")[found.start : found.start + ROWS_A_PAGE]
    labels = {
        "confirm": pgettext("grade decisions", "To confirm"),
        "release": pgettext("grade decisions", "To release"),
        "released": pgettext("grade decisions", "Released"),
        "pending": pgettext("grade decisions", "Missing a part"),
    }
    url = reverse("assessment:results")
    return ResultsPage(
        rows=_rows(acting, list(standings)),
        pages=found,
        shelves=[Shelf(name, labels[name], counts[name], f"{url}?show={name}", name == shelf) for name in shown],
        shelf=shelf,
        blind=_is_blind(acting),
        act=_shelf_act(acting, shelf),
    )


def _rows(acting: Acting, standings: Sequence[GradeStanding]) -> list[ResultRow]:
    """Two queries for the names or codes of all of them."""
    subjects = _subjects(acting, standings)
    blind = _is_blind(acting)
    rows = []
    for standing in standings:
        decision, candidacy = standing.decision, standing.candidacy
        words, tone = state_label(GradeState(standing.state), pending=not decision.grade)
        rows.append(
            ResultRow(
                uuid=decision.uuid,
                subject=subjects[standing.pk],
                class_name="" if blind else candidacy.class_name,
                level_label=level_label(candidacy.level),
                marks=pgettext("list", ", ").join(
                    f"{part_label(part.part)} {score(part.mark) if part.mark is not None else verdict(part)}"
                    for part in decision.part_grades
                ),
                composite=decision.composite,
                grade_label=grade_label(Grade(decision.grade)) if decision.grade else "",
                tone=grade_tone(decision.grade),
                state_label=words,
                state_tone=tone,
                version=decision.version,
                moved_at=standing.moved_at,
                act=_act(acting, standing),
                url=reverse("assessment:result", args=[decision.uuid]),
            )
        )
    return rows


def _subjects(acting: Acting, standings: Iterable[GradeStanding]) -> dict[int, str]:
    """Standing → the codes of its works for a chief, else the masked name."""
    held = list(standings)
    if not _is_blind(acting):
        names = masked_names({standing.candidacy.person for standing in held})
        return {standing.pk: names.get(standing.candidacy.person, "—") for standing in held}
    return {pk: pgettext("list", ", ").join(codes) or "—" for pk, codes in _codes(held).items()}


def judgement_page(acting: Acting, decision: UUID) -> JudgementPage:
    """One decision on the desk. Raises PermissionDenied by role, Http404 when it is unknown or elsewhere."""
    _, rows = _desk(acting)
    standing = rows.filter(decision__uuid=decision).first()
    if standing is None:
        raise Http404
    row, candidacy = standing.decision, standing.candidacy
    blind = _is_blind(acting)
    versions = _rows(acting, list(rows.filter(candidacy=candidacy).order_by("-decision__version")))
    words, tone = state_label(GradeState(standing.state), pending=not row.grade)
    act = _act(acting, standing)
    return JudgementPage(
        uuid=row.uuid,
        number=number_of(row.uuid),
        subject=_subjects(acting, [standing])[standing.pk],
        blind=blind,
        class_name="" if blind else candidacy.class_name,
        organisation_name="" if blind else candidacy.organisation_name,
        level_label=level_label(candidacy.level),
        state_label=words,
        state_tone=tone,
        act=act,
        waits=_waits(standing, act),
        explained=explained(row, _evidence(acting, standing)),
        versions=versions,
        confirmed_at=standing.confirmed_at,
        released_at=standing.released_at,
        confirm_url=reverse("assessment:result_confirm", args=[row.uuid]),
        release_url=reverse("assessment:result_release", args=[row.uuid]),
        list_url=reverse("assessment:results"),
    )


def _waits(standing: GradeStanding, act: Act | None) -> str:
    """What the next step is, and whose."""
    if standing.state == GradeState.COMPUTED and not standing.decision.grade:
        return gettext("The grade is computed once every part has its mark.")
    if standing.state == GradeState.COMPUTED:
        return "" if act else gettext("The chief examiner confirms it before it can be released.")
    if standing.state == GradeState.SUPERSEDED:
        return gettext("A newer decision stands in its place.")
    return ""


# Other rooms'


def grades_of(candidacy: UUID) -> list[GradeData]:
    """Every decision of one candidacy, newest first; who may know them is the caller's gate."""
    rows = GradeStanding.objects.filter(candidacy__uuid=candidacy).select_related("decision", "candidacy")
    return [
        GradeData(
            decision=row.decision.uuid,
            candidacy=row.candidacy.uuid,
            version=row.decision.version,
            state=GradeState(row.state),
            parts=tuple(row.decision.part_grades),
            composite=row.decision.composite,
            grade=Grade(row.decision.grade) if row.decision.grade else None,
            policy_decision=row.decision.policy_decision,
            content_hash=row.decision.content_hash,
            released_at=row.released_at,
        )
        for row in rows.order_by("-decision__version")
    ]
