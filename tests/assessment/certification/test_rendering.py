"""The paper itself: the same data, the same bytes."""

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256

import pytest

from assessment.certification.rendering import PaperChanged, picture, render, template, unprintable
from tests.assessment.certification.test_logic import paper

# A layout that papers were issued with is never edited: a change is certificate_2.typ and this line stays.
FIRST_LAYOUT = "certificate_1 e0fad304417fd552"


def test_the_same_data_gives_the_same_bytes() -> None:
    first, second = render(paper()), render(paper())
    assert first == second
    assert first.pdf.startswith(b"%PDF-")
    assert first.sha256 == sha256(first.pdf).hexdigest()
    assert 20_000 < len(first.pdf) < 150_000


def test_another_process_on_another_day_gives_the_same_bytes() -> None:
    code = (
        "from assessment.certification.rendering import render\n"
        "from tests.assessment.certification.test_logic import paper\n"
        "print(render(paper()).sha256)"
    )
    said = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        check=True,
        capture_output=True,
        text=True,
        env={
            **__import__("os").environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings.test",
            "TZ": "America/Lima",
            "LANG": "C",
        },
    )
    assert said.stdout.strip() == render(paper()).sha256


@pytest.mark.parametrize(
    "changes",
    ({"name": "林晓雁"}, {"number": "S000035000012265000002"}, {"is_demo": True}, {"edition": 2}, {"level": 4}),
)
def test_whatever_is_printed_changes_the_bytes(changes: dict[str, object]) -> None:
    assert render(paper(**changes)).sha256 != render(paper()).sha256


def test_the_secret_serial_changes_the_bytes_so_nobody_can_guess_a_number_by_rendering() -> None:
    from uuid import uuid4

    assert render(replace(paper(), serial=uuid4())).sha256 != render(paper()).sha256


def test_rare_characters_and_long_names_keep_to_one_page() -> None:
    long = paper(
        name="阿卜杜热依木·𠮷䶮", body_name="中国某某某某某某股份有限公司职业技能等级认定评价中心（福州）", is_demo=True
    )
    assert picture(long).startswith(b"\x89PNG")
    assert len(render(long).pdf) > 20_000


def test_a_paper_of_another_layout_is_not_silently_made_with_ours() -> None:
    with pytest.raises(PaperChanged):
        render(paper(template="certificate_1 " + "0" * 16))


def test_the_first_layout_is_the_one_papers_were_issued_with() -> None:
    assert template("certificate_1") == FIRST_LAYOUT


def test_a_name_that_would_print_as_boxes_is_noticed() -> None:
    assert unprintable("阿卜杜热依木·𠮷䶮 Anna") == ""
    assert unprintable("王\U0002b81c\ue000强") != ""
    assert "\ue000" in unprintable("王\ue000强")
