"""What a save stores, what it is answered, and what it never touches."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.delivery.logic import first_hash, read_batch, to_ms
from assessment.delivery.models import Answer
from assessment.delivery.saving import save
from assessment.delivery.selectors import answers_of, answers_that_count, current_answers, recount
from assessment.delivery.services import (
    change_device,
    hand_in,
    pause_attempt,
    resume_attempt,
    time_out_due,
    void_attempt,
)
from assessment.delivery.types import AttemptState, Batch, Refusal, SaveRefused, Seen, Standing, Watched
from tests.assessment.delivery.world import (
    GRACE_S,
    MINUTES,
    OPENS,
    World,
    again,
    batch,
    leave,
    ms,
    opened,
    receipts,
    running,
    waiting,
)

AT = ms(OPENS + timedelta(minutes=5))
END = ms(OPENS + timedelta(minutes=1 + MINUTES)) + GRACE_S * 1000


def refused(code: Refusal, *words, **more):
    with pytest.raises(SaveRefused) as told:
        save(*words, **more)
    assert told.value.code is code
    return told.value


def test_a_save_is_three_statements_or_two_and_its_receipts_are_a_chain(world: World) -> None:
    opened(world)
    row = running(world)
    with CaptureQueriesContext(connection) as asked:
        saved = save(leave(row), batch(row.hash, 1, (1, '["A"]'), (2, '["B","C"]')), at_ms=AT)
    sql = [query["sql"].split()[0] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    # PostgreSQL: head and answers by one statement, on condition that the row is as it was read.
    assert sql == (["SELECT", "WITH"] if connection.vendor == "postgresql" else ["SELECT", "INSERT", "UPDATE"])
    assert receipts(saved.receipts) == [(1, "counted"), (2, "counted")]
    third = save(leave(row), batch(saved.stream.hash, 3, (1, '["D"]')), at_ms=AT + 900)
    assert current_answers(row.uuid) == {1: ["D"], 2: ["B", "C"]}
    told = recount(row.uuid)
    assert (told.problem, told.answers, told.stream) == ("", 3, third.stream)
    chain = [row.hash, *(one.hash for one in (*saved.receipts, *third.receipts))]
    assert chain[0] == first_hash(row.uuid, 1)
    assert all(before != after for before, after in pairwise(chain))


def test_the_same_bytes_again_have_the_same_receipt_and_other_bytes_are_refused(world: World) -> None:
    opened(world)
    row = running(world)
    sent = batch(row.hash, 1, (1, '["A"]'), (2, "true"))
    first = save(leave(row), sent, at_ms=AT)
    assert save(leave(row), sent, at_ms=AT + 60_000).receipts == first.receipts
    # Half of it is known, half is new.
    longer = batch(row.hash, 2, (2, "true"), (3, "null"))
    assert receipts(save(leave(row), longer, at_ms=AT).receipts) == [(2, "counted"), (3, "counted")]
    told = refused(Refusal.CONFLICT, leave(row), batch(row.hash, 1, (1, '["B"]')), at_ms=AT)
    assert told.stream.sequence == 3
    assert Answer.objects.count() == 3
    assert recount(row.uuid).problem == ""


def test_a_gap_and_a_fork_are_refused_whole(world: World) -> None:
    opened(world)
    row = running(world)
    told = refused(Refusal.GAP, leave(row), batch(row.hash, 2, (1, '["A"]')), at_ms=AT)
    assert (told.stream.sequence, told.stream.hash) == (0, row.hash)
    refused(Refusal.FORK, leave(row), batch("f" * 64, 1, (1, '["A"]')), at_ms=AT)
    refused(Refusal.MALFORMED, leave(row), batch(row.hash, 1, (1, '["A"]'), (41, '["A"]')), at_ms=AT)
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    "late_ms, standing",
    ((-1000, Standing.COUNTED), (0, Standing.COUNTED), (1, Standing.LATE), (1000, Standing.LATE)),
)
def test_the_deadline_and_its_grace_to_the_millisecond(world: World, late_ms: int, standing: Standing) -> None:
    opened(world)
    row = running(world)
    saved = save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=END + late_ms)
    assert [one.standing for one in saved.receipts] == [standing]
    assert bool(current_answers(row.uuid)) is (standing is Standing.COUNTED)


def test_what_arrived_in_time_counts_though_the_machine_ended_it_first(world: World) -> None:
    opened(world)
    row = running(world)
    assert time_out_due(now=OPENS + timedelta(minutes=MINUTES + 2)) == 0
    assert time_out_due(now=OPENS + timedelta(minutes=MINUTES + 4)) == 1
    assert again(row).state == AttemptState.TIMED_OUT
    saved = save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=END)
    assert receipts(saved.receipts) == [(1, "counted")]
    assert saved.state is AttemptState.TIMED_OUT


def test_what_an_old_device_holds_lies_beside_and_never_over(world: World) -> None:
    opened(world)
    row = running(world)
    old = leave(row)
    first = save(old, batch(row.hash, 1, (1, '["A"]')), at_ms=AT)
    change_device(
        by=world.cast.acting("owner"), attempt=row.uuid, device=again(row).uuid, now=OPENS + timedelta(minutes=6)
    )
    fresh = again(row)
    save(leave(fresh), batch(fresh.hash, 1, (2, '["B"]')), at_ms=AT + 90_000)
    late = save(old, batch(first.stream.hash, 2, (1, '["C"]'), (2, '["D"]'), (3, '["D"]')), at_ms=AT + 95_000)
    assert receipts(late.receipts) == [(2, "beside"), (3, "beside"), (4, "beside")]
    assert (late.epoch, late.stream.sequence) == (2, 4)
    # Its own chain goes on, is idempotent and the new device's is untouched.
    assert save(old, batch(first.stream.hash, 2, (1, '["C"]')), at_ms=AT + 99_000).receipts == late.receipts[:1]
    assert current_answers(row.uuid) == {1: ["A"], 2: ["B"]}
    assert recount(row.uuid).problem == ""
    assert refused(Refusal.CONFLICT, old, batch(first.stream.hash, 2, (1, '["B"]')), at_ms=AT).stream.sequence == 4


def test_a_device_that_never_saved_begins_its_stream_beside(world: World) -> None:
    opened(world)
    row = running(world)
    change_device(by=world.cast.acting("owner"), attempt=row.uuid, device=row.uuid, now=OPENS + timedelta(minutes=6))
    saved = save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=AT)
    assert receipts(saved.receipts) == [(1, "beside")]
    assert recount(row.uuid).problem == ""


def test_a_pause_keeps_new_answers_out_but_still_says_receipts(world: World) -> None:
    opened(world)
    row = running(world)
    sent = batch(row.hash, 1, (1, '["A"]'))
    first = save(leave(row), sent, at_ms=AT)
    pause_attempt(by=world.invigilator, attempt=row.uuid, reason="停电", now=OPENS + timedelta(minutes=6))
    assert save(leave(row), sent, at_ms=AT).receipts == first.receipts
    more = batch(first.stream.hash, 2, (2, '["B"]'))
    refused(Refusal.PAUSED, leave(row), more, at_ms=AT)
    resume_attempt(by=world.invigilator, attempt=row.uuid, now=OPENS + timedelta(minutes=16))
    assert receipts(save(leave(row), more, at_ms=AT).receipts) == [(2, "counted")]
    assert again(row).deadline_ms == ms(OPENS + timedelta(minutes=1 + MINUTES + 10))
    # Ten minutes more, to the millisecond.
    end = save(leave(row), batch(again(row).hash, 3, (3, '["A"]')), at_ms=END + 600_000)
    assert receipts(end.receipts) == [(3, "counted")]


def test_after_the_end_answers_are_kept_as_late(world: World) -> None:
    opened(world)
    row = running(world)
    owner = world.cast.acting("owner")
    saved = save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=AT)
    hand_in(
        by=owner,
        attempt=row.uuid,
        device=row.device,
        sequence=1,
        head=saved.stream.hash,
        now=OPENS + timedelta(minutes=6),
    )
    late = save(leave(row), batch(saved.stream.hash, 2, (1, '["B"]')), at_ms=AT)
    assert (receipts(late.receipts), late.state) == ([(2, "late")], AttemptState.HANDED_IN)
    assert current_answers(row.uuid) == {1: ["A"]}
    void_attempt(by=world.cast.acting("chief"), attempt=row.uuid, reason="走错考场", now=OPENS + timedelta(hours=2))
    assert recount(row.uuid).problem == ""


def test_nothing_is_saved_before_the_start_or_for_another_epoch(world: World) -> None:
    opened(world)
    row = waiting(world)
    refused(Refusal.NOT_STARTED, leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=AT)
    refused(Refusal.MALFORMED, leave(row, epoch=2), batch(row.hash, 1, (1, '["A"]')), at_ms=AT)
    assert Answer.objects.count() == 0


def test_what_the_page_noticed_is_kept_once(world: World) -> None:
    opened(world)
    row = running(world)
    sent = Batch("", seen=(Seen(1, Watched.FOCUS_LOST, 4000), Seen(2, Watched.FOCUS_BACK, 1000)))
    for _time in range(2):
        save(leave(row), sent, at_ms=AT)
    kept = row.watched.order_by("number").values_list("number", "kind", "at_ms", "ago_ms")
    assert list(kept) == [(1, "focus_lost", AT, 4000), (2, "focus_back", AT, 1000)]
    assert again(row).seen_ms == AT


@pytest.mark.parametrize(
    "field, other",
    (("response", '["B"]'), ("position", 3), ("at_ms", AT - 1), ("standing", "late"), ("hash", "0" * 64)),
)
def test_a_changed_answer_is_found(world: World, field: str, other: int | str) -> None:
    opened(world)
    row = running(world)
    save(leave(row), batch(row.hash, 1, (1, '["A"]'), (2, '["A"]')), at_ms=AT)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE assessment_answer SET {field} = %s WHERE sequence = 1", [other])  # noqa: S608
    assert recount(row.uuid).problem == "answer 1.1 was changed"


def test_a_taken_away_answer_is_found(world: World) -> None:
    opened(world)
    row = running(world)
    save(leave(row), batch(row.hash, 1, (1, '["A"]'), (2, '["A"]')), at_ms=AT)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM assessment_answer WHERE sequence = 2")
    assert recount(row.uuid).problem == "the row's last receipt is not the last answer's"
    assert to_ms(OPENS) < AT
    assert answers_that_count(row.uuid)[1].response == ["A"]


def test_flags_are_kept_for_a_change_of_device_and_are_no_answer(world: World) -> None:
    opened(world)
    row = running(world)
    said = save(leave(row), read_batch(b'{"flags": [7, 3, 7]}'), at_ms=ms(OPENS))
    assert (again(row).flags, said.receipts) == ("3 7", ())
    save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=ms(OPENS))
    assert again(row).flags == "3 7"
    save(leave(row), read_batch(b'{"flags": []}'), at_ms=ms(OPENS))
    assert (again(row).flags, answers_of(row.uuid)[0].response) == ("", ["A"])
    for wrong in (b'{"flags": [0]}', b'{"flags": "1"}', b'{"flags": [true]}'):
        with pytest.raises(SaveRefused):
            read_batch(wrong)
