"""A batch from the passes to the papers; who may take which step; what the papers stand on."""

import json
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import transaction

from assessment.candidates.models import Candidacy
from assessment.certification import issuing, services
from assessment.certification.events import CertificateIssued
from assessment.certification.logic import printed_data
from assessment.certification.models import (
    Batch,
    BatchRow,
    BatchStep,
    Certificate,
    NumberAllocation,
    NumberCounter,
    Replacement,
)
from assessment.certification.papers import discard_orphans, paper_bytes, store_paper
from assessment.certification.selectors import batch_page
from assessment.certification.types import (
    BatchState,
    CertificateState,
    CertificationRefused,
    ReissueReason,
    RevocationReason,
)
from assessment.results.models import GradeStanding
from assessment.results.types import GradeState
from lms.accounts.api import NotAllowed, Person, Role, grant_membership
from lms.accounts.types import INSTALLATION
from lms.core import audit, clock, events, holdings
from lms.core.states import IllegalMove
from lms.notices.models import Notice
from tests.assessment.certification.world import (
    CODES,
    World,
    candidacy_of,
    frozen,
    issued,
    numbered,
    publish_grade,
    reviewed,
    trainee,
)
from tests.lms.accounts.world import NOW


def _batch(world: World) -> Batch:
    first = Candidacy.objects.first()
    assert first is not None
    return services.create_batch(by=world.clerk, level=5, specification=first.specification, now=NOW)


def _all() -> list[Any]:
    return list(Candidacy.objects.order_by("id").values_list("uuid", flat=True))


@pytest.mark.req("S1-34")
@pytest.mark.req("S1-22")
def test_from_passes_to_papers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[CertificateIssued] = []
    monkeypatch.setitem(events._handlers, CertificateIssued, [heard.append])
    made = issued(world)
    assert [one.number for one in made] == [
        "S000035000012265000001",
        "S000035000012265000002",
        "S000035000012265000003",
    ]
    assert [one.candidacy for one in heard] == [one.candidacy for one in made]
    data = printed_data(made[0].printed)
    assert (data.name, data.job, data.level, data.planned_hours) == ("林晓燕", "直播销售员", 5, 100)
    assert (data.body_name, data.issued_on) == ("连江县鉴定站", date(2026, 3, 16))
    assert [(pin.kind, pin.key) for pin in data.pins] == [
        ("specification", "demonstration"),
        ("profile", "demonstration"),
        ("decision", ""),
        ("scheme", "skill_level_22"),
    ]
    # The document's metadata stand uncompressed in a PDF/A: the exact number, and the serial that nobody is shown.
    assert made[0].number.encode() in paper_bytes(made[0])
    assert str(made[0].uuid).encode() in paper_bytes(made[0])
    assert Batch.objects.get().state == BatchState.ISSUED


def test_a_lost_file_is_made_again_byte_for_byte(world: World) -> None:
    certificate = issued(world)[0]
    before = paper_bytes(certificate)
    storages["private"].delete(certificate.pdf_key)
    assert paper_bytes(Certificate.objects.get(pk=certificate.pk)) == before


@pytest.mark.req("S1-34")
def test_no_paper_before_the_numbers(world: World) -> None:
    batch = reviewed(world)
    with pytest.raises(IllegalMove):
        issuing.issue_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    assert not Certificate.objects.exists()


@pytest.mark.req("S1-33")
def test_only_the_bureau_of_the_place_gives_numbers(world: World) -> None:
    batch = reviewed(world)
    for who in ("clerk", "school_admin", "other_officer", "chief", "inspector"):
        with pytest.raises(NotAllowed):
            services.allocate_numbers(by=world.acting(who), batch=batch.uuid, now=NOW)
    assert not NumberAllocation.objects.exists()


@pytest.mark.req("S1-33")
def test_who_filed_may_not_number_in_another_role(world: World) -> None:
    batch = reviewed(world)
    clerk = world.users["clerk"]
    grant_membership(by=INSTALLATION, user=clerk, organisation=world.places.bureau, role=Role.HR_BUREAU, now=NOW)
    from lms.accounts.api import Membership, acting_for

    second = Membership.objects.get(user=clerk, role=Role.HR_BUREAU)
    with pytest.raises(CertificationRefused) as refused:
        services.allocate_numbers(by=acting_for(clerk, str(second.uuid)), batch=batch.uuid, now=NOW)
    assert refused.value.code == "self"


@pytest.mark.req("S1-33")
def test_a_failed_row_gets_no_number(world: World) -> None:
    failed = trainee(world, 7)
    publish_grade(candidacy_of(world, failed), grade="fail", composite="55.0")
    batch = _batch(world)
    with pytest.raises(CertificationRefused) as refused:
        services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=_all(), now=NOW)
    assert refused.value.code == "gone"


@pytest.mark.req("S1-33")
def test_a_result_changed_after_filing_stops_the_numbers(world: World) -> None:
    batch = reviewed(world)
    GradeStanding.objects.filter(pk=GradeStanding.objects.first().pk).update(state=GradeState.SUPERSEDED)  # type: ignore[union-attr]
    with pytest.raises(CertificationRefused) as refused:
        services.allocate_numbers(by=world.officer, batch=batch.uuid, now=NOW)
    assert refused.value.code == "changed"
    assert not NumberCounter.objects.filter(last__gt=0).exists()


def test_a_result_changed_after_the_numbers_gets_no_paper(world: World) -> None:
    batch = numbered(world)
    gone = GradeStanding.objects.select_related("candidacy").order_by("id")[0]
    GradeStanding.objects.filter(pk=gone.pk).update(state=GradeState.SUPERSEDED)
    made = issuing.issue_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    withheld = gone.candidacy.uuid
    assert withheld not in {one.candidacy for one in made}
    assert len(made) == batch.rows.filter(version=1).count() - 1
    page = batch_page(world.clerk, batch.uuid)
    assert {row.candidacy: row.certificate_tone for row in page.rows}[withheld] == "bad"
    assert NumberAllocation.objects.filter(row__candidacy=withheld).exists()


@pytest.mark.req("S1-32")
def test_the_same_frozen_batch_is_filed_once_and_refrozen_after_a_return(world: World) -> None:
    batch = frozen(world)
    with pytest.raises(IllegalMove):
        services.file_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    services.return_batch(by=world.officer, batch=batch.uuid, reason="陈芳的班次有误", now=NOW)
    services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=_all()[:2], now=NOW)
    services.file_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    hashes = BatchStep.objects.filter(batch=batch, state=BatchState.FROZEN).values_list("version", "snapshot_hash")
    assert [version for version, _hash in hashes] == [1, 2]
    assert len({digest for _version, digest in hashes}) == 2
    assert BatchRow.objects.filter(batch=batch).count() == 5
    assert Batch.objects.get().version == 2


def test_a_person_stands_in_one_live_batch(world: World) -> None:
    frozen(world, world.people[0])
    batch = _batch(world)
    with pytest.raises(CertificationRefused):
        services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=_all(), now=NOW)
    services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=_all()[1:], now=NOW)
    assert BatchRow.objects.filter(live=True).count() == 3


def test_one_open_batch_of_a_kind(world: World) -> None:
    assert _batch(world) == _batch(world)


def test_who_is_examined_elsewhere_is_not_offered(world: World) -> None:
    Candidacy.objects.update(organisation_path=world.places.other_school.path)
    with pytest.raises(CertificationRefused) as refused:
        _batch(world)
    assert refused.value.code == "nobody"


def test_another_body_of_the_same_place_may_not_touch_the_batch(world: World) -> None:
    from lms.accounts.api import OrganisationKind, create_organisation
    from tests.lms.accounts.world import make_user

    neighbour = create_organisation(
        by=INSTALLATION,
        parent=world.places.county,
        name="连江县第二鉴定站",
        kind=OrganisationKind.EVALUATION_BODY,
        now=NOW,
    )
    world.users["neighbour"] = make_user(neighbour, Role.INSTITUTION_ADMIN, name="邻")
    batch = numbered(world)
    with pytest.raises(NotAllowed):
        issuing.issue_batch(by=world.acting("neighbour"), batch=batch.uuid, now=NOW)


def test_numbers_rolled_back_leave_no_gap(world: World) -> None:
    first = reviewed(world, world.people[0])
    with transaction.atomic():
        services.allocate_numbers(by=world.officer, batch=first.uuid, now=NOW)
        transaction.set_rollback(True)
    second = reviewed(world, world.people[1])
    assert services.allocate_numbers(by=world.officer, batch=second.uuid, now=NOW) == ["S000035000012265000001"]
    assert services.allocate_numbers(by=world.officer, batch=first.uuid, now=NOW) == ["S000035000012265000002"]


def test_a_new_year_begins_a_new_sequence(world: World) -> None:
    services.allocate_numbers(by=world.officer, batch=reviewed(world, world.people[0]).uuid, now=NOW)
    later = NOW + timedelta(days=366)
    given = services.allocate_numbers(by=world.officer, batch=reviewed(world, world.people[1]).uuid, now=later)
    assert given == ["S000035000012275000001"]


def test_without_codes_no_numbers(world: World) -> None:
    world.places.other_body.move(world.places.county, "last-child")
    body = type(world.places.body).objects.get(pk=world.places.other_body.pk)
    batch = reviewed(world)
    Batch.objects.update(body=body)
    with pytest.raises(CertificationRefused) as refused:
        services.allocate_numbers(by=world.officer, batch=batch.uuid, now=NOW)
    assert refused.value.code == "codes"


def test_codes_come_from_the_bureau_and_fit_the_scheme(world: World) -> None:
    body = world.places.body.uuid
    with pytest.raises(NotAllowed):
        services.set_codes(by=world.clerk, body=body, scheme="skill_level_22", codes=CODES, now=NOW)
    for codes in (CODES | {"site": "12"}, CODES | {"province": "99"}):
        with pytest.raises(CertificationRefused):
            services.set_codes(by=world.officer, body=body, scheme="skill_level_22", codes=codes, now=NOW)


def test_what_is_frozen_is_printed_even_if_she_is_renamed_meanwhile(world: World) -> None:
    batch = numbered(world, world.people[0])
    Person.objects.filter(pk=world.people[0].pk).update(name="林小燕")
    (made,) = issuing.issue_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    assert printed_data(made.printed).name == "林晓燕"


def test_a_merged_record_is_frozen_as_the_one_kept(world: World) -> None:
    double, kept = world.people[0], trainee(world, 7)
    double.merged_into = kept
    double.save(update_fields=["merged_into"])
    (made,) = issued(world, double)
    data = printed_data(made.printed)
    assert (data.name, data.document_number) == (kept.name, kept.document_number)
    assert kept.document_number != double.document_number


def test_reissue_keeps_the_number_and_prints_the_correction(world: World) -> None:
    (old,) = issued(world, world.people[0])
    Person.objects.filter(pk=world.people[0].pk).update(name="林小燕")
    fresh = issuing.reissue_certificate(
        by=world.clerk, certificate=old.uuid, category=ReissueReason.CORRECTED, reason="更名", now=NOW
    )
    assert fresh is not None
    old.refresh_from_db()
    assert (fresh.number, fresh.edition, fresh.replaces) == (old.number, 2, old)
    assert (old.state, printed_data(old.printed).name) == (CertificateState.REISSUED, "林晓燕")
    assert printed_data(fresh.printed).name == "林小燕"
    assert fresh.code != old.code
    with pytest.raises(IllegalMove):
        issuing.reissue_certificate(
            by=world.clerk, certificate=old.uuid, category=ReissueReason.LOST, reason="又丢了", now=NOW
        )


def test_reissue_with_a_new_number_asks_the_bureau(world: World) -> None:
    services.set_codes(
        by=world.officer,
        body=world.places.body.uuid,
        scheme="skill_level_20",
        codes={"prefix": "R", "filing": "C", "body_type": "W", "region": "350100", "body": "007"},
        now=NOW,
    )
    (old,) = issued(world, world.people[0])
    assert old.number == "RCW35010000726500001"
    ask = partial(
        issuing.reissue_certificate,
        by=world.clerk,
        certificate=old.uuid,
        category=ReissueReason.LOST,
        reason="遗失",
        now=NOW,
    )
    assert ask() is None
    with pytest.raises(CertificationRefused):
        ask()
    with pytest.raises(NotAllowed):
        issuing.allocate_replacement_number(by=world.clerk, certificate=old.uuid, now=NOW)
    with pytest.raises(IllegalMove):
        issuing.issue_replacement(by=world.clerk, certificate=old.uuid, now=NOW)
    assert (
        issuing.allocate_replacement_number(by=world.officer, certificate=old.uuid, now=NOW) == "RCW35010000726500002"
    )
    fresh = issuing.issue_replacement(by=world.clerk, certificate=old.uuid, now=NOW)
    old.refresh_from_db()
    assert (fresh.number, fresh.edition, old.state) == ("RCW35010000726500002", 2, CertificateState.REISSUED)
    assert Replacement.objects.get().state == "issued"


def test_no_number_is_given_for_the_replacement_of_a_paper_revoked_meanwhile(world: World) -> None:
    services.set_codes(
        by=world.officer,
        body=world.places.body.uuid,
        scheme="skill_level_20",
        codes={"prefix": "R", "filing": "C", "body_type": "W", "region": "350100", "body": "007"},
        now=NOW,
    )
    (old,) = issued(world, world.people[0])
    reason: dict[str, Any] = {"certificate": old.uuid, "reason": "查实", "now": NOW}
    issuing.reissue_certificate(by=world.clerk, category=ReissueReason.LOST, **reason)
    issuing.revoke_certificate(by=world.officer, category=RevocationReason.FRAUD, **reason)
    with pytest.raises(IllegalMove):
        issuing.allocate_replacement_number(by=world.officer, certificate=old.uuid, now=NOW)
    assert [given.sequence for given in NumberAllocation.objects.all()] == [1]


def test_revocation_ends_a_paper_for_good(world: World) -> None:
    first, second = issued(world, *world.people[:2])
    for by, certificate in ((world.clerk, first), (world.officer, second)):
        issuing.revoke_certificate(
            by=by, certificate=certificate.uuid, category=RevocationReason.FRAUD, reason="替考", now=NOW
        )
        certificate.refresh_from_db()
        assert (certificate.state, certificate.ended_on) == (CertificateState.REVOKED, date(2026, 3, 16))
        with pytest.raises(IllegalMove):
            issuing.revoke_certificate(
                by=by, certificate=certificate.uuid, category=RevocationReason.OTHER, reason="再", now=NOW
            )
    for who in ("other_clerk", "other_officer", "school_admin", "inspector", "trainee0"):
        with pytest.raises(NotAllowed):
            issuing.revoke_certificate(
                by=world.acting(who), certificate=first.uuid, category=RevocationReason.OTHER, reason="x", now=NOW
            )


def test_issuing_twice_issues_once_and_leaves_no_file_behind(world: World) -> None:
    batch = numbered(world)
    issuing.issue_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    with pytest.raises(IllegalMove):
        issuing.issue_batch(by=world.clerk, batch=batch.uuid, now=NOW)
    assert Certificate.objects.count() == 3


def test_personal_fields_are_encrypted_and_the_trail_is_whole(world: World) -> None:
    from django.db import connection

    (made,) = issued(world, world.people[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT printed FROM assessment_certificate")
        stored = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT holder FROM assessment_batchrow")
        stored += [row[0] for row in cursor.fetchall()]
    assert all(text.startswith("kb1:") and "林晓燕" not in text for text in stored)
    for subject in (made.uuid, Batch.objects.get().uuid):
        assert audit.verify(subject).ok
        assert "林晓燕" not in json.dumps([event.fields for event in audit.events_of(subject)], ensure_ascii=False)


def test_what_is_held_about_her_is_hers_alone(world: World) -> None:
    issued(world)
    first, other = (
        json.dumps([dict(row) for one in holdings._holders["assessment.certification"](person.uuid, None) for row in one.rows],
                   ensure_ascii=False, default=str)
        for person in world.people[:2]
    )  # fmt: skip
    assert "林晓燕" in first
    assert world.people[0].document_number in first
    assert "陈芳" not in first
    assert "林晓燕" not in other
    assert holdings._holders["assessment.certification"](uuid4(), None)[0].rows == []


def test_a_name_the_font_cannot_draw_is_refused_before_anything_is_fixed(world: World) -> None:
    Person.objects.filter(pk=world.people[0].pk).update(name="王\ue000强")
    batch = _batch(world)
    with pytest.raises(CertificationRefused) as refused:
        services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=_all(), now=NOW)
    assert refused.value.code == "letters"


def test_papers_that_nobody_issued_are_tidied_away_and_issued_ones_stay(world: World) -> None:
    left = store_paper(b"%PDF-", serial=uuid4(), now=NOW)
    tomorrow = clock.real_now() + timedelta(days=1)
    assert discard_orphans(before=tomorrow) == 0  # no paper here is ours: another installation's folder
    (made,) = issued(world, world.people[0])
    assert discard_orphans(before=clock.real_now() - timedelta(days=1)) == 0
    assert discard_orphans(before=tomorrow) >= 1
    assert not storages["private"].exists(left)
    assert storages["private"].exists(made.pdf_key)


def test_she_is_told_when_a_paper_is_issued_reissued_or_revoked(world: World) -> None:
    (old,) = issued(world, world.people[0])
    fresh = issuing.reissue_certificate(
        by=world.clerk, certificate=old.uuid, category=ReissueReason.LOST, reason="遗失", now=NOW
    )
    assert fresh is not None
    issuing.revoke_certificate(
        by=world.officer, certificate=fresh.uuid, category=RevocationReason.OTHER, reason="x", now=NOW
    )
    told = Notice.objects.filter(person__uuid=world.people[0].uuid).order_by("id")
    assert [one.kind for one in told] == ["certificate_issued", "certificate_issued", "certificate_revoked"]
