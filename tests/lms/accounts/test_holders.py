"""Every table that names a person or a login has somebody who tells her what stands in it, or a reason why not."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import Person, User
from lms.core import holdings

OURS = frozenset({"lms", "courses", "assessment", "media_pipeline"})

# Columns by which a row is about somebody; `by`, `…_by` and `actor` say who acted, which the audit trail tells her.
ABOUT = frozenset(
    {"person", "user", "owner_user", "owner_person", "examiner_user", "examiner_person", "candidacy", "subject"}
)

# Table → the holder that tells it.
HOLDERS = {
    "accounts.Person": "accounts.people",
    "accounts.Membership": "accounts.memberships",
    "accounts.Tie": "accounts.ties",
    "accounts.Correction": "accounts.corrections",
    "accounts.Merge": "accounts.corrections",
    "accounts.Consent": "accounts.consent",
    "accounts.Registration": "accounts.registration",
    "accounts.Alias": "accounts.signin.alias",
    "accounts.Slip": "accounts.slips",
    "accounts.IdentityCheck": "accounts.slips",
    "core.AuditEvent": "core.audit",
    "notices.Notice": "notices",
    "media_pipeline.MediaAsset": "media_pipeline",
    "media_pipeline.Upload": "media_pipeline.uploads",
    "assessment.Candidacy": "assessment.candidates",
    "assessment.Examiner": "assessment.examiners",
    "assessment.RosterEntry": "assessment.delivery",
    "assessment.ScoreSheet": "assessment.marking",
    "assessment.Certificate": "assessment.certification",
    "assessment.BatchRow": "assessment.certification",
    "courses.Enrolment": "courses",
    "courses.ClassInstructor": "courses",
    "courses.LessonAnswer": "courses.learning",
    "mfa.Authenticator": "accounts.signin",
    "usersessions.UserSession": "accounts.signin",
}

# Told through the row they hang on, which names her; their holder looks them up from it.
THROUGH = {
    "assessment.Entitlement": "assessment.candidates",
    "assessment.PartHold": "assessment.candidates",
    "assessment.Submission": "assessment.candidates",
    "assessment.BookletOutcome": "assessment.marking",
    "assessment.Panel": "assessment.marking",
    "assessment.Waiver": "assessment.marking",
    "assessment.Absence": "assessment.theory",
    "assessment.PartMark": "assessment.results",
    "assessment.CountedAbsence": "assessment.results",
    "assessment.ExpiredPart": "assessment.results",
    "assessment.FreshStart": "assessment.results",
    "assessment.UsedUp": "assessment.results",
    "assessment.Application": "assessment.delivery",
    "assessment.ApplicationRuling": "assessment.delivery",
    "assessment.GradeDecision": "assessment.results",
    "assessment.GradeStanding": "assessment.results",
    "policies.StoredDecision": "courses",
    "courses.Bookmark": "courses.learning",
    "courses.CheckAttempt": "courses.learning",
    "courses.HomeworkItem": "courses.homework",
    "courses.HomeworkMark": "courses.homework",
    "courses.HomeworkPart": "courses.homework",
    "courses.HomeworkPicture": "courses.homework",
    "courses.HomeworkReturn": "courses.homework",
    "courses.LessonNote": "courses.learning",
    "courses.LessonProgress": "courses.learning",
    "courses.LessonQuestion": "courses.learning",
    "courses.PackageState": "courses.learning",
    "courses.ProgressEvent": "courses.learning",
    "courses.PlatformLog": "courses.studytime",
    "courses.StudyDay": "courses.studytime",
    "courses.StudyStream": "courses.studytime",
    "courses.StudyTotal": "courses.studytime",
    "courses.StudyBackground": "courses.learning",
}

# About nobody, or nothing anybody could tell.
NOBODY = {
    "accounts.User_groups": "the page permissions of the committee, told as a role",
    "accounts.User_user_permissions": "always empty: permissions come from roles",
    "assessment.Invigilation": "whom a sitting is watched by, told by the audit trail",
    "assessment.EvidenceGrant": "which works an examiner sees, told by code as her score sheets",
    "assessment.PaperVideo": "a video's mark kept for a paper; told as the part's mark once it is released",
    "assessment.AnalysisRun": "figures about questions and groups of five and more; who asked for it is in the audit trail",
    "core.AuditHead": "the end of a chain of the audit trail, no words",
    "core.AuditLeaf": "hashes of the audit trail",
    "core.Job": "work of the machine, gone when it is done",
    "courses.CurriculumPage": "who edits a page, told by the audit trail",
    "courses.LevelPage": "the same",
    "courses.CoursePage": "the same",
    "courses.LessonPage": "the same",
    "account.EmailAddress": "closed: mail is an alias, told as such",
}


def _about(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.get_fields():
        if not field.concrete:
            continue
        if (field.is_relation and field.related_model in (Person, User)) or (
            isinstance(field, models.UUIDField | models.ForeignKey) and field.name in ABOUT
        ):
            yield field.name


def tables() -> dict[str, list[str]]:
    """Tables of our streets, and of sign-in, with the columns that name somebody."""
    named = {}
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.split(".")[0] in OURS or model._meta.app_label in {"mfa", "usersessions", "account"}:
            columns = [name for name in _about(model) if not name.endswith("_by")]
            if columns:
                named[model._meta.label] = columns
    return named


def test_every_table_that_names_somebody_has_a_holder() -> None:
    named = set(tables())
    known = {*HOLDERS, *THROUGH, *NOBODY}
    assert named - known == set(), "tell its rows in a holder (lms.core.holdings), then name it here"
    assert {*HOLDERS, *NOBODY} - named == set()
    assert {*HOLDERS.values(), *THROUGH.values()} - set(holdings.holders()) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(HOLDERS))
def test_the_holder_looks_into_the_table(table: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        holdings._holders[HOLDERS[table]](uuid4(), uuid4())
    name = apps.get_model(table)._meta.db_table
    assert any(f'FROM "{name}"' in query["sql"] or f'JOIN "{name}"' in query["sql"] for query in asked.captured_queries)
