"""Writing versions, restoring, files, drawing: what the bank keeps and what it refuses."""

import io
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from assessment.bank.models import Question, QuestionFile, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import (
    drawable,
    file_for,
    question_for,
    question_page,
    questions_list,
    statistics,
    uids_of,
)
from assessment.bank.services import (
    comment,
    mark_used,
    reinstate,
    restore_version,
    retire,
    store_file,
    submit_for_review,
    suspend,
    write_question,
)
from assessment.bank.types import (
    Filters,
    Key,
    Media,
    MediaKind,
    Option,
    Pool,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Stimulus,
)
from lms.accounts.api import NotAllowed
from lms.core.types import Level
from tests.assessment.bank.world import (
    PLACE,
    Cast,
    approve,
    approved,
    build_cast,
    document,
    row,
    submitted,
    written,
)
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def refused(code: str) -> "pytest.RaisesExc[BankRefusal]":
    return pytest.RaisesExc(BankRefusal, check=lambda refusal: refusal.code == code)


def picture(colour: str = "red", form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, form)
    return out.getvalue()


@pytest.mark.req("S1-26")
def test_a_question_without_level_topic_or_source_goes_nowhere(cast: Cast) -> None:
    for place in (replace(PLACE, topic=""), replace(PLACE, topic="C4-01"), replace(PLACE, level=Level.TECHNICIAN)):
        with pytest.raises(BankRefusal) as said:
            write_question(by=cast.author, document=document(place=place), now=NOW)
        assert (said.value.code, said.value.field) == ("place", "place")
    for difficulty in (0, 6):
        with refused("faults"):
            write_question(by=cast.author, document=document(place=replace(PLACE, difficulty=difficulty)), now=NOW)
    assert not Question.objects.exists()
    for gap in (replace(PLACE, clause=""), replace(PLACE, source="")):
        version = written(cast, place=gap)
        with refused("incomplete"):
            submit_for_review(by=cast.author, question=version.document.uid, version=version.uuid, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.update(topic="")


def test_every_change_is_a_version_and_the_same_words_are_none(cast: Cast) -> None:
    first = written(cast)
    again = write_question(
        by=cast.expert, document=replace(document(), uid=first.document.uid), base=first.uuid, now=NOW
    )
    assert (again.uuid, again.number) == (first.uuid, 1)
    changed = replace(document("换了题干：哪一句是绝对化用语？"), uid=first.document.uid)
    second = write_question(by=cast.expert, document=changed, base=first.uuid, note="题干更清楚", now=NOW)
    assert (second.number, second.author_name, second.note) == (2, "余海燕", "题干更清楚")
    with refused("newer"):  # she began from the first and has not seen the second
        write_question(by=cast.author, document=replace(changed, stem="又一个题干"), base=first.uuid, now=NOW)
    with refused("newer"):
        write_question(by=cast.author, document=replace(changed, stem="又一个题干"), now=NOW)
    held = QuestionVersion.objects.get(uuid=first.uuid)
    with pytest.raises(TypeError):
        held.save()
    with pytest.raises(TypeError):
        QuestionVersion.objects.filter(pk=held.pk).update(number=5)


def test_an_old_version_comes_back_as_a_new_one(cast: Cast) -> None:
    first = written(cast)
    uid = first.document.uid
    write_question(by=cast.author, document=replace(document("第二版的题干"), uid=uid), base=first.uuid, now=NOW)
    third = restore_version(by=cast.expert, question=uid, number=1, now=NOW)
    assert (third.number, third.restored_from, third.document.stem) == (3, 1, first.document.stem)
    assert row(uid).current.content_hash == QuestionVersion.objects.get(uuid=first.uuid).content_hash  # type: ignore[union-attr]
    with refused("same"):
        restore_version(by=cast.expert, question=uid, number=3, now=NOW)


@pytest.mark.req("S1-27")
@pytest.mark.req("S1-31")
def test_only_what_was_approved_is_drawn_and_by_that_version(cast: Cast) -> None:
    written(cast, stem="草稿，不能抽")
    submitted(cast, stem="在审，不能抽")
    version = approved(cast)
    uid = version.document.uid
    (drawn,) = drawable(Level.ELEMENTARY)
    assert (drawn.question, drawn.version, drawn.topic, drawn.law) == (uid, version.uuid, "C5-01", True)
    assert drawable(Level.INTERMEDIATE) == ()

    # A new version is a draft; papers go on with what was approved, in its own place.
    elsewhere = replace(PLACE, level=Level.INTERMEDIATE, topic="C4-02")
    moved = replace(document("改后的题干", place=elsewhere), uid=uid)
    second = write_question(by=cast.author, document=moved, base=version.uuid, now=NOW)
    assert row(uid).state == QuestionState.DRAFT
    assert [one.version for one in drawable(Level.ELEMENTARY)] == [version.uuid]
    assert drawable(Level.INTERMEDIATE) == ()
    submit_for_review(by=cast.author, question=uid, version=second.uuid, now=NOW)
    approve(cast, second)
    assert drawable(Level.ELEMENTARY) == ()
    assert [one.version for one in drawable(Level.INTERMEDIATE)] == [second.uuid]


@pytest.mark.req("S1-31")
def test_what_was_suspended_or_retired_is_not_drawn(cast: Cast) -> None:
    version = approved(cast)
    uid = version.document.uid
    mark_used(questions=[uid], now=NOW)
    assert (row(uid).state, row(uid).exposure) == (QuestionState.IN_USE, 1)
    with refused("reason"):
        suspend(by=cast.author, question=uid, reason=" ", now=NOW)
    suspend(by=cast.author, question=uid, reason="考生反映两个选项都对", now=NOW)
    assert drawable(Level.ELEMENTARY) == ()
    with refused("drawable"):
        mark_used(questions=[uid], now=NOW)
    with refused("author"):
        reinstate(by=cast.author, question=uid, reason="没有问题", now=NOW)
    reinstate(by=cast.third, question=uid, reason="专家复核：只有一个对", now=NOW)
    assert row(uid).state == QuestionState.IN_USE
    suspend(by=cast.third, question=uid, reason="法条修改", now=NOW)
    # Edited while suspended: what was taken out does not come back by the edit.
    write_question(by=cast.third, document=replace(document("按新法条改"), uid=uid), base=version.uuid, now=NOW)
    assert row(uid).approved is None
    assert drawable(Level.ELEMENTARY) == ()
    retire(by=cast.author, question=uid, reason="重出一题", now=NOW)
    newest = row(uid).current
    assert newest is not None
    with refused("retired"):
        write_question(by=cast.author, document=replace(document("还想改"), uid=uid), base=newest.uuid, now=NOW)
    page = question_page(cast.author, uid, now=NOW)
    assert [move.reason for move in page.moves][:2] == ["重出一题", ""]
    assert not page.rights.write
    assert not page.rights.retire


@pytest.mark.req("S1-28")
def test_one_bank_for_all_and_no_institution_reads_an_item(cast: Cast) -> None:
    uid = approved(cast).document.uid
    for outsider in (cast.school, cast.teacher, cast.chief, cast.inspector):
        for ask in (
            partial(question_for, outsider, uid),
            partial(questions_list, outsider, Filters(), now=NOW),
            partial(question_page, outsider, uid, now=NOW),
            partial(uids_of, outsider, Filters(), now=NOW),
            partial(written, cast, by=outsider),
        ):
            with pytest.raises(NotAllowed):
                ask()
    # How the bank is filled is no secret to those who answer for examinations.
    for reader in (cast.chief, cast.author, cast.bureau, cast.inspector):
        (topic,) = [one for one in statistics(reader) if one.questions]
        assert (topic.topic, topic.questions, topic.usable) == ("C5-01", 1, 1)
    for outsider in (cast.school, cast.teacher):
        with pytest.raises(NotAllowed):
            statistics(outsider)
    # The bureau reads for its audit, and reads no colleague's words.
    comment(by=cast.author, question=uid, words="答案应是 B", now=NOW)
    assert [one.words for one in question_page(cast.expert, uid, now=NOW).comments] == ["答案应是 B"]
    page = question_page(cast.bureau, uid, now=NOW)
    assert page.comments == ()
    assert not page.rights.write
    assert not page.rights.judge
    assert page.rights.see_key
    with pytest.raises(NotAllowed):
        comment(by=cast.bureau, question=uid, words="x", now=NOW)


def test_pictures_are_made_anew_and_belong_to_their_question(cast: Cast) -> None:
    photo = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "somebody's garden"
    Image.new("RGB", (40, 30), "green").save(photo, "JPEG", exif=exif)
    media = store_file(by=cast.author, data=photo.getvalue(), name="garden.jpg", now=NOW)
    held = QuestionFile.objects.get(sha256=media.sha256)
    from django.core.files.storage import storages

    with storages["private"].open(held.storage_key) as stored:
        kept = stored.read()
    assert b"garden" not in kept
    assert (held.kind, held.mime) == (MediaKind.PICTURE, "image/jpeg")
    # What is ours already stays as it is: exporting and importing a picture does not make another.
    assert store_file(by=cast.author, data=kept, name="x.jpg", now=NOW).sha256 == media.sha256
    for bad in (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"GIF89a not a picture", b"MZ program"):
        with refused("file"):
            store_file(by=cast.author, data=bad, name="bad.png", now=NOW)

    shown = document("看图 ![图](garden.jpg)，是什么茶？", media=(media,), explanation="见 ![解](key.png)")
    key_picture = picture("blue")
    whole = replace(shown, media=(media, Media("key.png", "0" * 64, MediaKind.PICTURE)))
    with refused("file"):
        write_question(by=cast.author, document=whole, now=NOW)
    version = write_question(by=cast.author, document=whole, files={"key.png": key_picture}, now=NOW)
    # The explanation's picture is as secret as the explanation.
    assert [one.name for one in version.document.media] == ["garden.jpg"]
    assert file_for(cast.author, whole.uid, media.sha256) == held
    other = written(cast, stem="另一道题，没有图")
    with pytest.raises(Http404):
        file_for(cast.author, other.document.uid, media.sha256)
    with pytest.raises(NotAllowed):
        file_for(cast.school, whole.uid, media.sha256)


ALL_TYPES: tuple[QuestionDocument, ...] = (
    document(),
    document("多选？", type=QuestionType.MULTIPLE, key=Key(choices=("A", "C"))),
    document("判断。", type=QuestionType.TRUE_FALSE, options=(), key=Key(truth=False)),
    document(
        "广告法由____负责，____执行。",
        type=QuestionType.FILL,
        options=(),
        key=Key(blanks=(("国家", "政府"), ("市场监管",))),
    ),
    document("排序。", type=QuestionType.ORDERING, key=Key(choices=("C", "A", "D", "B"))),
    document(
        "连线。",
        type=QuestionType.MATCHING,
        options=(
            Option("1", "左一"),
            Option("2", "左二"),
            Option("A", "右一"),
            Option("B", "右二"),
            Option("C", "右三"),
        ),
        key=Key(pairs=(("1", "C"), ("2", "A"))),
    ),
    document(
        "简答。",
        type=QuestionType.SHORT,
        options=(),
        key=Key(model="要点一；要点二"),
        stimulus=Stimulus(uuid4(), "共用材料"),
    ),
)


@pytest.mark.parametrize("made", ALL_TYPES, ids=lambda made: made.type.value)
def test_every_type_comes_back_as_it_was(cast: Cast, made: QuestionDocument) -> None:
    from assessment.bank.logic import document_from

    version = write_question(by=cast.author, document=made, now=NOW)
    held = QuestionVersion.objects.get(uuid=version.uuid)
    assert document_from(made.uid, held.content, held.secret) == made
    assert version.document == replace(made, key=Key(), explanation="")


def test_lists_narrow_search_and_page_with_constant_queries(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stems = [f"第{number}题：快递费怎么说" for number in range(30)]
    for stem in stems:
        written(cast, stem=stem)
    written(cast, by=cast.expert, stem="ＡＢＣ认证 Full-Width")
    first = questions_list(cast.author, Filters(), now=NOW)
    assert (len(first.rows), first.count, first.beyond, first.after) == (25, 31, False, None)
    second = questions_list(cast.author, Filters(), before=first.before, now=NOW)
    assert len(second.rows) == 6
    assert second.before is None
    assert questions_list(cast.author, Filters(), after=second.after, now=NOW).rows == first.rows
    assert {one.serial for one in first.rows}.isdisjoint(one.serial for one in second.rows)

    (found,) = questions_list(cast.author, Filters(words="abc full-width"), now=NOW).rows
    assert found.author_name == "余海燕"
    assert questions_list(cast.author, Filters(words="快递费 第7题"), now=NOW).count == 1
    assert questions_list(cast.author, Filters(words=str(found.serial)), now=NOW).rows[0].serial == found.serial
    assert questions_list(cast.author, Filters(mine=True), now=NOW).count == 30
    assert questions_list(cast.author, Filters(words="绝对化用语"), now=NOW).count == 31
    assert questions_list(cast.author, Filters(words="解析里才有"), now=NOW).count == 0
    for filters in (
        Filters(level=Level.INTERMEDIATE),
        Filters(topic="C4-01"),
        Filters(state=QuestionState.APPROVED),
        Filters(pool=Pool.PRACTICE),
        Filters(difficulty=5),
        Filters(type=QuestionType.FILL),
    ):
        assert questions_list(cast.author, filters, now=NOW).count == 0
    with django_assert_num_queries(3):
        questions_list(cast.author, Filters(words="快递费"), now=NOW)
    with django_assert_num_queries(3):
        questions_list(cast.author, Filters(words="认证"), now=NOW)


def test_a_page_of_a_question_asks_as_often_whatever_was_said(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = submitted(cast)
    uid = version.document.uid
    for number in range(5):
        comment(by=cast.author, question=uid, words=f"第{number}句", now=NOW + timedelta(minutes=number))
    with django_assert_num_queries(19):
        page = question_page(cast.expert, uid, now=NOW)
    assert len(page.comments) == 5
    assert page.rights.judge
    assert (page.approvals, page.quorum) == (0, 2)
