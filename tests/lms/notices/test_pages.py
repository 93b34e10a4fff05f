"""The pages of notices."""

from lms.accounts.api import INSTALLATION, PersonData, Role, create_person
from tests.lms.accounts.world import NOW, Places, make_user, signed_in
from tests.lms.notices.test_notices import tell, trainee


def test_she_opens_her_notice_and_it_leaves_the_list_of_the_unreached(places: Places) -> None:
    user, _person = trainee(places)
    notice = tell(user=user)
    school = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    assert "林*燕" in school.get("/notices/unreached/").content.decode()
    hers = signed_in(user)
    assert "未读" in hers.get("/notices/").content.decode()
    assert "/results/" in hers.get(f"/notices/{notice.uuid}/").content.decode()
    assert "未读" not in hers.get("/notices/").content.decode()
    assert "林*燕" not in school.get("/notices/unreached/").content.decode()
    assert signed_in(make_user(places.school, Role.TRAINEE)).get(f"/notices/{notice.uuid}/").status_code == 404


def test_somebody_on_paper_is_told_in_person(places: Places) -> None:
    paper = create_person(by=INSTALLATION, organisation=places.school, data=PersonData(name="欧阳修文"), now=NOW)
    notice = tell(person=paper)
    user = make_user(places.school, Role.INSTITUTION_ADMIN)
    school = signed_in(user)
    answer = school.post(f"/notices/{notice.uuid}/told/", {"next": "/notices/unreached/?kind=test.result"})
    assert answer.headers["Location"] == "/notices/unreached/?kind=test.result"
    notice.refresh_from_db()
    assert (notice.receipt.way, notice.receipt.by) == ("told", user.uuid)
    assert school.post(f"/notices/{notice.uuid}/told/", {"next": "//evil.example/"}).headers["Location"] == (
        "/notices/unreached/"
    )
    for role, status in ((Role.TRAINEE, 403), (Role.EXAMINER, 403)):
        assert signed_in(make_user(places.school, role)).get("/notices/unreached/").status_code == status
