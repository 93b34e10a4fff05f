"""The pool's pages by role."""

import pytest

from assessment.examiners.models import Examiner
from assessment.examiners.types import ExaminerState
from lms.core.holdings import held_about
from tests.assessment.people import filed, person_of, pool, with_pool_offices
from tests.media_pipeline.cast import Cast


def test_who_sees_the_pool(cast: Cast) -> None:
    person_of(cast, "examiner")
    filed(cast)
    filed(cast, "examiner2")
    seen = {
        who: sum(
            f"KP-{one}<" in cast.client(who).get("/examiners/").content.decode() for one in ("EXAMINER", "EXAMINER2")
        )
        for who in ("examiner", "chief", "body_admin", "city_bureau", "school_admin", "bureau")
    }
    assert seen == {"examiner": 1, "chief": 2, "body_admin": 2, "city_bureau": 2, "school_admin": 0, "bureau": 0}
    for who in ("owner", "instructor", "administrator"):
        assert cast.client(who).get("/examiners/").status_code == 403


def test_the_body_adds_on_the_page(cast: Cast) -> None:
    with_pool_offices(cast)
    client = cast.client("body_admin")
    said = {
        "user": str(cast.uuid("examiner")), "card_no": "KP-1", "grade": "examiner", "levels": ["5", "2"],
        "valid_from": "2025-01-01", "valid_to": "2099-01-01",
    }  # fmt: skip
    refused = client.post("/examiners/new/", said)
    assert refused.status_code == 422
    assert "二级和一级要高级考评员" in refused.content.decode()
    assert client.post("/examiners/new/", said | {"levels": ["5"]}).status_code == 302
    assert Examiner.objects.get().levels == [5]
    assert cast.client("school_admin").get("/examiners/new/").status_code == 403


@pytest.mark.parametrize("who, status", (("city_bureau", 302), ("bureau", 404), ("chief", 403), ("body_admin", 403)))
def test_only_the_bureau_of_the_place_files(cast: Cast, who: str, status: int) -> None:
    row = pool(cast)
    assert cast.client(who).post(f"/examiners/{row.uuid}/move", {"to": "filed"}).status_code == status
    row.refresh_from_db()
    assert (row.state == ExaminerState.FILED) is (status == 302)


def test_a_download_says_what_is_filed_of_her(cast: Cast) -> None:
    row = filed(cast)
    mine = person_of(cast, "examiner")
    section = next(held for held in held_about(mine.uuid, row.user) if held.title == "考评员库")
    assert [line["考评员证号"] for line in section.rows] == ["KP-EXAMINER"]
