"""Where one may register, and who registered herself without her paper having been seen."""

from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts.organisations.models import Organisation
from lms.accounts.people.models import Person
from lms.accounts.registration.models import Registration
from lms.accounts.registration.types import OpenInstitution
from lms.accounts.slips.models import IdentityCheck
from lms.accounts.slips.types import IdentityCheckKind
from lms.accounts.types import Acting, OrganisationKind, Role
from lms.core.holdings import Holding


def open_institutions(body: UUID | None = None) -> tuple[OpenInstitution, ...]:
    """Institutions in tree order, named with their county or city; two queries. Demonstration ones in a demonstration only.
    body: the evaluation body whose accreditation somebody of no class came for, which is offered, too."""
    offered = Q(kind=OrganisationKind.INSTITUTION) | Q(kind=OrganisationKind.EVALUATION_BODY, uuid=body)
    rows = Organisation.objects.filter(offered).order_by("path")
    if not settings.DEMO:
        rows = rows.filter(is_demo=False)
    found = list(rows)
    step = Organisation.steplen
    names = dict(Organisation.objects.filter(path__in={row.path[:-step] for row in found}).values_list("path", "name"))
    return tuple(
        OpenInstitution(row.uuid, f"{row.name}（{names[row.path[:-step]]}）" if row.path[:-step] in names else row.name)
        for row in found
    )


def unseen_registrations(acting: Acting) -> QuerySet[Registration]:
    """Of her branch: persons who registered themselves and whose paper nobody has compared yet."""
    seen = IdentityCheck.objects.filter(person=OuterRef("person__uuid"), kind=IdentityCheckKind.PAPER_SEEN)
    return Registration.objects.filter(~Exists(seen), organisation__path__startswith=acting.organisation_path)


def waiting_identities(acting: Acting) -> int:
    """How many self-registered trainees the institution's staff still have to see with their papers; 0 for others."""
    return unseen_registrations(acting).count() if acting.role is Role.INSTITUTION_ADMIN else 0


def needs_seeing(person: Person) -> bool:
    """Whether she registered herself and nobody has compared her with her paper."""
    seen = IdentityCheck.objects.filter(person=person.uuid, kind=IdentityCheckKind.PAPER_SEEN)
    return Registration.objects.filter(person=person).exists() and not seen.exists()


def held_registrations(person: UUID, user: UUID | None) -> list[Holding]:
    """What the download says."""
    rows = Registration.objects.filter(person__uuid=person).select_related("organisation")
    return [
        Holding(
            _("Own registration"),
            [
                {
                    pgettext("registration", "Institution"): row.organisation.name,
                    pgettext("registration", "Registered"): row.created_at,
                }
                for row in rows
            ],
        )
    ]
