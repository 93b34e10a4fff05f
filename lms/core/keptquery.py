"""A question that every request asks, put into SQL once a connection.

Django builds and compiles a queryset anew each time; for a row with two relations that took four times what fetching it and
making its objects took. For the few questions at the door of every page alone: elsewhere a queryset says it better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

from lms.core.ids import new_uuid


@dataclass(frozen=True)
class _Plan:
    """sql: with its parameters; names: which argument stands at each place, "" where always the same."""

    sql: str
    parameters: tuple[Any, ...]
    names: tuple[str, ...]
    compiler: Any
    converters: Any
    locks: bool


class _Answered:
    """Django's compiler of a question that has been answered: what makes objects of rows asks nothing else."""

    def __init__(self, plan: _Plan, rows: Sequence[Any]) -> None:
        self._plan, self._rows = plan, rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plan.compiler, name)

    def execute_sql(self, **_how: Any) -> list[Sequence[Any]]:
        return [self._rows]

    def results_iter(self, results: list[Sequence[Any]]) -> Any:
        rows = chain.from_iterable(results)
        return self._plan.compiler.apply_converters(rows, self._plan.converters) if self._plan.converters else rows


M = TypeVar("M", bound=models.Model)


class KeptQuery(Generic[M]):
    """`KeptQuery(build, uuid=models.UUIDField())(uuid=…)` answers as `list(build(uuid=…))` would.

    build: the queryset of rows for given arguments, the same but for their values whatever they are: no argument may be None,
    a list, or decide what is asked. UUIDs, whole numbers, texts, days and moments can be arguments.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], **fields: models.Field[Any, Any]) -> None:
        self._build, self._fields = build, fields

    def __call__(self, **values: Any) -> list[M]:
        """The rows. Raises DatabaseError; TypeError where an argument is missing or unknown; TransactionManagementError where
        rows are to be locked and no transaction holds them.
        """
        if values.keys() != self._fields.keys():
            raise TypeError(f"asked with {sorted(values)}, needs {sorted(self._fields)}")
        connection = connections[DEFAULT_DB_ALIAS]
        # Of one thread, as the connection is.
        kept: dict[Any, _Plan] = vars(connection).setdefault("kept_queries", {})
        plan = kept.get(self)
        if plan is None:
            plan = kept[self] = self._compile(connection)
        if plan.locks and not connection.in_atomic_block:
            raise TransactionManagementError("rows are locked in a transaction, or by nobody")
        given = {name: field.get_db_prep_value(values[name], connection) for name, field in self._fields.items()}
        filled = [given[name] if name else same for name, same in zip(plan.names, plan.parameters, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, filled)
            rows = cursor.fetchall()
        asked: Any = SimpleNamespace(
            db=connection.alias,
            query=SimpleNamespace(get_compiler=lambda using: _Answered(plan, rows)),
            _known_related_objects={},
        )
        return list(ModelIterable(asked))

    def _compile(self, connection: Any) -> _Plan:
        """With values that stand nowhere else, so that their places are seen. Raises ValueError where one is not seen."""
        marks = {name: _mark(field, number) for number, (name, field) in enumerate(self._fields.items())}
        compiler: Any = self._build(**marks).query.get_compiler(using=connection.alias)
        sql, parameters = compiler.as_sql()
        seen = {field.get_db_prep_value(marks[name], connection): name for name, field in self._fields.items()}
        names = tuple(
            next((name for mark, name in seen.items() if type(mark) is type(each) and mark == each), "")
            for each in parameters
        )
        if set(names) - {""} != set(self._fields):
            raise ValueError(f"not all of {sorted(self._fields)} are seen in {sql}")
        columns = [column for column, _sql, _alias in compiler.select]
        locks = bool(compiler.query.select_for_update)
        return _Plan(sql, tuple(parameters), names, compiler, compiler.get_converters(columns), locks)


def _mark(field: models.Field[Any, Any], number: int) -> Any:
    if isinstance(field, models.UUIDField):
        return new_uuid()
    if isinstance(field, models.DateTimeField):
        return datetime(1583, 1, 1, 1, 7, tzinfo=UTC) + timedelta(minutes=number)
    if isinstance(field, models.DateField):
        return date(1583, 1, 1) + timedelta(days=number)
    if isinstance(field, models.CharField):
        return f"kept question {number}"
    if isinstance(field, models.IntegerField):
        return 7_130_000_000_000_017 + number
    raise ValueError(f"no argument can be a {type(field).__name__}")
