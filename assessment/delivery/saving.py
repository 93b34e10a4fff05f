"""Taking a save in: three statements in one transaction, by hand, because everything else costs more than the work itself.

1. The attempt's row, locked. 2. The answers, inserted. 3. The row's head, moved on. What is not in that path (a repeated
request, an old device, what the page noticed) costs a statement more. Idempotent by attempt, epoch and number: the same
bytes again get the same receipt, other bytes are refused, so a device may send again whatever it has no receipt for.

PostgreSQL has a shorter way for what nearly every save is, new answers of a running attempt from the device that is in: the
row is read, then one statement moves its head and inserts the answers, on condition that the row is as it was read. Nothing
is begun, locked or committed apart, so two rounds take the place of five; and one, where this process stored the save before
and remembers what it left, for the condition says whether that still holds. Whatever else is the case goes the long way.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction

from assessment.delivery.logic import MOST_SEEN, first_hash, take
from assessment.delivery.tokens import Leave
from assessment.delivery.types import (
    AttemptState,
    Batch,
    Head,
    Refusal,
    Saved,
    SaveRefused,
    Standing,
    Stored,
    Stream,
)

_ROW = "SELECT state, epoch, deadline_ms, grace_ms, items, sequence, hash, uuid, noticed FROM assessment_attempt WHERE id = %s"
# A save changes no key: who inserts answers of the attempt, which refer to it, need not wait for a lock on its key.
_LOCK = " FOR NO KEY UPDATE"
_STORED = (
    "SELECT epoch, sequence, position, response, at_ms, standing, hash FROM assessment_answer"
    " WHERE attempt_id = %s AND epoch = %s"
)
_ANSWERS = (
    "INSERT INTO assessment_answer (attempt_id, epoch, sequence, position, response, at_ms, standing, hash) VALUES "
)
_SEEN = "INSERT INTO assessment_integrityevent (attempt_id, epoch, number, kind, at_ms, ago_ms) VALUES "
_FLAGS = "UPDATE assessment_attempt SET sequence = %s, hash = %s, seen_ms = %s, noticed = %s, flags = %s WHERE id = %s"
_HEAD = "UPDATE assessment_attempt SET sequence = %s, hash = %s, seen_ms = %s, noticed = %s WHERE id = %s"
# `answers`: a line of its parameters for each; the conditions are all that `take` looks at.
_AT_ONCE = (
    "WITH moved AS (UPDATE assessment_attempt SET sequence = %s, hash = %s, seen_ms = %s, flags = COALESCE(%s::text, flags)"
    " WHERE id = %s AND state = %s AND epoch = %s AND deadline_ms = %s AND grace_ms = %s AND sequence = %s AND hash = %s"
    " RETURNING id) INSERT INTO assessment_answer"
    " (attempt_id, epoch, sequence, position, response, at_ms, standing, hash)"
    " SELECT moved.id, answer.* FROM moved, (VALUES {answers}) AS answer"
)
# Attempt → its head as this process saw it last. Forgotten all at once where they become many: each is read again then.
_heads: dict[int, Head] = {}
_MOST_HEADS = 5_000
_ONE_ANSWER = "(%s::integer, %s::integer, %s::smallint, %s::text, %s::bigint, %s::text, %s::text)"


def save(leave: Leave, batch: Batch, *, at_ms: int) -> Saved:
    """Store what is new of a batch and say its receipts. at_ms: the server's clock when the request came.

    A database that went away is asked once more on a new connection: had the first try been committed after all, the
    second finds it stored. Raises SaveRefused, DatabaseError.
    """
    try:
        return _save(leave, batch, at_ms)
    except (DatabaseError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return _save(leave, batch, at_ms)


def _save(leave: Leave, batch: Batch, at_ms: int) -> Saved:
    if connection.vendor == "postgresql" and batch.answers and not batch.seen:
        saved = _save_at_once(leave, batch, at_ms)
        if saved is not None:
            return saved
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ROW + (_LOCK if connection.vendor == "postgresql" else ""), [leave.attempt])
        row = cursor.fetchone()
        if row is None or leave.epoch > row[1]:
            raise SaveRefused(Refusal.MALFORMED)
        head = Head(AttemptState(row[0]), *row[1:7])
        stream = Stream(head.sequence, head.hash)
        if leave.epoch != head.epoch:
            stream = _stream_beside(cursor, leave, row[7])
        known = _known(cursor, leave, batch, stream)
        receipts = take(head, leave.epoch, stream, known, batch, at_ms)
        new = [receipt for receipt in receipts if receipt.sequence > stream.sequence]
        if new:
            _insert(cursor, leave, new)
            stream = Stream(new[-1].sequence, new[-1].hash)
        noticed = max(row[8], _note(cursor, leave, batch, at_ms)) if batch.seen else row[8]
        if leave.epoch == head.epoch:
            moved: list[Any] = [stream.sequence, stream.hash, at_ms, noticed]
            if batch.flags is None:
                cursor.execute(_HEAD, [*moved, leave.attempt])
            else:
                cursor.execute(_FLAGS, [*moved, " ".join(map(str, batch.flags)), leave.attempt])
    return Saved(receipts, head.state, head.epoch, head.deadline_ms, stream)


def _save_at_once(leave: Leave, batch: Batch, at_ms: int) -> Saved | None:
    """None where nothing was stored: it is something else, or the row moved on since it was read."""
    with connection.cursor() as cursor:
        for head_of in (_remembered, _read):
            head = head_of(cursor, leave.attempt)
            saved = head and _moved(cursor, head, leave, batch, at_ms)
            if saved:
                return saved
    return None


def _remembered(_cursor: Any, attempt: int) -> Head | None:
    return _heads.get(attempt)


def _read(cursor: Any, attempt: int) -> Head | None:
    cursor.execute(_ROW, [attempt])
    row = cursor.fetchone()
    return Head(AttemptState(row[0]), *row[1:7]) if row else None


def _moved(cursor: Any, head: Head, leave: Leave, batch: Batch, at_ms: int) -> Saved | None:
    """None where nothing was stored: the row is not as `head` says, or these are not the next answers of a running attempt."""
    wanted = (AttemptState.RUNNING, leave.epoch, batch.answers[0].sequence - 1)
    if (head.state, head.epoch, head.sequence) != wanted:
        return None
    try:
        receipts = take(head, leave.epoch, Stream(head.sequence, head.hash), {}, batch, at_ms)
    except SaveRefused:
        return None  # said under the lock, by the row as it is then
    last = receipts[-1]
    flags = None if batch.flags is None else " ".join(map(str, batch.flags))
    values: list[Any] = [last.sequence, last.hash, at_ms, flags, leave.attempt]
    # What `take` judged by; what else it looks at, the number of questions, never changes.
    values += [head.state.value, head.epoch, head.deadline_ms, head.grace_ms, head.sequence, head.hash]
    for one in receipts:
        values += [one.epoch, one.sequence, one.position, one.response, one.at_ms, one.standing.value, one.hash]
    cursor.execute(_AT_ONCE.format(answers=", ".join([_ONE_ANSWER] * len(receipts))), values)
    if cursor.rowcount != len(receipts):
        return None
    if len(_heads) >= _MOST_HEADS:
        _heads.clear()
    _heads[leave.attempt] = replace(head, sequence=last.sequence, hash=last.hash)
    return Saved(receipts, head.state, head.epoch, head.deadline_ms, Stream(last.sequence, last.hash))


def _stream_beside(cursor: Any, leave: Leave, attempt: Any) -> Stream:
    cursor.execute(f"{_STORED} ORDER BY sequence DESC LIMIT 1", [leave.attempt, leave.epoch])
    last = cursor.fetchone()
    return Stream(last[1], last[6]) if last else Stream(0, first_hash(UUID(str(attempt)), leave.epoch))


def _known(cursor: Any, leave: Leave, batch: Batch, stream: Stream) -> dict[int, Stored]:
    if not batch.answers or batch.answers[0].sequence > stream.sequence:
        return {}
    first, last = batch.answers[0].sequence, batch.answers[-1].sequence
    cursor.execute(f"{_STORED} AND sequence BETWEEN %s AND %s", [leave.attempt, leave.epoch, first, last])
    return {
        number: Stored(epoch, number, position, response, at_ms, Standing(standing), receipt)
        for epoch, number, position, response, at_ms, standing, receipt in cursor.fetchall()
    }


def _insert(cursor: Any, leave: Leave, new: Sequence[Stored]) -> None:
    values: list[Any] = []
    for one in new:
        values += [
            leave.attempt,
            one.epoch,
            one.sequence,
            one.position,
            one.response,
            one.at_ms,
            one.standing.value,
            one.hash,
        ]
    cursor.execute(_ANSWERS + ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(new)), values)


def _note(cursor: Any, leave: Leave, batch: Batch, at_ms: int) -> int:
    """The highest number, 0 where nothing is kept."""
    values: list[Any] = []
    seen = [one for one in batch.seen if one.number <= MOST_SEEN]
    for one in seen:
        values += [leave.attempt, leave.epoch, one.number, one.kind.value, at_ms, one.ago_ms]
    if values:
        rows = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(seen))
        cursor.execute(f"{_SEEN}{rows} ON CONFLICT DO NOTHING", values)
    return max((one.number for one in seen), default=0)
