"""The pages: who sees what, the path by clicks, and what the public is told."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.candidates.models import Candidacy
from assessment.certification import issuing, services
from assessment.certification.logic import printed_data
from assessment.certification.models import Batch, Certificate
from assessment.certification.selectors import count_my_certificates, waiting_batches
from assessment.certification.types import ReissueReason, RevocationReason
from lms.accounts.api import Organisation
from lms.core import audit
from tests.assessment.certification.world import CODES, World, issued, numbered
from tests.lms.accounts.world import NOW, signed_in

PUBLIC = Client


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> Iterator[None]:  # the cache may be a table
    cache.clear()
    yield
    cache.clear()


def browse(world: World, who: str) -> Client:
    return signed_in(world.users[who])


def at(name: str, *args: Any) -> str:
    return reverse(f"assessment:{name}", args=args)


@pytest.mark.req("S1-33")
def test_the_path_by_clicks(world: World) -> None:
    clerk, officer = browse(world, "clerk"), browse(world, "officer")
    spec = Candidacy.objects.all()[0].specification
    page = clerk.get(at("batches"))
    assert "合格待入批" in page.content.decode()
    begun = clerk.post(at("batches"), {"level": 5, "specification": spec, "kind": "skill_level_certificate"})
    batch = Batch.objects.get()
    assert begun.headers["Location"] == at("batch", batch.uuid)
    assert 'name="candidacies"' in clerk.get(at("batch", batch.uuid)).content.decode()
    assert 'name="candidacies"' not in officer.get(at("batch", batch.uuid)).content.decode()
    chosen = [str(uuid) for uuid in Candidacy.objects.values_list("uuid", flat=True)]
    assert clerk.post(at("batch_step", batch.uuid, "freeze"), {"candidacies": []}).status_code == 422
    assert clerk.post(at("batch_step", batch.uuid, "freeze"), {"candidacies": chosen}).status_code == 302
    assert clerk.post(at("batch_step", batch.uuid, "file")).status_code == 302
    assert clerk.post(at("batch_step", batch.uuid, "allocate")).status_code == 403
    assert officer.post(at("batch_step", batch.uuid, "review")).status_code == 302
    said = officer.post(at("batch_step", batch.uuid, "allocate"), follow=True).content.decode()
    assert "已配发3个编号" in said
    twice = officer.post(at("batch_step", batch.uuid, "allocate"))
    assert twice.status_code == 422
    assert "这一步刚有人办过了" in twice.content.decode()
    assert officer.post(at("batch_step", batch.uuid, "issue")).status_code == 403
    assert "已发证3份" in clerk.post(at("batch_step", batch.uuid, "issue"), follow=True).content.decode()
    assert Certificate.objects.count() == 3


def test_who_sees_a_batch_and_a_certificate(world: World) -> None:
    certificate = issued(world)[0]
    batch = Batch.objects.get()
    expected = {
        "clerk": (200, 200, 200, 403),
        "officer": (200, 200, 200, 200),
        "inspector": (200, 200, 200, 403),
        "chief": (200, 403, 403, 403),
        "other_clerk": (404, 404, 404, 403),
        "other_officer": (404, 404, 404, 404),
        "school_admin": (404, 404, 404, 403),
        "trainee0": (403, 403, 403, 403),
    }
    for who, answers in expected.items():
        client = browse(world, who)
        got = tuple(
            client.get(address).status_code
            for address in (
                at("batch", batch.uuid),
                at("certificate", certificate.uuid),
                at("certificate_pdf", certificate.uuid),
                at("body_codes", world.places.body.uuid),
            )
        )
        assert (who, got) == (who, answers)
    for address in (at("batch", uuid4()), at("certificate", uuid4())):
        assert browse(world, "officer").get(address).status_code == 404
        assert Client().get(address).status_code == 302


def test_desks_see_masks_only_and_taking_the_paper_is_recorded(world: World) -> None:
    certificate = issued(world)[0]
    clerk = browse(world, "clerk")
    for address in (at("batch", Batch.objects.get().uuid), at("certificate", certificate.uuid)):
        text = clerk.get(address).content.decode()
        assert "林*燕" in text
        assert "林晓燕" not in text
        assert not re.search(r"\d{17}[\dX]", text)
    pdf = clerk.get(at("certificate_pdf", certificate.uuid))
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{certificate.number}.pdf"'
    assert [event.action for event in audit.events_of(certificate.uuid)] == ["issued", "downloaded"]


@pytest.mark.req("S1-34")
def test_the_holder_reads_and_downloads_her_own_paper_only(world: World) -> None:
    mine, other = issued(world)[:2]
    her = browse(world, "trainee0")
    page = her.get(at("my_certificate", mine.uuid)).content.decode()
    assert "林晓燕" in page
    assert "计划学时" in page
    assert her.get(at("my_certificates")).content.decode().count("waiting-link") == 1
    assert her.get(at("my_certificate_pdf", mine.uuid)).content.startswith(b"%PDF-")
    picture = her.get(at("my_certificate_png", mine.uuid))
    assert picture.content.startswith(b"\x89PNG")
    again = her.get(at("my_certificate_png", mine.uuid), HTTP_IF_NONE_MATCH=picture.headers["ETag"])
    assert again.status_code == 304
    for name in ("my_certificate", "my_certificate_pdf", "my_certificate_png"):
        assert her.get(at(name, other.uuid)).status_code == 404
        assert browse(world, "clerk").get(at(name, mine.uuid)).status_code == 403
    assert count_my_certificates(world.acting("trainee0")) == 1
    assert count_my_certificates(world.clerk) == 0


def verified(code: str, **headers: str) -> tuple[int, str]:
    answer = PUBLIC().get(at("verify_code", code), **headers)  # type: ignore[arg-type]
    return answer.status_code, answer.content.decode()


@pytest.mark.req("S2-43")
def test_the_public_reads_a_masked_name_and_no_number_of_hers(world: World) -> None:
    certificate = issued(world)[0]
    status, text = verified(certificate.code)
    assert status == 200
    for words in (
        "这份证书是真的，现在有效",
        "林*燕",
        "互联网营销师（直播销售员）",
        "五级/初级工",
        "计划学时",
        "100学时",
    ):
        assert words in text
    assert "连江县鉴定站" in text
    assert "2026年3月16日" in text
    assert "S000 0350 0001 2265 0000 01" in text
    assert certificate.pdf_sha256 in text
    assert str(certificate.uuid) not in text
    assert "林晓燕" not in text
    assert not re.search(r"\d{17}[\dX]", text.replace(certificate.pdf_sha256, ""))
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text.replace(certificate.pdf_sha256, ""))
    assert verified(certificate.code.lower().replace("-", ""))[0] == 200


def test_revoked_reissued_and_unknown(world: World) -> None:
    first, second = issued(world, *world.people[:2])
    issuing.revoke_certificate(
        by=world.clerk, certificate=first.uuid, category=RevocationReason.FRAUD, reason="替考的细节", now=NOW
    )
    fresh = issuing.reissue_certificate(
        by=world.clerk, certificate=second.uuid, category=ReissueReason.LOST, reason="搬家丢了", now=NOW
    )
    assert fresh is not None
    revoked, reissued = verified(first.code)[1], verified(second.code)[1]
    for words in ("已撤销", "弄虚作假", "2026年3月16日"):
        assert words in revoked
    for words in ("已换发", "遗失", at("verify_code", fresh.code)):
        assert words in reissued
    for text in (revoked, reissued):
        assert "细节" not in text
        assert "搬家" not in text
        assert "kb-verify" not in text
    assert verified(fresh.code)[0] == 200
    for code in ("K7FA-34RT-9QWE", "nonsense", "1"):
        status, text = verified(code)
        assert status == 404
        assert "查无此证" in text


def test_number_and_name_together_find_the_paper(world: World) -> None:
    certificate = issued(world)[0]
    public = PUBLIC()
    found = public.post(at("verify"), {"number": "s000 0350 0001 2265 0000 01", "name": "林 晓燕"})
    assert found.headers["Location"] == at("verify_code", certificate.code)
    wrong = public.post(at("verify"), {"number": certificate.number, "name": "林小燕"})
    assert wrong.status_code == 404
    assert "查无此证" in wrong.content.decode()
    assert public.post(at("verify"), {"number": "", "name": ""}).status_code == 422
    assert public.get(at("verify")).status_code == 200


def test_who_looks_up_too_fast_waits_a_minute(world: World) -> None:
    public = PUBLIC()
    answers = [public.post(at("verify"), {"number": str(n), "name": "林晓燕"}).status_code for n in range(21)]
    assert answers == [404] * 20 + [429]
    waiting = public.post(at("verify"), {"number": "1", "name": "林晓燕"})
    assert waiting.headers["Retry-After"] == "60"
    assert "查得太快，1分钟后再试" in waiting.content.decode()
    elsewhere = public.post(at("verify"), {"number": "1", "name": "x"}, REMOTE_ADDR="10.1.2.3")
    assert elsewhere.status_code == 404


def test_codes_are_given_on_their_page(world: World) -> None:
    officer = browse(world, "officer")
    address = at("body_codes", world.places.body.uuid)
    assert "S000 0350" in officer.get(address).content.decode()
    refused = officer.post(address, {"body_type": "S", "body": "0000", "province": "99", "site": "000012"})
    assert refused.status_code == 422
    assert "那是留给演示用的" in refused.content.decode()
    other = f"{address}?scheme=skill_level_20"
    assert (
        officer.post(
            other, {"prefix": "R", "filing": "C", "body_type": "W", "region": "350100", "body": "007"}
        ).headers["Location"]
        == address
    )


def test_what_waits_for_whom(world: World) -> None:
    assert (waiting_batches(world.clerk), waiting_batches(world.officer)) == (1, 0)
    numbered(world, world.people[0])
    # One batch to issue, and two people who still wait for one.
    assert (waiting_batches(world.clerk), waiting_batches(world.officer)) == (2, 0)
    assert waiting_batches(world.acting("trainee0")) == 0
    assert waiting_batches(world.acting("school_admin")) == 0


def test_lists_take_the_same_queries_for_one_row_and_three(world: World) -> None:
    officer = browse(world, "officer")

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(address).status_code == 200
        # The clock is read again every second, which is no page's query.
        return sum("core_clockoffset" not in query["sql"] for query in seen.captured_queries)

    issued(world, world.people[0])
    one = queries(at("batches"))
    small = queries(at("batch", Batch.objects.get().uuid))
    issued(world, *world.people[1:])
    assert queries(at("batches")) == one
    assert queries(at("batch", Batch.objects.order_by("-id")[0].uuid)) == small


def test_a_demonstration_is_marked_wherever_it_is_seen(world: World) -> None:
    Organisation.objects.filter(pk=world.places.body.pk).update(is_demo=True)
    assert waiting_batches(world.clerk) == 0  # real passes go into no demonstration's batch
    Candidacy.objects.update(is_demo=True)
    services.set_codes(
        by=world.officer,
        body=world.places.body.uuid,
        scheme="skill_level_22",
        codes={**CODES, "province": "99"},
        now=NOW,
    )
    certificate = issued(world)[0]
    assert certificate.number == "S000099000012265000001"
    assert printed_data(certificate.printed).is_demo
    text = verified(certificate.code)[1]
    assert "这是演示证书，能查到，但没有证书效力" in text
    assert "这份证书是真的" not in text
    assert "没有证书效力" in browse(world, "trainee0").get(at("my_certificate", certificate.uuid)).content.decode()
