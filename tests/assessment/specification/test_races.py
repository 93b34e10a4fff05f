"""Two offices at the same moment, on a database with real row locks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connections

from assessment.api import SpecificationRefusal, approve_specification, load_specifications, specifications
from assessment.specification.models import SpecificationApproval
from lms.accounts.api import INSTALLATION
from lms.core import audit
from lms.policies.api import add_profile_version, load_profiles, versions
from tests.lms.accounts.world import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 4


def test_one_version_approved_four_times_at_once_is_approved_once() -> None:
    load_specifications()
    uuid = specifications()[0].uuid
    barrier = Barrier(THREADS, timeout=20)

    def approve(_number: int) -> str:
        try:
            barrier.wait()
            approve_specification(by=INSTALLATION, specification=uuid, now=NOW)
            return "approved now"
        except SpecificationRefusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        outcome = list(pool.map(approve, range(THREADS)))
    assert sorted(outcome) == ["approved"] * (THREADS - 1) + ["approved now"]
    assert SpecificationApproval.objects.count() == 1
    assert audit.verify(uuid).ok


def test_versions_of_a_profile_are_numbered_without_a_double() -> None:
    load_profiles()
    barrier = Barrier(THREADS, timeout=20)

    def add(number: int) -> bool:
        try:
            barrier.wait()
            add_profile_version(
                by=None, key="demonstration", changes={"title": f"第{number}个"}, in_force_from=NOW.date(), now=NOW
            )
        except IntegrityError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        written = sum(pool.map(add, range(THREADS)))
    # Two are shipped.
    numbers = [data.version for data in versions("demonstration")]
    assert numbers == list(range(written + 2, 0, -1))
    assert written >= 1
