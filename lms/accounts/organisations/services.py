"""Building the organisation tree."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.chain import may_become
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.rules import may_make
from lms.accounts.rules import require
from lms.accounts.types import AccountsRefusal, Acting, OrganisationKind
from lms.core import audit


@transaction.atomic
def create_organisation(
    *,
    by: Acting,
    parent: Organisation | None,
    name: str,
    kind: OrganisationKind,
    now: datetime,
    is_demo: bool = False,
) -> Organisation:
    """A new node under `parent`, or a new root. Only the installation itself makes roots.

    Which kinds stand where, and who makes them, says `lms.accounts.chain`.
    Raises NotAllowed, AccountsRefusal ("name", "parent", "kind").
    """
    require(by, "organisation", "create", place=parent.path if parent else "")
    if parent is None and by.organisation is not None:
        raise AccountsRefusal(_("Choose the organisation it belongs to."), code="parent", field="parent")
    if parent is not None and not may_make(by, kind, parent):
        raise AccountsRefusal(
            _(
                "You cannot make an organisation of this kind there. Authorities and evaluation bodies stand in a city or "
                "county, never below an institution."
            ),
            code="kind",
            field="kind",
        )
    # What is made within a demonstration is demonstration too, down to its certificates' numbers.
    demo = is_demo or (parent is not None and parent.is_demo)
    fresh = Organisation(name=_cleaned(name), kind=kind.value, is_demo=demo, created_at=now)
    if parent is None:
        Organisation.add_root(instance=fresh)
    else:
        # The lock and the fresh row keep two children made at once from taking the same path.
        Organisation.objects.select_for_update().get(pk=parent.pk).add_child(instance=fresh)
        parent.refresh_from_db()
    audit.record(
        subject_kind="organisation",
        subject=fresh.uuid,
        action="created",
        actor=by.user,
        fields={"name": fresh.name, "kind": kind, "parent": parent.uuid if parent else None},
        now=now,
    )
    return fresh


@transaction.atomic
def update_organisation(
    *, by: Acting, organisation: Organisation, name: str, kind: OrganisationKind, now: datetime
) -> Organisation:
    """Change the name or kind; its place in the tree stays.

    A bureau or an evaluation body works on the place it stands in, so becoming one, or ceasing to be one, would move what
    all its people reach: only the installation itself does that. Raises NotAllowed, AccountsRefusal ("name", "kind").
    """
    require(by, "organisation", "update", place=organisation.path)
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    reached, was = row.scope_path, OrganisationKind(row.kind)
    row.name, row.kind = _cleaned(name), kind.value
    if row.scope_path != reached and by.organisation is not None:
        raise AccountsRefusal(
            _(
                "A bureau or an evaluation body works for the whole place it stands in, so this kind cannot be changed "
                "afterwards. Please make a new organisation of the right kind."
            ),
            code="kind",
            field="kind",
        )
    if by.organisation is not None and not may_become(was, kind):
        raise AccountsRefusal(
            _("An institution cannot become an authority, nor an authority an institution. Please make a new one."),
            code="kind",
            field="kind",
        )
    row.save(update_fields=["name", "kind"])
    audit.record(
        subject_kind="organisation",
        subject=row.uuid,
        action="changed",
        actor=by.user,
        fields={"name": row.name, "kind": kind},
        now=now,
    )
    return row


def _cleaned(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise AccountsRefusal(_("Enter the name of the organisation."), code="name", field="name")
    return name
