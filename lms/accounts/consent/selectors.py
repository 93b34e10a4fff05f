"""Which texts are in force, and where a person stands with them."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from lms.accounts.consent.models import Consent, ConsentText
from lms.accounts.consent.types import ConsentData, ConsentHow, ConsentKey, ConsentTextData
from lms.core.holdings import Holding


def _in_readers_language(row: ConsentText) -> ConsentTextData:
    words = row.texts.get(get_language() or "") or row.texts[settings.LANGUAGE_CODE]
    return ConsentTextData(
        uuid=row.uuid,
        key=ConsentKey(row.key),
        version=row.version,
        title=words["title"],
        body=tuple(words["body"]),
        content_hash=row.content_hash,
    )


def texts_in_force() -> tuple[ConsentTextData, ...]:
    """The newest version of every text, in the order of the enum; one query."""
    newest: dict[str, ConsentText] = {}
    for row in ConsentText.objects.order_by("version"):
        newest[row.key] = row
    return tuple(_in_readers_language(newest[key]) for key in ConsentKey if key in newest)


def consents_of(person: UUID) -> tuple[ConsentData, ...]:
    """Where she stands with each text in force; two queries."""
    rows = list(Consent.objects.filter(person__uuid=person).select_related("text").order_by("id"))
    return tuple(_standing(text, rows) for text in texts_in_force())


def _standing(text: ConsentTextData, rows: list[Consent]) -> ConsentData:
    of_key = [row for row in rows if row.text.key == text.key]
    last = of_key[-1] if of_key else None
    current = last if last is not None and last.text.version == text.version else None
    older = last.text.version if last is not None and current is None and last.given else None
    return ConsentData(
        text=text,
        given=current.given if current else None,
        how=ConsentHow(current.how) if current else None,
        at=current.created_at if current else None,
        signed_on=current.signed_on if current else None,
        older=older,
    )


def missing_consents(person: UUID) -> tuple[ConsentTextData, ...]:
    """The texts in force she has not agreed to (or has taken back)."""
    return tuple(row.text for row in consents_of(person) if not row.given)


def has_consented(person: UUID, key: ConsentKey) -> bool:
    """Whether her newest word on this subject, under whatever version, is yes."""
    newest = Consent.objects.filter(person__uuid=person, text__key=key.value).order_by("-id").first()
    return newest is not None and newest.given


def held_consents(person: UUID, user: UUID | None) -> list[Holding]:
    """What the download says of consents."""
    rows = Consent.objects.filter(person__uuid=person).select_related("text").order_by("id")
    return [
        Holding(
            pgettext("consent", "Consents"),
            [
                {
                    pgettext("consent", "Subject"): str(row.text.get_key_display()),
                    pgettext("consent", "Version"): row.text.version,
                    pgettext("consent", "Agreed"): row.given,
                    pgettext("consent", "How"): str(row.get_how_display()),
                    _("Signed on"): row.signed_on,
                    _("Where the paper is kept"): row.note or None,
                    pgettext("consent", "Recorded"): row.created_at,
                }
                for row in rows
            ],
        )
    ]
