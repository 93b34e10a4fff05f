"""What a city's installation refuses to start with, and what its processes share."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ASK = (
    "import json; from lms.settings import production as one; "
    "print(json.dumps([one.ALLAUTH_TRUSTED_PROXY_COUNT, one.CACHES['default']['BACKEND'].rpartition('.')[2]]))"
)


def started(**variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KAIBO_")}
    environment = {
        **inherited,
        "SECRET_KEY": "s" * 50,
        "KAIBO_KEYS": "k1:" + "A" * 43,
        "KAIBO_INDEX_KEY": "B" * 42 + "A",
        "KAIBO_SIGNING_KEYS": "C" * 42 + "A",
        "KAIBO_HOSTS": "kaibo.example",
        "KAIBO_BASE_URL": "https://kaibo.example",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("database", ({}, {"KAIBO_POSTGRES_DB": "kaibo"}))
def test_production_counts_its_proxy_and_shares_its_cache_on_both_databases(database: dict[str, str]) -> None:
    behind = started(KAIBO_BEHIND_PROXY="1", **database)
    assert json.loads(behind.stdout) == [1, "SharedCache"], behind.stderr
    assert json.loads(started(**database).stdout) == [0, "SharedCache"]


@pytest.mark.parametrize(
    "origin", ("https://kaibo.example", "https://kaibo.example:8443", "https://a.kaibo.example", "http://other.example")
)
def test_packages_share_no_host_with_us(origin: str) -> None:
    refused = started(KAIBO_CONTENT_ORIGIN=origin)
    assert refused.returncode != 0
    assert "KAIBO_CONTENT_ORIGIN must be" in refused.stderr
    assert started(KAIBO_CONTENT_ORIGIN="https://packages.example").returncode == 0


def test_production_behind_an_uncounted_proxy_does_not_start() -> None:
    refused = started(KAIBO_BEHIND_PROXY="1", KAIBO_PROXY_COUNT="0")
    assert refused.returncode != 0
    assert "KAIBO_PROXY_COUNT must be at least 1, not 0" in refused.stderr
