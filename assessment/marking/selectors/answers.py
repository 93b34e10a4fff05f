"""Questions of a booklet with the answers that people judge, and with the keys that the bank's door gave."""

from collections.abc import Mapping
from uuid import UUID

from django.urls import reverse

from assessment.bank.presentation import shown
from assessment.bank.selectors import documents_of
from assessment.bank.types import QuestionDocument, RevealedKey
from assessment.marking.models import BookletAnswer, Panel
from assessment.marking.selectors.rubrics import Criterion, criteria_for, criteria_of
from assessment.marking.types import AnswerView


def versions_of(panel: Panel) -> list[UUID]:
    """The question versions whose answers the panel judges, in the order of the paper."""
    return [each.version for each in criteria_for(panel) if each.version is not None]


def blank_positions(panel: Panel) -> list[int]:
    """Questions of the booklet that were not answered."""
    asked = {each.position for each in criteria_for(panel)}
    return [each.position for each in criteria_of(panel.rubric) if each.position not in asked]


def answer_views(panel: Panel, keys: Mapping[UUID, RevealedKey]) -> dict[str, AnswerView]:
    """Criterion → question and answer; model and points only where a key is given. Two queries."""
    criteria = criteria_for(panel)
    documents = documents_of([each.version for each in criteria if each.version is not None])
    words = dict(BookletAnswer.objects.filter(panel=panel).values_list("position", "words"))
    return {each.code: _answer(panel, each, documents, keys, words) for each in criteria}


def _answer(
    panel: Panel,
    criterion: Criterion,
    documents: Mapping[UUID, QuestionDocument],
    keys: Mapping[UUID, RevealedKey],
    words: Mapping[int, str],
) -> AnswerView:
    version = criterion.version
    assert version is not None  # noqa: S101  # every criterion of a booklet is a question
    document = documents[version]
    key = keys.get(version)

    def address(sha256: str) -> str:
        return reverse("assessment:scoring_file", args=[panel.code, version, sha256])

    return AnswerView(
        code=criterion.code,
        position=criterion.position,
        title=criterion.title,
        maximum=criterion.maximum,
        stimulus=shown(document, document.stimulus.text, address) if document.stimulus else "",
        stem=shown(document, document.stem, address),
        words=words[criterion.position],
        model=shown(document, key.key.model, address) if key else "",
        points=shown(document, key.explanation, address) if key else "",
    )
