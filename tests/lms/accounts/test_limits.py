"""Tries of a password: how many are let through, one after the other and all at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import connections

from lms.accounts.signin.limits import OF_A_LOGIN, OF_AN_ADDRESS, counted, given_back


@pytest.fixture(autouse=True)
def nothing_counted(request: pytest.FixtureRequest) -> Iterator[None]:
    if not request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
    cache.clear()
    yield
    cache.clear()


def test_six_wrong_ones_of_a_login_and_right_ones_without_end() -> None:
    for _time in range(20):
        assert counted(OF_A_LOGIN, "20260001")
        given_back(OF_A_LOGIN, "20260001")
    assert [counted(OF_A_LOGIN, "20260001") for _time in range(8)] == [True] * 6 + [False] * 2
    assert counted(OF_A_LOGIN, "20260002")


def test_sixty_wrong_ones_of_an_address_or_six_hundred_right_ones() -> None:
    assert [counted(OF_AN_ADDRESS, "192.0.2.1") for _time in range(62)] == [True] * 60 + [False] * 2
    right = 0
    while counted(OF_AN_ADDRESS, "192.0.2.2"):
        given_back(OF_AN_ADDRESS, "192.0.2.2")
        right += 1
    assert 590 <= right <= 600


def test_nothing_is_given_back_to_a_window_that_has_ended() -> None:
    given_back(OF_A_LOGIN, "20260001")
    assert [counted(OF_A_LOGIN, "20260001") for _time in range(7)] == [True] * 6 + [False]


def test_a_window_ends_by_itself() -> None:
    ended = replace(OF_A_LOGIN, seconds=0)
    assert [counted(ended, "20260001") for _time in range(9)] == [True] * 9


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_forty_at_once_six_are_let_through() -> None:
    def tries(_number: int) -> bool:
        try:
            return counted(OF_A_LOGIN, "20260001")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tries, range(40))) == 6
