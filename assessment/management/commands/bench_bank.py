"""`manage.py bench_bank`: look-alikes, list and search of a bank of 50,000 questions, in a scratch database of its own."""

import random
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from assessment.bank.loader import read_folder
from assessment.bank.logic import content_of, search_text_of, secret_of, signature_of
from assessment.bank.models import Question, QuestionVersion
from assessment.bank.selectors import lookalikes, lookalikes_of_many, questions_list
from assessment.bank.selectors.lookalikes import forget_lookalikes
from assessment.bank.services.writing import hash_of
from assessment.bank.types import Filters, Option, Pool, QuestionDocument, QuestionState
from lms.accounts.api import (
    INSTALLATION,
    Acting,
    OrganisationKind,
    PersonData,
    Role,
    User,
    acting_for,
    create_organisation,
    create_person,
    create_user,
    grant_membership,
)
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.types import Level

ALIKE_S, PAGE_MS = 0.3, 60.0
_BATCH = 2000
_FILE = 100  # questions of an imported file
# Her second factor is not what is measured.
_SIGNED_IN = [name for name in settings.MIDDLEWARE if not name.endswith(".FirstThingsMiddleware")]


class Command(BaseCommand):
    help = "Measure a bank of 50,000 questions on a scratch database; prints seconds and CPU milliseconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--runs", type=int, default=15, help="how often each thing is asked; the median is told")
        parser.add_argument("--questions", type=int, default=50_000)

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
            used = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                user = _expert()
                documents = _fill(options["questions"], user)
                for line in measures(documents, user, options["runs"]):
                    self.stdout.write(line)
            finally:
                connection.creation.destroy_test_db(used, verbosity=0)


def measures(documents: Sequence[QuestionDocument], user: User, runs: int) -> Iterator[str]:
    """Lines to print; `documents` are the bank."""
    acting = acting_for(user, None)
    yield from _alike(documents, acting, runs)
    yield from _lists(documents, acting, user, runs)


def _expert() -> User:
    now = clock.now()
    place = create_organisation(by=INSTALLATION, parent=None, name="试验市", kind=OrganisationKind.CITY, now=now)
    user = create_user(
        by=INSTALLATION,
        organisation=place,
        display_name="试验",
        password=str(new_uuid()),
        password_is_initial=False,
        is_demo=True,
        now=now,
    )
    grant_membership(by=INSTALLATION, user=user, organisation=place, role=Role.COMMITTEE, now=now)
    create_person(by=INSTALLATION, organisation=place, data=PersonData(name="试验"), user=user, is_demo=True, now=now)
    return user


def _varied(ours: Sequence[QuestionDocument], count: int) -> Iterator[QuestionDocument]:
    """As long as ours and of our words, in another mixture each: half of one stem, half of another, options of a third."""
    drawn = random.Random(20261121)  # noqa: S311  # a bench must draw the same again
    choices = [document for document in ours if len(document.options) == 4 and document.key.choices]
    for number in range(count):
        one, two, three = drawn.choice(choices), drawn.choice(ours), drawn.choice(choices)
        stem = f"{one.stem[: len(one.stem) // 2]}{two.stem[len(two.stem) // 2 :]}（{number}）"
        options = tuple(
            Option(option.key, text.text)
            for option, text in zip(one.options, drawn.sample(three.options, 4), strict=True)
        )
        yield replace(one, uid=new_uuid(), stem=stem, options=options)


def _fill(count: int, user: User) -> list[QuestionDocument]:
    documents = list(_varied(list(read_folder()), count))
    states = list(QuestionState)
    now = clock.now()
    for start in range(0, count, _BATCH):
        batch = documents[start : start + _BATCH]
        rows = Question.objects.bulk_create(
            Question(
                uuid=document.uid,
                pool=Pool.EXAM,
                level=int(document.place.level),
                topic=document.place.topic,
                type=document.type,
                difficulty=document.place.difficulty,
                step=document.place.step,
                law=document.place.law,
                author=user.uuid if place % 50 == 0 else None,
                search_text=search_text_of(document),
                created_at=now,
                updated_at=now,
            )
            for place, document in enumerate(batch)
        )
        versions = QuestionVersion.objects.bulk_create(
            QuestionVersion(
                question=row,
                number=1,
                content=content_of(document),
                secret=secret_of(document),
                content_hash=hash_of(document),
                signature=signature_of(document),
                author=row.author,
                created_at=now,
            )
            for row, document in zip(rows, batch, strict=True)
        )
        for place, (row, version) in enumerate(zip(rows, versions, strict=True)):
            state = states[place % len(states)]
            row.current, row.state, row.approved = version, state, version if state in _APPROVED else None
        Question.objects.bulk_update(rows, ["current", "approved", "state"], batch_size=300)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return documents


_APPROVED = frozenset({QuestionState.APPROVED, QuestionState.IN_USE, QuestionState.SUSPENDED})


def _alike(documents: Sequence[QuestionDocument], acting: Acting, runs: int) -> Iterator[str]:
    asked = [documents[place * len(documents) // runs] for place in range(runs)]
    forget_lookalikes()
    began = perf_counter()
    lookalikes(acting, asked[0].stem)
    yield f"look-alikes, first question of a process (the table of {len(documents)} is read): {perf_counter() - began:.2f} s"
    whole, typed = [], []
    for document in asked:
        texts = [option.text for option in document.options]
        began = perf_counter()
        found = lookalikes(acting, document.stem.replace("，", "、"), texts)
        whole.append(perf_counter() - began)
        if not any(one.question == document.uid for one in found):
            raise RuntimeError("a question was not found by its own words")
        began = perf_counter()
        lookalikes(acting, document.stem[: len(document.stem) * 2 // 3])
        typed.append(perf_counter() - began)
    worst = max(*whole, *typed)
    yield (
        f"look-alikes among {len(documents)}: a whole question {median(whole) * 1000:.0f} ms, a stem half typed "
        f"{median(typed) * 1000:.0f} ms, the slowest {worst * 1000:.0f} ms, aim {ALIKE_S * 1000:.0f}: "
        f"{'met' if worst < ALIKE_S else 'MISSED'}"
    )
    began = perf_counter()
    lookalikes_of_many(documents[:_FILE])
    yield f"look-alikes of a file of {_FILE} questions: {perf_counter() - began:.2f} s"


def _lists(documents: Sequence[QuestionDocument], acting: Acting, user: User, runs: int) -> Iterator[str]:
    common, rare = "直播", documents[len(documents) // 3].stem[-12:]
    asked: Iterable[tuple[str, str, Filters]] = (
        ("all", "", Filters(pool=Pool.EXAM)),
        ("one topic", "?level=5&topic=C5-01", Filters(pool=Pool.EXAM, level=Level.ELEMENTARY, topic="C5-01")),
        ("hers", "?mine=written", Filters(pool=Pool.EXAM, mine=True)),
        ("waiting for her", "?mine=review", Filters(pool=Pool.EXAM, waiting=True)),
        ("search, in many", f"?q={common}", Filters(pool=Pool.EXAM, words=common)),
        ("search, in one", f"?q={rare}", Filters(pool=Pool.EXAM, words=rare)),
        ("search, in none", "?q=没有这个词", Filters(pool=Pool.EXAM, words="没有这个词")),
    )
    client = _signed_in(user)
    address = reverse("bank:list")
    for name, query, filters in asked:
        read, queries = _timed(lambda filters=filters: questions_list(acting, filters, now=clock.now()), runs)  # type: ignore[misc]
        page, asked_often = _timed(lambda query=query: _page(client, address + query), runs)  # type: ignore[misc]
        yield (
            f"list, {name}: {read:.0f} ms CPU and {queries} queries for what it says; the page through the whole application "
            f"{page:.0f} ms CPU, {asked_often} queries, aim {PAGE_MS:.0f}: {'met' if page <= PAGE_MS else 'MISSED'}"
        )


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _page(client: Client, address: str) -> None:
    with override_settings(ALLOWED_HOSTS=["localhost"], MIDDLEWARE=_SIGNED_IN):
        answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}, a refused page measures nothing")


def _timed(act: Callable[[], Any], runs: int) -> tuple[float, int]:
    """Median CPU milliseconds after a warm-up, and the number of queries."""
    act()
    queries = 0

    # The log of queries is emptied when a request begins. The clock's row is read once a second, whatever is asked.
    def count(execute: Callable[..., Any], sql: str, *said: Any) -> Any:
        nonlocal queries
        queries += "clockoffset" not in sql
        return execute(sql, *said)

    with connection.execute_wrapper(count):
        act()
    taken = []
    for _run in range(runs):
        began = process_time()
        act()
        taken.append((process_time() - began) * 1000)
    return median(taken), queries
