from pathlib import Path

import pytest

from lms.core import messages

SOURCE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
A = _("Hand in")
B = ngettext("%(n)d work", "%(n)d works", 2)
C = pgettext_lazy("month", "May")
"""
TEMPLATE = """
<div>
    {% translate "It's late" %}
  {% blocktranslate trimmed with n=n %}
    Wait for
    {{ n }} people
  {% endblocktranslate %}
 {% include "x.html" with label=_("Save") only %} {# don't #}
</div>
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "courses" / "templates").mkdir(parents=True)
    (tmp_path / "courses" / "views.py").write_text(SOURCE)
    (tmp_path / "courses" / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def test_texts_of_python_and_templates_are_found(project: Path) -> None:
    found = messages.messages(messages.collect(project, "courses"))
    assert set(found) == {
        ("Hand in", None),
        ("%(n)d work", None),
        ("May", "month"),
        ("It's late", None),
        ("Wait for %(n)s people", None),
        ("Save", None),
    }


def test_translations_are_kept_and_unused_ones_dropped(project: Path) -> None:
    po = project / "courses" / messages.PO
    po.parent.mkdir(parents=True)
    po.write_text('msgid "Hand in"\nmsgstr "交卷"\n\nmsgid "Gone"\nmsgstr "没了"\n', encoding="utf-8")
    first = messages.update(project, "courses")
    text = po.read_text(encoding="utf-8")
    second = messages.update(project, "courses")
    assert (first.texts, first.dropped, "Hand in" in first.untranslated) == (6, ("Gone",), False)
    assert ('msgid "Hand in"\nmsgstr "交卷"' in text, "Gone" in text, "POT-Creation-Date" in text) == (
        True,
        False,
        False,
    )
    assert (second.dropped, po.read_text(encoding="utf-8")) == ((), text)


def test_compiling_writes_what_django_reads_and_only_when_needed(project: Path) -> None:
    import gettext

    po = project / "courses" / messages.PO
    po.parent.mkdir(parents=True)
    po.write_text(messages._HEADER + 'msgid "Hand in"\nmsgstr "交卷"\n', encoding="utf-8")
    assert (messages.compile_file(po), messages.compile_file(po)) == (True, False)
    with po.with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert (catalogue.gettext("Hand in"), catalogue.ngettext("%(n)d work", "%(n)d works", 3)) == ("交卷", "%(n)d works")
