"""Double marking is double: nothing an examiner is ever sent says what another one gave, nor whose booklet it is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assessment.marking.models import Panel
from lms.notices.models import Notice
from tests.assessment.delivery.world import World
from tests.assessment.marking.answering import (
    MODEL,
    booklet_panel,
    booklet_world,
    score_answers,
)
from tests.assessment.marking.scoring import seated, sheet_of
from tests.assessment.people import body_of, person_of

THEIRS = "乙给的批注谁也不该看见"
# Scores that nobody else gives and no key beside a question shows twice.
GIVEN = {"Q31": "1.5", "Q32": "0.5", "Q33": "0"}
MINE = {"Q31": "2", "Q32": "1", "Q33": "0.25"}


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with booklet_world() as made:
        yield made


def said(answer: Any) -> str:
    return answer.content.decode("utf-8", "replace") + repr(dict(answer.headers))


def everywhere(world: World, who: str, panel: Panel) -> list[str]:
    notices = Notice.objects.filter(user__uuid=world.cast.uuid(who)).values_list("uuid", flat=True)
    at = f"/scoring/{panel.code}/"
    return [
        "/", "/scoring/", at, f"{at}conflict/", "/panels/", f"/panels/{panel.code}/", "/evidence/",
        f"/evidence/{panel.code}/", "/results/", "/overview/works/", "/notices/",
        *(f"/notices/{uuid}/" for uuid in notices), "/accounts/held/", "/accounts/held/download.json",
    ]  # fmt: skip


def shows_theirs(text: str) -> bool:
    """A comment of theirs, a field filled with what they gave, or a key of it pressed."""
    pressed = [f'data-low="{score}" data-high="{score}" aria-pressed="true"' for score in ("1.5", "0.5", "0")]
    return (
        THEIRS in text
        or any(f'value="{score}"' in text for score in ("1.5", "0.5"))
        or any(key in text for key in pressed)
    )


def test_no_answer_to_one_examiner_holds_what_another_gave(world: World) -> None:
    panel = booklet_panel(world)
    first, second, third = seated(world.cast, panel)
    score_answers(world, panel, second, GIVEN, THEIRS)
    client, at = world.cast.client(first), f"/scoring/{panel.code}/"

    def heard() -> list[str]:
        return [path for path in everywhere(world, first, panel) if shows_theirs(said(client.get(path)))]

    assert heard() == []
    revision = sheet_of(world.cast, panel, first).revision

    def save(**body: Any) -> Any:
        return client.post(f"{at}save", json.dumps(body), content_type="application/json")

    answers = [
        save(revision=revision, scores=MINE),
        save(revision=revision, scores={"Q31": "4"}),
        save(revision=revision + 1, scores={"Q31": "99"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 409, 422]
    assert not any(shows_theirs(said(answer)) for answer in answers)
    fields = {f"score-{code}": score for code, score in MINE.items()}
    done = client.post(f"{at}submit", fields | {"revision": str(sheet_of(world.cast, panel, first).revision)})
    assert done.status_code == 302
    assert heard() == []
    chief = world.cast.client("chief")
    assert not shows_theirs(said(chief.get(f"/panels/{panel.code}/")))
    assert MODEL not in said(chief.get(f"/panels/{panel.code}/"))
    score_answers(world, panel, third, MINE)
    # All are in: her own sheet is all she ever sees; the chief compares.
    assert heard() == []
    told = said(chief.get(f"/panels/{panel.code}/"))
    assert THEIRS in told
    assert MODEL in told


def test_nobody_learns_whose_booklet_it_is(world: World) -> None:
    panel = booklet_panel(world, {31: f"{world.cast.users['owner'].display_name}答：可以退", 32: "写明运费"})
    owner = person_of(world.cast, "owner")
    owner.__class__.objects.filter(user__memberships__role="examiner").update(organisation=body_of(world.cast))
    held = world.held["owner"]
    secrets = [
        world.cast.users["owner"].display_name, world.cast.users["owner"].username, world.cast.school.name,
        held.class_name, *(str(one) for one in (panel.submission, held.uuid, owner.uuid, world.cast.uuid("owner"))),
    ]  # fmt: skip
    for who in (seated(world.cast, panel)[0], "chief"):
        client = world.cast.client(who)
        told = {path: said(client.get(path)) for path in everywhere(world, who, panel)}
        assert [(path, secret) for path, text in told.items() for secret in secrets if secret in text] == []


def test_the_candidate_never_reads_it(world: World) -> None:
    panel = booklet_panel(world)
    for who in ("owner", "colleague"):
        client = world.cast.client(who)
        told = {path: client.get(path) for path in everywhere(world, who, panel)}
        assert told[f"/scoring/{panel.code}/"].status_code == 403
        assert told[f"/panels/{panel.code}/"].status_code == 403
        named = [path for path, answer in told.items() if panel.code in said(answer).replace(path, "")]
        assert (named, [path for path, answer in told.items() if MODEL in said(answer)]) == ([], [])
