"""What is kept of the curriculum: documents, versions, manifests, what a class is taught from, the search."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from courses.catalogue.documents import document_of
from courses.catalogue.keeping import NothingToTeach, make_manifest
from courses.catalogue.logic import content_hash, from_json, to_json
from courses.catalogue.models import LessonPage, LessonVersion, Manifest
from courses.catalogue.selectors import compare_manifests, lesson_version, live_version, manifest, search_versions
from courses.catalogue.types import TextBlock
from courses.classes.models import ManifestPin
from courses.classes.selectors import class_manifest
from courses.classes.services import adopt_manifest
from courses.classes.types import ClassRefused
from tests.courses.catalogue.writing import course, document, lesson, level, published, rewritten
from tests.courses.roots import curriculum
from tests.courses.school import planned
from tests.media_pipeline.cast import NOW, Cast


@pytest.fixture
def page(db: None) -> LessonPage:
    curriculum()
    return lesson(course(level()), document())


def test_a_page_is_its_document_and_json_keeps_it(page: LessonPage) -> None:
    made = document()
    assert document_of(page) == made
    assert document_of(LessonPage.objects.get().latest_revision.as_object()) == made
    assert from_json(to_json(made)) == made
    assert content_hash(made) != content_hash(replace(made, online_minutes=21))


def test_every_text_that_goes_live_is_kept_once_and_for_good(page: LessonPage) -> None:
    first = LessonVersion.objects.get()
    assert lesson_version(first.uuid).document == document()
    changed = rewritten(page, summary="改过的一句话。")
    live = live_version(page.uid)
    assert live is not None
    assert live.document.summary == "改过的一句话。"
    rewritten(changed, summary=document().summary)
    live = live_version(page.uid)
    assert live is not None
    assert (live.uuid, LessonVersion.objects.count()) == (first.uuid, 2)
    with pytest.raises(TypeError):
        first.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonVersion.objects.create(
            lesson=first.lesson,
            title="x",
            content_hash=first.content_hash,
            document={},
            words="",
            published_at=NOW,
        )


def test_a_manifest_pins_the_texts_and_an_unchanged_curriculum_is_one_manifest(page: LessonPage) -> None:
    lesson(page.get_parent().specific, document("直播间的灯光"))
    lesson(page.get_parent().specific, document("还没发布"), live=False)
    first = make_manifest(level(), NOW)
    assert make_manifest(level(), NOW + timedelta(days=1)) == first
    held = manifest(first.uuid)
    assert [one.title for one in held.lessons] == ["广告法里的红线", "直播间的灯光"]
    assert [one.position for one in held.lessons] == [0, 1]
    assert (held.lessons[0].checks, [task.title for task in held.lessons[0].tasks]) == (1, ["改三句话"])
    rewritten(page, blocks=(TextBlock("新的正文。"),))
    second = manifest(make_manifest(level(), NOW).uuid)
    assert [change.title for change in compare_manifests(held, second)] == ["广告法里的红线"]
    assert lesson_version(held.lessons[0].version).document == document()


def test_an_edition_without_published_lessons_teaches_nothing(db: None) -> None:
    curriculum()
    course(level())
    with pytest.raises(NothingToTeach):
        make_manifest(level(), NOW)


@pytest.mark.req("S3-15")
def test_the_same_module_is_used_in_two_levels_without_copy(page: LessonPage) -> None:
    source = page.get_parent().specific
    shared = course(level(4), source.title, shared_from=source, uid=source.uid)
    below = manifest(make_manifest(level(4), NOW).uuid)
    assert [one.uid for one in below.lessons] == [page.uid]
    assert below.courses[0].uid == source.uid
    rewritten(page, summary="两处一起改。")
    after = manifest(make_manifest(level(4), NOW).uuid)
    assert after.lessons[0].summary == "两处一起改。"
    assert LessonPage.objects.count() == 1
    assert shared.get_children().count() == 0


def test_reading_a_manifest_asks_the_database_once(page: LessonPage, django_assert_num_queries) -> None:
    made = make_manifest(level(), NOW)
    with django_assert_num_queries(2):
        manifest(made.uuid)
    with django_assert_num_queries(0):
        manifest(made.uuid)


@pytest.mark.parametrize(
    "words, hits",
    (("鱼丸", 1), ("魚丸", 1), ("小黄车", 1), ("广告法 鱼丸", 1), ("茶叶", 0), ("", 0), ("三千份", 0)),
)
def test_search_finds_two_characters_in_either_script_and_gives_no_answers_away(
    page: LessonPage, words: str, hits: int
) -> None:
    assert len(search_versions(words)) == hits
    assert len(search_versions(words, manifest(make_manifest(level(), NOW).uuid))) == hits


def test_a_snippet_shows_where_the_word_stands(page: LessonPage) -> None:
    (found,) = search_versions("小黄车")
    assert (found.title, found.hit, found.version) == ("广告法里的红线", "小黄车", LessonVersion.objects.get().uuid)


@pytest.fixture
def taught(cast: Cast) -> LessonPage:
    curriculum()
    return lesson(course(level()), document())


@pytest.mark.req("S2-15")
def test_a_class_keeps_what_it_was_planned_with_until_somebody_decides(cast: Cast, taught: LessonPage) -> None:
    row = planned(cast)
    first = class_manifest(row)
    assert first is not None
    rewritten(taught, summary="改了一句。")
    assert class_manifest(row) == first
    assert class_manifest(planned(cast, name="连江县初级班第4期")) != first
    with pytest.raises(ClassRefused) as refused:
        adopt_manifest(by=cast.acting("school_admin"), training_class=row, reason=" ", now=NOW)
    assert refused.value.field == "reason"
    adopt_manifest(by=cast.acting("school_admin"), training_class=row, reason="法条引用有误", now=NOW)
    assert manifest(class_manifest(row)).lessons[0].summary == "改了一句。"
    assert ManifestPin.objects.filter(training_class=row).count() == 2
    with pytest.raises(ClassRefused):
        adopt_manifest(by=cast.acting("school_admin"), training_class=row, reason="再来一次", now=NOW)


def test_a_class_of_a_level_without_lessons_has_no_manifest(cast: Cast) -> None:
    curriculum()
    assert class_manifest(planned(cast)) is None
    assert not Manifest.objects.exists()


@pytest.mark.req("S2-15")
def test_new_classes_take_the_edition_in_force_on_their_first_day(cast: Cast, taught: LessonPage) -> None:
    from courses.catalogue.models import CurriculumPage, LevelPage
    from tests.courses.school import FIRST_DAY

    newer = LevelPage(
        title="初级", slug="level-5-2", level=5, edition=2, in_force_from=FIRST_DAY + timedelta(days=1), live=False
    )
    CurriculumPage.objects.get().add_child(instance=newer)
    published(newer)
    lesson(course(newer, "国家标准"), document("按国家标准"))
    before = planned(cast)
    after = planned(cast, name="后一期", starts_on=FIRST_DAY + timedelta(days=1), ends_on=FIRST_DAY + timedelta(days=6))
    assert (manifest(class_manifest(before)).edition, manifest(class_manifest(after)).edition) == (1, 2)


def test_the_class_page_shows_what_would_change_and_takes_it_by_decision(cast: Cast, taught: LessonPage) -> None:
    row = planned(cast)
    client = cast.client("school_admin")
    url = f"/classes/{row.uuid}/taught/"
    assert client.get(url).context["page"].differs is False
    rewritten(taught, summary="改了一句。")
    lesson(taught.get_parent().specific, document("新增的一课"))
    page = client.get(url).context["page"]
    assert (page.changed, page.added, page.gone, page.may_adopt) == (("广告法里的红线",), ("新增的一课",), (), True)
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "法条有更新"}).status_code == 302
    page = client.get(url).context["page"]
    assert (page.differs, [pin.reason for pin in page.pins]) == (False, ["法条有更新", ""])
    bureau = cast.client("bureau")
    assert bureau.get(url).context["page"].may_adopt is False
