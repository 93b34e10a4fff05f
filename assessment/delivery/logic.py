"""The exam's arithmetic: clock and grace, receipts, what counts, the order of options, the waiting room. No Django."""

import json
import random
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

from assessment.delivery.types import (
    ATTEMPT_MOVES,
    TAKEN,
    AttemptClock,
    AttemptState,
    Batch,
    Happened,
    Head,
    Kind,
    Line,
    NotPossible,
    Refusal,
    SaveRefused,
    Seen,
    Sent,
    Standing,
    Stored,
    Stream,
    Watched,
)

# One request, one answer, one stream: far above an honest exam (40 answers, a few changes each).
MOST_IN_A_BATCH = 50
MOST_SEEN_IN_A_BATCH = 50
MOST_BYTES = 64 * 1024
MOST_RESPONSE = 24 * 1024
MOST_ANSWERS = 5_000
MOST_SEEN = 2_000
MOST_FLAGS = 500
# An attempt is ended by the machine this much after deadline and grace, so that a save on its way is before it.
SETTLE_MS = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_BETWEEN = " ,.;:、，。；：-→>\n\t"
_PAIR = re.compile(r"([0-9]+)[ \-—:.]*([A-Z])")
_TRUE, _FALSE = frozenset({"√", "✓", "对", "T", "1"}), frozenset({"×", "✗", "错", "X", "F", "0"})


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware moment, rounded down."""
    return (moment - _EPOCH) // _MS


def to_moment(ms: int) -> datetime:
    """The moment, aware, UTC."""
    return _EPOCH + ms * _MS


# ---- clock ----


def step(clock: AttemptClock | None, event: Happened) -> AttemptClock:
    """The clock after an event; None before the first, which is ENTERED. Raises NotPossible."""
    if clock is None or event.kind is Kind.ENTERED:
        if clock is not None or event.kind is not Kind.ENTERED:
            raise NotPossible(clock.state if clock else "not_started", event.kind)
        return AttemptClock()
    allowed, after = ATTEMPT_MOVES[event.kind]
    if clock.state not in allowed:
        raise NotPossible(clock.state, event.kind)
    moved = replace(clock, state=after or clock.state)
    if event.kind is Kind.STARTED:
        return replace(moved, started_ms=event.at_ms, deadline_ms=event.at_ms + (event.value or 0))
    if event.kind is Kind.DEVICE:
        return replace(moved, epoch=clock.epoch + 1)
    if event.kind is Kind.PAUSED:
        return replace(moved, paused_ms=event.at_ms)
    if event.kind is Kind.RESUMED:
        # What the pause took is given back to the millisecond; a clock that was set back takes nothing away.
        stood = max(0, event.at_ms - (clock.paused_ms or event.at_ms))
        return replace(moved, paused_ms=None, deadline_ms=(clock.deadline_ms or 0) + stood)
    if event.kind is Kind.EXTENDED:
        return replace(moved, deadline_ms=(clock.deadline_ms or 0) + (event.value or 0))
    return moved


def add_up(events: Iterable[Happened]) -> AttemptClock | None:
    """The clock after all of them. Raises NotPossible."""
    clock: AttemptClock | None = None
    for event in events:
        clock = step(clock, event)
    return clock


def in_time(deadline_ms: int | None, grace_ms: int, at_ms: int) -> bool:
    """Whether an answer that arrived then counts: up to the deadline and the grace that everybody has, both included."""
    return deadline_ms is not None and at_ms <= deadline_ms + grace_ms


# ---- receipts ----


def first_hash(attempt: UUID, epoch: int) -> str:
    """What the first receipt of a device continues: 64 hex digits."""
    return sha256(f"kaibo.exam/{attempt}/{epoch}".encode()).hexdigest()


def link(previous: str, epoch: int, sent: Sent, at_ms: int, standing: Standing) -> Stored:
    """The answer as it is stored: its hash is SHA-256 over all it says and the receipt before."""
    said = f"{previous}\n{epoch}\n{sent.sequence}\n{sent.position}\n{at_ms}\n{standing}\n{sent.response}"
    digest = sha256(said.encode()).hexdigest()
    return Stored(epoch, sent.sequence, sent.position, sent.response, at_ms, standing, digest)


def check_stream(attempt: UUID, epoch: int, rows: Sequence[Stored]) -> str:
    """What is wrong with a device's stream of receipts, "" when nothing is. rows: all of one epoch, in order."""
    previous = first_hash(attempt, epoch)
    for number, row in enumerate(rows, start=1):
        if row.sequence != number:
            return f"answer {epoch}.{number} is missing"
        sent = Sent(row.sequence, row.position, row.response)
        if link(previous, epoch, sent, row.at_ms, row.standing) != row:
            return f"answer {epoch}.{number} was changed"
        previous = row.hash
    return ""


def canonical(response: Any) -> str:
    """The one text of a response: JSON in ASCII, keys sorted. Every character a keyboard can make has a place in it."""
    return json.dumps(response, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _whole(thing: Any, least: int, most: int) -> int:
    if type(thing) is not int or not least <= thing <= most:
        raise ValueError("not such a number")
    return thing


def _sent(thing: Any) -> Sent:
    response = canonical(thing["response"])
    if len(response) > MOST_RESPONSE:
        raise ValueError("the answer is too long")
    return Sent(_whole(thing["sequence"], 1, 10**9), _whole(thing["position"], 1, 10_000), response)


def _seen(thing: Any) -> Seen:
    kind = Watched(thing["kind"])
    if kind is Watched.SECOND_DEVICE:
        raise ValueError("said by the server alone")
    return Seen(_whole(thing["number"], 1, 10**9), kind, min(_whole(thing["ago_ms"], 0, 10**12), 10**9))


def _flags(thing: Any) -> tuple[int, ...] | None:
    if thing is None:
        return None
    if type(thing) is not list or len(thing) > MOST_FLAGS:
        raise ValueError("not flags")
    return tuple(sorted({_whole(one, 1, 10_000) for one in thing}))


def read_batch(body: bytes) -> Batch:
    """What a request's body says: `{"previous": hash, "answers": [{"sequence", "position", "response"}…], "seen": [{"number",
    "kind", "ago_ms"}…], "flags": [position…]}`, answers numbered without a gap. Raises SaveRefused."""
    try:
        said = json.loads(body)
        answers = tuple(_sent(thing) for thing in said.get("answers", ()))
        seen = tuple(_seen(thing) for thing in said.get("seen", ()))
        previous = said["previous"] if answers else ""
        flags = _flags(said.get("flags"))
        if (
            not isinstance(previous, str)
            or (answers and len(previous) != 64)
            or len(answers) > MOST_IN_A_BATCH
            or len(seen) > MOST_SEEN_IN_A_BATCH
            or any(after.sequence != before.sequence + 1 for before, after in pairwise(answers))
        ):
            raise ValueError("not a batch")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise SaveRefused(Refusal.MALFORMED) from None
    return Batch(previous, answers, seen, flags)


def take(
    head: Head, epoch: int, stream: Stream, known: Mapping[int, Stored], batch: Batch, at_ms: int
) -> tuple[Stored, ...]:
    """The receipts of a batch; those whose number is above the stream's are new and to be stored.

    epoch: the sender's; stream: the end of her device's stream; known: what is stored of the batch's numbers, by number.
    Raises SaveRefused; then nothing may be stored.
    """
    if head.state is AttemptState.WAITING:
        raise SaveRefused(Refusal.NOT_STARTED, stream)
    receipts: list[Stored] = []
    previous = stream.hash
    for sent in batch.answers:
        old = known.get(sent.sequence)
        if old is not None:
            if (old.position, old.response) != (sent.position, sent.response):
                raise SaveRefused(Refusal.CONFLICT, stream)
            receipts.append(old)
            continue
        if sent.sequence > stream.sequence + 1 and not receipts:
            raise SaveRefused(Refusal.GAP, stream)
        if not receipts and batch.previous != previous:
            raise SaveRefused(Refusal.FORK, stream)
        if sent.sequence > MOST_ANSWERS:
            raise SaveRefused(Refusal.TOO_MANY, stream)
        if sent.position > head.items:
            raise SaveRefused(Refusal.MALFORMED, stream)
        if epoch == head.epoch and head.state is AttemptState.PAUSED:
            raise SaveRefused(Refusal.PAUSED, stream)
        made = link(previous, epoch, sent, at_ms, worth(head, epoch, at_ms))
        receipts.append(made)
        previous = made.hash
    return tuple(receipts)


def worth(head: Head, epoch: int, at_ms: int) -> Standing:
    """What an answer arriving then is worth. Arrived in time but stored after the machine ended the attempt still counts."""
    if epoch != head.epoch:
        return Standing.BESIDE
    alive = head.state in {AttemptState.RUNNING, AttemptState.TIMED_OUT}
    return Standing.COUNTED if alive and in_time(head.deadline_ms, head.grace_ms, at_ms) else Standing.LATE


# ---- what counts ----


def sheet(rows: Iterable[Stored], accepted: Collection[tuple[int, int]] = ()) -> dict[int, Stored]:
    """Position → the answer that counts. accepted: (epoch, sequence) of what the chief lets count.

    The last of a device's stream stands, a later device's over an earlier one's. An accepted late answer takes its place
    in that order; an accepted one from beside only where nothing else counts: never over what was acknowledged.
    """
    found: dict[int, Stored] = {}
    beside: dict[int, Stored] = {}
    for row in sorted(rows, key=lambda row: (row.epoch, row.sequence)):
        if row.standing in TAKEN or (row.standing is Standing.LATE and (row.epoch, row.sequence) in accepted):
            found[row.position] = row
        elif (row.epoch, row.sequence) in accepted:
            beside[row.position] = row
    return {**beside, **found}


# ---- a paper form ----


def read_keyed(type_: str, text: str, *, left: Collection[str], options: Collection[str], blanks: int) -> Any:
    """The response that was written on paper, from what somebody keyed in; None for nothing. Letters as on the form.

    type_: of the question (`bank.types.QuestionType`). Choices and orders: letters ("ACD"); true or false: √ or ×, 对 or 错, T
    or F; pairs: "1B 2A"; blanks: a line each; short answers: the text. Raises ValueError for what the question has not.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    if not said:
        return None
    match type_:
        case "true_false":
            return said.upper() in _TRUE if said.upper() in _TRUE | _FALSE else _unreadable()
        case "fill":
            lines = [line.strip() for line in text.strip("\n").split("\n")]
            return lines + [""] * (blanks - len(lines)) if len(lines) <= blanks else _unreadable()
        case "short":
            return text.strip()
        case "matching":
            pairs = _PAIR.findall(said.upper())
            good = _PAIR.sub("", said.upper()).strip(_BETWEEN) == "" and len(dict(pairs)) == len(pairs)
            known = all(one in left and other in options for one, other in pairs)
            return dict(sorted(pairs)) if pairs and good and known else _unreadable()
    letters = [sign for sign in said.upper() if sign not in _BETWEEN]
    if (
        len(set(letters)) != len(letters)
        or not set(letters) <= set(options)
        or (type_ == "single" and len(letters) > 1)
    ):
        _unreadable()
    return letters if type_ == "ordering" else sorted(letters)


def _unreadable() -> Any:
    raise ValueError("no such answer")


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[int, ...]:
    """The positions where two keyings (position → response) differ, in order."""
    places = {int(place) for place in (*one, *other)}
    return tuple(sorted(place for place in places if one.get(str(place)) != other.get(str(place))))


# ---- order of options ----


def option_order(seed: str, version: UUID, keys: Sequence[str]) -> tuple[str, ...]:
    """The options as this candidate sees them: the same for good, whatever Python does with its random numbers."""

    begun = sha256(f"{seed}/{version}/".encode())

    def draw(key: str) -> bytes:
        drawn = begun.copy()
        drawn.update(key.encode())
        return drawn.digest()

    return tuple(sorted(keys, key=draw))


def forms_by_seat(forms: Sequence[str], count: int, seed: str) -> tuple[str, ...]:
    """A form for each of so many seats in a row: neighbours differ as far as there are forms; who begins is drawn."""
    shift = random.Random(seed).randrange(len(forms))  # noqa: S311  # no secret: the seat plan shows it
    return tuple(forms[(shift + seat) % len(forms)] for seat in range(count))


# ---- waiting room ----


def line(place: int, *, opens_ms: int, entered_ms: int, starts_per_minute: int, now_ms: int) -> Line:
    """When the n-th who came may go in, and how many go before her. place counts from 1.

    One after the other from the opening on, `starts_per_minute` of them in a minute; who comes when the line is gone goes
    in at once. Nobody loses time by it: her clock starts when her paper opens.
    """
    enters = max(entered_ms, opens_ms + (place - 1) * 60_000 // starts_per_minute)
    gone = 0 if now_ms < opens_ms else (now_ms - opens_ms) * starts_per_minute // 60_000 + 1
    return Line(place, max(0, place - 1 - gone), enters)


# ---- Safe Exam Browser ----


def browser_key_fits(url: str, said: Collection[str], keys: Collection[str]) -> bool:
    """Whether a page's hash is one of the sitting's keys: SHA-256 over address (without its fragment) and key, in hex, as Safe
    Exam Browser sends it of its configuration (`X-SafeExamBrowser-ConfigKeyHash`) and of itself
    (`X-SafeExamBrowser-RequestHash`). True when the sitting asks for none."""
    wanted = {sha256(f"{url}{key}".encode()).hexdigest() for key in keys}
    return not keys or any(one.lower() in wanted for one in said)
