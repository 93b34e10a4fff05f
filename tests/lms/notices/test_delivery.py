"""Mail and short messages beside a notice: off by default, to confirmed contacts only, without anything personal."""

from typing import Any

import pytest
from django.core import mail

from lms.accounts.api import User
from lms.accounts.signin.models import Alias
from lms.accounts.signin.types import AliasKind, AliasState
from lms.core.crypto import blind_index
from lms.core.jobs import drain
from lms.core.jobs.models import Job
from lms.notices.models import Delivery
from tests.lms.accounts.world import NOW, Places
from tests.lms.notices import senders
from tests.lms.notices.test_notices import tell, trainee


def contact(user: User, kind: AliasKind, value: str, state: AliasState = AliasState.CONFIRMED) -> None:
    Alias.objects.create(
        user=user,
        kind=kind.value,
        value=value,
        index=blind_index(value, purpose="test"),
        state=state.value,
        created_at=NOW,
    )


@pytest.fixture
def on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SMS_SENDER = "tests.lms.notices.senders.send"
    settings.SEND_MAIL = True
    settings.JOB_BACKOFF_S = 0
    monkeypatch.setattr(senders, "SENT", [])
    monkeypatch.setattr(senders, "REFUSE", False)


def test_nothing_leaves_the_site_by_default(places: Places) -> None:
    user, _person = trainee(places)
    contact(user, AliasKind.PHONE, "13800001234")
    tell(user=user)
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.usefixtures("on")
def test_confirmed_contacts_hear_only_that_something_waits(places: Places) -> None:
    user, _person = trainee(places)
    contact(user, AliasKind.PHONE, "13800001234")
    contact(user, AliasKind.MAIL, "lin@example.com")
    other, _other_person = trainee(places, "陈芳")
    contact(other, AliasKind.PHONE, "13900001234", AliasState.PENDING)
    tell(user=user)
    tell(user=other)
    drain("short")
    assert [phone for phone, _text in senders.SENT] == ["13800001234"]
    assert [message.to for message in mail.outbox] == [["lin@example.com"]]
    for text in (senders.SENT[0][1], str(mail.outbox[0].body), mail.outbox[0].subject):
        assert not [word for word in ("林", "三月班", user.username) if word in text]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.usefixtures("on")
def test_a_provider_that_refuses_is_tried_again_and_then_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    user, _person = trainee(places)
    contact(user, AliasKind.PHONE, "13800001234")
    tell(user=user)
    monkeypatch.setattr(senders, "REFUSE", True)
    drain("short")
    assert Delivery.objects.get().state == "failed"
    job = Job.objects.get()
    assert (job.state, job.attempt) == ("dead", 5)
    assert "13800001234" not in job.error_detail
