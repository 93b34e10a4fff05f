"""The course's glossary as a host speaks it, which a recogniser is told of; and the lines that it gives everybody to say."""

from functools import lru_cache

from django.db.models import Max, Q

from courses.catalogue.models import LessonVersion, LevelPage, LiveLesson
from courses.catalogue.selectors import lesson_version
from courses.catalogue.types import SayBlock, ScriptBlock, TermsBlock
from lms.core.types import Level


def spoken_terms(level: Level) -> tuple[str, ...]:
    """Glossary terms taught up to a level that the same lessons' sample lines say aloud, the most said first.

    Terms nobody says while selling (保证金, 运费模板) would only mislead a recogniser.
    """
    newest = LessonVersion.objects.aggregate(newest=Max("pk"))["newest"]
    return _terms(level, newest, LiveLesson.objects.filter(page__live=True).count())


@lru_cache(maxsize=8)
def _terms(level: Level, _newest: int | None, _live: int) -> tuple[str, ...]:
    """Read again when a lesson went live or was withdrawn."""
    levels = LevelPage.objects.live().filter(level__gte=level.value).values_list("path", flat=True)
    below = Q(pk__in=[])
    for path in levels:
        below |= Q(page__path__startswith=path)
    held = LiveLesson.objects.filter(below, page__live=True).order_by("page__path")
    lessons = [lesson_version(uuid).document for uuid in held.values_list("version__uuid", flat=True)]
    terms: list[str] = []
    spoken: list[str] = []
    for lesson in lessons:
        for block in lesson.blocks:
            if isinstance(block, TermsBlock):
                terms += [each.term for each in block.terms]
            elif isinstance(block, SayBlock):
                spoken.append(block.good)
            elif isinstance(block, ScriptBlock):
                spoken.append(block.text)
    said = "\n".join(spoken)
    counts = {term: said.count(term) for term in dict.fromkeys(terms)}
    return tuple(sorted((term for term in counts if counts[term]), key=lambda term: -counts[term]))


def sample_lines() -> tuple[str, ...]:
    """Every sample script and good line of the lessons that are live: who says them has copied nobody."""
    newest = LessonVersion.objects.aggregate(newest=Max("pk"))["newest"]
    return _samples(newest, LiveLesson.objects.filter(page__live=True).count())


@lru_cache(maxsize=1)
def _samples(_newest: int | None, _live: int) -> tuple[str, ...]:
    held = LiveLesson.objects.filter(page__live=True).order_by("page__path")
    lessons = [lesson_version(uuid).document for uuid in held.values_list("version__uuid", flat=True)]
    given = [block for lesson in lessons for block in lesson.blocks if isinstance(block, SayBlock | ScriptBlock)]
    return tuple(dict.fromkeys(block.good if isinstance(block, SayBlock) else block.text for block in given))
