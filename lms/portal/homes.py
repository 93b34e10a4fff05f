"""What the trainee's home says first (design: one page, one answer). The server decides the one next step."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from assessment.api import (
    Near,
    NearestExam,
    count_my_certificates,
    my_certificates,
    my_results,
    nearest_exam,
    open_candidacies,
)
from courses.api import EnrolmentState, MyEnrolment, NextLesson, enrolment_home, next_lesson
from lms.accounts.api import Acting, can, missing_consents
from lms.core import clock
from lms.core.templatetags.kaibo import filesize_zh
from media_pipeline.api import AssetState, WorkRow, works_page


@dataclass(frozen=True)
class NowCard:
    """The one thing to do now. `action_url` is empty when there is only to wait."""

    title: str
    lead: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    action_label: str = ""
    action_url: str = ""
    more_label: str = ""
    more_url: str = ""
    live: bool = False
    action_icon: str = ""


@dataclass(frozen=True)
class Step:
    """One line of 我的进度. state: done | now | todo | refused."""

    title: str
    detail: str
    state: str
    tag: str
    tone: str


@dataclass(frozen=True)
class Link:
    """One of her other pages."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True)
class TraineeHome:
    """The trainee's first screen."""

    now: NowCard
    steps: list[Step]
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class _Facts:
    """Where she stands: her newest enrolment, next lesson, nearest exam and work, her newest result, whether there is a class
    to join or a paper."""

    enrolment: MyEnrolment | None
    lesson: NextLesson | None
    exam: NearestExam | None
    work: WorkRow | None
    result_url: str
    passed: bool
    certificate_url: str
    may_join: bool
    level: int | None
    consents_missing: bool


def trainee_home(acting: Acting) -> TraineeHome:
    """The next step, all steps, and her other pages."""
    facts = _facts(acting)
    return TraineeHome(_now(facts), _steps(facts), _links(facts))


def _facts(acting: Acting) -> _Facts:
    works = works_page(acting).rows
    enrolment, may_join = None, False
    if can(acting, "enrolment", "create") and acting.person:
        own = enrolment_home(acting)
        may_join = bool(own.open_classes)
        standing = [row for row in own.mine if row.state not in {EnrolmentState.REJECTED, EnrolmentState.WITHDRAWN}]
        enrolment = next(iter([*standing, *own.mine]), None)
    over = enrolment is None or enrolment.state in _OVER
    results = my_results(acting) if acting.person and over else []
    papers = my_certificates(acting) if over and count_my_certificates(acting) else []
    candidacies = open_candidacies(acting.person) if acting.person else []
    return _Facts(
        enrolment=enrolment,
        lesson=next_lesson(acting) if enrolment and enrolment.state is EnrolmentState.IN_TRAINING else None,
        exam=nearest_exam(acting, now=clock.now())
        if acting.person and can(acting, "exam_attempt", "execute")
        else None,
        work=works[0] if works else None,
        result_url=results[0].url if results else "",
        passed=bool(results) and results[0].tone != "bad",
        certificate_url=papers[0].url if papers else "",
        may_join=may_join,
        level=candidacies[0].level if candidacies else None,
        consents_missing=bool(candidacies and acting.person and missing_consents(acting.person)),
    )


def _hints() -> tuple[tuple[str, str], ...]:
    return (
        ("clock", gettext("At least %(seconds)d seconds; a phone is good enough") % {"seconds": 60}),
        ("speaker-wave", gettext("Speak Mandarin, loud and clear")),
        (
            "cloud-arrow-up",
            gettext("Up to %(size)s; stay on the page until it is uploaded")
            % {"size": filesize_zh(settings.UPLOAD_MAX_BYTES)},
        ),
    )


def _now(facts: _Facts) -> NowCard:
    """In the design's order: exam running > deadline within three days > result to read > next lesson."""
    exam = _exam(facts.exam)
    if exam:
        return exam
    if facts.certificate_url:
        return NowCard(
            gettext("Your certificate is here"),
            gettext("Anyone can verify it by its QR code."),
            action_label=gettext("See my certificate"),
            action_url=facts.certificate_url,
            more_label=gettext("See my result"),
            more_url=facts.result_url,
        )
    if facts.result_url:
        if facts.passed:
            lead = gettext("The evaluation body now applies for the number of your certificate.")
        elif facts.enrolment and facts.enrolment.state is EnrolmentState.RESIT:
            lead = gettext("Not everything is passed. Your result says what you may sit again, and how.")
        else:
            lead = gettext("You can read each reason and listen to the place in your video.")
        resit = not facts.passed and facts.enrolment is not None and facts.enrolment.state is EnrolmentState.RESIT
        return NowCard(
            gettext("You passed!") if facts.passed else gettext("Your result is here"),
            lead,
            action_label=gettext("See my result"),
            action_url=facts.result_url,
            more_label=gettext("See my enrolment") if resit and facts.enrolment else "",
            more_url=facts.enrolment.url if resit and facts.enrolment else "",
        )
    if _to_enrol(facts):
        return NowCard(
            gettext("Choose a class"),
            gettext("See the classes of your institution that take enrolments now."),
            action_label=gettext("See the classes"),
            action_url=reverse("courses:enrolments"),
        )
    waits = _enrolment_waits(facts.enrolment) if facts.work is None else None
    return waits or _study(facts) or _video(facts)


_SOON = timedelta(days=3)


def _exam(exam: NearestExam | None) -> NowCard | None:
    """She is in, or may come in, or it is at most three days away."""
    if exam is None:
        return None
    hints = (("clock", _at(exam)), *((("flag", exam.hall),) if exam.hall else ()))
    if exam.near is Near.LIVE:
        lead = gettext("Your exam is under way. Your answers are kept; go back to it.")
        return NowCard(exam.title, lead, (), gettext("Go back to the exam"), exam.url)
    if exam.near is Near.OPEN:
        lead = gettext("The waiting room is open. Your clock starts when your paper opens.")
        return NowCard(exam.title, lead, hints, gettext("Go to the exam"), exam.url)
    if exam.near is Near.AHEAD and exam.opens_at - clock.now() <= _SOON:
        lead = gettext("Your theory exam is soon. The waiting room opens 30 minutes before.")
        return NowCard(exam.title, lead, hints, gettext("See the sitting"), exam.url)
    return None


def _to_enrol(facts: _Facts) -> bool:
    """Nothing stands behind her yet, and there is a class to join."""
    return facts.enrolment is None and facts.may_join and facts.work is None


def _study(facts: _Facts) -> NowCard | None:
    """The next lesson, until there is a video that asks for something; uploading early stays one press away."""
    lesson, state = facts.lesson, facts.work.state if facts.work else None
    if lesson is None or state not in {None, AssetState.READY}:
        return None
    hints = [("clock", gettext("About %(minutes)d minutes on the phone") % {"minutes": lesson.minutes})]
    if lesson.due:
        hints.append(("flag", _due(lesson.due)))
    return NowCard(
        lesson.title,
        gettext("Your next lesson; %(left)d of them are left in %(name)s.")
        % {"left": lesson.left, "name": lesson.class_name},
        tuple(hints),
        gettext("Go on where you stopped") if lesson.percent else gettext("Begin the lesson"),
        lesson.url,
        *_beside_study(facts),
        action_icon="book-open",
    )


def _beside_study(facts: _Facts) -> tuple[str, str]:
    """Label and address of the second link of the lesson's card."""
    if facts.work:
        return gettext("See my works"), reverse("media:works")
    if facts.consents_missing:
        return gettext("Read and agree before you upload"), reverse("accounts:consents")
    return gettext("Go to upload"), _upload(facts)


def _due(day: date) -> str:
    left = (day - clock.today()).days
    if left < 0:
        return gettext("It was due on %(day)s") % {"day": date_format(day, "Y-m-d")}
    return gettext("Due on %(day)s 24:00") % {"day": date_format(day, "Y-m-d")}


def _upload(facts: _Facts) -> str:
    return reverse("media:upload") + (f"?level={facts.level}" if facts.level else "")


def _enrolment_waits(row: MyEnrolment | None) -> NowCard | None:
    """Before training begins there is only to wait, or to read why not."""
    if row is None or row.state not in _BEFORE:
        return None
    return NowCard(
        row.class_name,
        _words_before()[row.state],
        more_label=gettext("See my enrolment"),
        more_url=row.url,
        live=False,
    )


# Until then an older result is not what counts now.
_OVER = frozenset(
    {
        EnrolmentState.ASSESSED,
        EnrolmentState.PASSED,
        EnrolmentState.FAILED,
        EnrolmentState.RESIT,
        EnrolmentState.RETAKE_REQUIRED,
        EnrolmentState.CERTIFIED,
    }
)
_BEFORE = frozenset({EnrolmentState.SUBMITTED, EnrolmentState.APPROVED, EnrolmentState.REJECTED})


def _words_before() -> dict[EnrolmentState, str]:
    return {
        EnrolmentState.SUBMITTED: gettext("Your enrolment is being looked at by the institution."),
        EnrolmentState.APPROVED: gettext("You are admitted. The class has not begun yet."),
        EnrolmentState.REJECTED: gettext("You were not admitted. You can read why."),
    }


def _video(facts: _Facts) -> NowCard:
    """Her newest work decides."""
    latest = facts.work
    upload = _upload(facts)
    if latest is None and facts.consents_missing:
        return NowCard(
            gettext("Read and agree before you upload"),
            gettext("What happens to your data and your video; each is asked for on its own."),
            action_label=gettext("Read and agree"),
            action_url=reverse("accounts:consents"),
            more_label=gettext("Go to upload"),
            more_url=upload,
        )
    if latest is None:
        return NowCard(
            gettext("Upload your selling video"),
            gettext("Show one product, say what is true about it, and hand it in."),
            _hints(),
            gettext("Go to upload"),
            upload,
            action_icon="video-camera",
        )
    if latest.state is AssetState.REJECTED:
        return NowCard(
            gettext("Upload a new video"),
            gettext("“%(title)s” did not pass the checks.") % {"title": latest.title},
            _hints(),
            gettext("See why"),
            latest.url,
        )
    if latest.state is AssetState.FAILED:
        return NowCard(
            gettext("Your video could not be processed"),
            gettext("It is not your fault and nothing is lost. It is on the administrator's list."),
            action_label=gettext("See details"),
            action_url=latest.url,
        )
    if latest.state is AssetState.READY:
        return NowCard(
            gettext("Nothing to do right now"),
            gettext("“%(title)s” passed the machine's checks and waits for the examiners.") % {"title": latest.title},
            more_label=gettext("See my works"),
            more_url=reverse("media:works"),
        )
    return NowCard(
        gettext("Your video is being checked"),
        gettext("You may leave; the result will be here."),
        action_label=gettext("See progress"),
        action_url=latest.url,
        live=True,
    )


def _steps(facts: _Facts) -> list[Step]:
    return [*_enrolment_steps(facts), *_exam_steps(facts.exam), *_video_steps(facts), *_paper_steps(facts)]


def _exam_steps(exam: NearestExam | None) -> list[Step]:
    """One line once she is on a roster."""
    if exam is None:
        return []
    state, tag, tone = {
        Near.LIVE: ("now", pgettext("an exam", "Under way"), "now"),
        Near.OPEN: ("now", pgettext("an exam", "You may come in"), "now"),
        Near.AHEAD: ("now", pgettext("an exam", "To be sat"), "info"),
        Near.SAT: ("done", pgettext("an exam", "Sat, being marked"), "info"),
        Near.TOLD: ("done", pgettext("an exam", "Marks released"), "ok"),
    }[exam.near]
    return [Step(gettext("Theory exam"), _at(exam), state, tag, tone)]


def _at(exam: NearestExam) -> str:
    return date_format(exam.opens_at.astimezone(clock.SHANGHAI), "Y-m-d H:i")


def _enrolment_steps(facts: _Facts) -> list[Step]:
    row = facts.enrolment
    if row is None:
        choose = Step(gettext("Enrolment"), gettext("Choose a class"), "now", gettext("To enrol"), "now")
        return [choose] if _to_enrol(facts) else []
    state = "now" if row.state in {EnrolmentState.SUBMITTED, EnrolmentState.APPROVED} else "done"
    if row.state is EnrolmentState.REJECTED:
        state = "refused"
    steps = [Step(gettext("Enrolment"), row.class_name, state, row.state_label, row.tone)]
    if facts.lesson:
        done = {"done": facts.lesson.completed, "all": facts.lesson.completed + facts.lesson.left}
        studied = gettext("%(done)d of %(all)d lessons done") % done
        steps.append(Step(gettext("Lessons"), studied, "now", gettext("To study"), "now"))
    return steps


def _video_steps(facts: _Facts) -> list[Step]:
    state = facts.work.state if facts.work else None
    todo = gettext("Not started")
    work = gettext("Selling video"), gettext("Explain what you sell, clearly and lawfully")
    check = gettext("Machine checks"), gettext("Picture, sound and speech; people decide")
    score = gettext("Examiners' scoring"), gettext("Each examiner scores on her own")
    if state is None:
        waits = _to_enrol(facts) or (facts.enrolment is not None and facts.enrolment.state in _BEFORE)
        first = Step(*work, "todo", todo, "mute") if waits else Step(*work, "now", gettext("To upload"), "now")
        return [first, Step(*check, "todo", todo, "mute"), Step(*score, "todo", todo, "mute")]
    handed_in = Step(*work, "done", gettext("Handed in"), "ok")
    if state is AssetState.READY and facts.result_url:
        done = gettext("Done")
        return [handed_in, Step(*check, "done", done, "ok"), Step(*score, "done", done, "ok")]
    if state is AssetState.READY:
        return [handed_in, Step(*check, "done", gettext("Done"), "ok"), Step(*score, "now", gettext("Waiting"), "info")]
    if state is AssetState.REJECTED:
        refused = Step(*check, "refused", gettext("Not passed"), "bad")
        return [Step(*work, "now", gettext("Upload again"), "now"), refused, Step(*score, "todo", todo, "mute")]
    if state is AssetState.FAILED:
        stuck = Step(*check, "refused", gettext("Processing failed"), "warn")
        return [handed_in, stuck, Step(*score, "todo", todo, "mute")]
    return [handed_in, Step(*check, "now", gettext("Checking"), "now"), Step(*score, "todo", todo, "mute")]


def _paper_steps(facts: _Facts) -> list[Step]:
    todo = gettext("Not started")
    result = gettext("Result"), gettext("With its sum and its reasons")
    paper = gettext("Certificate"), gettext("Its number comes from the HR bureau")
    if not facts.result_url:
        return [Step(*result, "todo", todo, "mute"), Step(*paper, "todo", todo, "mute")]
    if not facts.passed:
        return [Step(*result, "refused", gettext("Not passed"), "bad")]
    passed = Step(*result, "done", pgettext("a result", "Passed"), "ok")
    if facts.certificate_url:
        return [passed, Step(*paper, "done", gettext("Issued"), "ok")]
    return [passed, Step(*paper, "now", gettext("Waiting"), "info")]


def _links(facts: _Facts) -> list[Link]:
    links = [Link(gettext("My enrolments"), reverse("courses:enrolments"), "clipboard-document-check")]
    if facts.exam:
        links.append(Link(gettext("My exams"), reverse("assessment:delivery:sittings"), "pencil-square"))
    if facts.result_url:
        links.append(Link(gettext("See my result"), facts.result_url, "chart-bar"))
    if facts.certificate_url:
        links.append(Link(gettext("See my certificate"), facts.certificate_url, "academic-cap"))
    links.append(Link(gettext("My counted study time"), reverse("courses:study_time"), "clock"))
    links.append(Link(gettext("All that is held about me"), reverse("accounts:held"), "document-text"))
    return links
