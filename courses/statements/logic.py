"""A statement as xAPI 1.0.3 has it (IEEE 9274.1.1's predecessor; github.com/adlnet/xAPI-Spec, part 2). No Django.

Actors are accounts of pseudonyms: no name, no number, no address. The verbs are ADL's and cmi5's.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from courses.catalogue.types import CheckBlock
from courses.statements.types import Cursor, Happened, NoPlace, Source

VERSION = "1.0.3"
_SPACE = UUID("5d1c0d4e-9a0b-4f6e-8c43-0f7d1c9e2b61")
_ADL = "http://adlnet.gov/expapi"
_PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
_VERBS: dict[str, tuple[str, str, str]] = {
    "opened": (f"{_ADL}/verbs/initialized", "initialized", "打开"),
    "read": (f"{_ADL}/verbs/progressed", "progressed", "学到"),
    "completed": (f"{_ADL}/verbs/completed", "completed", "学完"),
    "answered": (f"{_ADL}/verbs/answered", "answered", "作答"),
}


def statement_id(happened: Happened) -> UUID:
    """The same thing has the same id whenever and by whomever it is fetched."""
    return uuid5(_SPACE, f"{happened.enrolment}:{happened.place.source.name}:{happened.key}")


def statement(
    happened: Happened, *, base: str, pseudonym: str, registration: UUID, title: str, check: CheckBlock | None
) -> dict[str, Any]:
    """One statement. base: the site's address without a slash at its end; title: the lesson's; check: what was answered."""
    iri, english, chinese = _VERBS[happened.kind]
    lesson = _activity(f"{base}/xapi/activities/lesson/{happened.lesson}", f"{_ADL}/activities/lesson", title)
    parents = {} if happened.check is None else {"parent": [lesson]}
    made: dict[str, Any] = {
        "id": str(statement_id(happened)),
        "actor": {"objectType": "Agent", "account": {"homePage": f"{base}/xapi/", "name": pseudonym}},
        "verb": {"id": iri, "display": {"en": english, "zh-CN": chinese}},
        "object": lesson if happened.check is None else _question(happened, base, check),
        "context": {
            "registration": str(registration),
            "revision": str(happened.version),
            "platform": "Kaibo",
            "language": "zh-CN",
            "contextActivities": {
                **parents,
                "grouping": [
                    _activity(
                        f"{base}/xapi/activities/class/{happened.training_class}",
                        f"{_ADL}/activities/course",
                        happened.class_name,
                    )
                ],
            },
        },
        "timestamp": stamp(happened.at),
        "stored": stamp(happened.place.stored),
        "authority": {"objectType": "Agent", "account": {"homePage": f"{base}/xapi/", "name": "kaibo"}},
        "version": "1.0.0",
    }
    result = _result(happened)
    return {**made, "result": result} if result else made


def _result(happened: Happened) -> dict[str, Any]:
    if happened.kind == "completed":
        return {"completion": True, "extensions": {_PROGRESS: 100}}
    if happened.kind == "read":
        return {"extensions": {_PROGRESS: happened.percent}}
    if happened.kind == "answered":
        return {"success": happened.correct, "response": "[,]".join(happened.chosen)}
    return {}


def _activity(iri: str, kind: str, name: str) -> dict[str, Any]:
    return {"objectType": "Activity", "id": iri, "definition": {"type": kind, "name": {"zh-CN": name}}}


def _question(happened: Happened, base: str, check: CheckBlock | None) -> dict[str, Any]:
    iri = f"{base}/xapi/activities/check/{happened.check}"
    definition: dict[str, Any] = {"type": f"{_ADL}/activities/cmi.interaction", "interactionType": "choice"}
    if check is not None:
        definition["description"] = {"zh-CN": check.stem}
        definition["choices"] = [{"id": each.key, "description": {"zh-CN": each.text}} for each in check.options]
        definition["correctResponsesPattern"] = ["[,]".join(each.key for each in check.options if each.correct)]
    return {"objectType": "Activity", "id": iri, "definition": definition}


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pack(cursor: Cursor, asked: dict[str, Any]) -> str:
    """A place and what was asked, for the address of the next page; no secret, so anybody may read it."""
    plain = {**asked, "at": cursor.stored.isoformat(), "source": int(cursor.source), "row": cursor.row}
    return base64.urlsafe_b64encode(json.dumps(plain, sort_keys=True).encode()).decode().rstrip("=")


def unpack(text: str) -> tuple[Cursor, dict[str, Any]]:
    """The inverse. Raises NoPlace."""
    try:
        plain = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(datetime.fromisoformat(plain.pop("at")), Source(plain.pop("source")), int(plain.pop("row")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as broken:
        raise NoPlace(text) from broken
    if cursor.stored.tzinfo is None:
        raise NoPlace(text)
    return cursor, plain
