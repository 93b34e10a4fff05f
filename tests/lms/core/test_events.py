from dataclasses import dataclass

import pytest

from lms.core import events


@dataclass(frozen=True)
class Sold:
    what: str


@dataclass
class Loose:
    what: str


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_handlers", {})


def test_subscribers_hear_in_order_and_once() -> None:
    heard: list[str] = []

    @events.subscribe(Sold)
    def first(event: Sold) -> None:
        heard.append(f"first {event.what}")

    def second(event: Sold) -> None:
        heard.append(f"second {event.what}")

    events.subscribe(Sold, second)
    events.subscribe(Sold, second)
    events.publish(Sold("tea"))
    assert heard == ["first tea", "second tea"]
    assert list(events.heard()) == ["tests.lms.core.test_events.Sold"]
    assert len(events.heard()["tests.lms.core.test_events.Sold"]) == 2


def test_a_failing_subscriber_fails_the_publisher() -> None:
    def refuse(event: Sold) -> None:
        raise RuntimeError("no")

    events.subscribe(Sold, refuse)
    with pytest.raises(RuntimeError, match="no"):
        events.publish(Sold("tea"))


def test_mutable_events_are_refused() -> None:
    with pytest.raises(TypeError, match="frozen"):
        events.subscribe(Loose, lambda event: None)
