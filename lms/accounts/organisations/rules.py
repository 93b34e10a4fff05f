"""Over which organisations somebody manages people: the matrix, the chain of creation, and her own branch of the tree."""

from django.utils.translation import gettext as _

from lms.accounts import chain
from lms.accounts.matrix import Action
from lms.accounts.organisations.models import Organisation
from lms.accounts.rules import NotAllowed, require
from lms.accounts.types import Acting, OrganisationKind, Role


def is_top(organisation: Organisation) -> bool:
    """The root of its tree: there any role can be held."""
    return organisation.depth == 1


def in_branch(acting: Acting, organisation: Organisation) -> bool:
    """Whether she manages the people of this organisation at all; the installation manages everybody."""
    return acting.organisation is None or organisation.path.startswith(acting.organisation_path)


def require_branch(acting: Acting, object_kind: str, action: Action, organisation: Organisation) -> None:
    """The matrix, then her own branch. Raises NotAllowed."""
    require(acting, object_kind, action, place=organisation.path)
    if not in_branch(acting, organisation):
        raise NotAllowed(_("Your role may not do this here."))


def require_register(acting: Acting, object_kind: str, organisation: Organisation) -> None:
    """That she may register persons or logins of this organisation. Raises NotAllowed."""
    require_branch(acting, object_kind, "create", organisation)
    kind = OrganisationKind(organisation.kind)
    if acting.organisation is not None and not chain.may_register(acting.role, at=kind, top=is_top(organisation)):
        raise NotAllowed(_("The people of this organisation are registered by somebody else."))


def may_give(acting: Acting, role: Role, organisation: Organisation) -> bool:
    """Whether the chain lets her give or end this role on this organisation."""
    if acting.organisation is None:
        return True
    kind = OrganisationKind(organisation.kind)
    return chain.may_give(acting.role, role, at=kind, top=is_top(organisation)) and in_branch(acting, organisation)


def require_give(acting: Acting, role: Role, organisation: Organisation, *, action: Action) -> None:
    """The same as a gate, after the matrix. Raises NotAllowed."""
    require_branch(acting, "membership", action, organisation)
    if not may_give(acting, role, organisation):
        raise NotAllowed(_("This role on this organisation is given by somebody else."))


def may_make(acting: Acting, kind: OrganisationKind, parent: Organisation) -> bool:
    """Whether the chain lets her make an organisation of this kind there; one query for a deep place."""
    if acting.organisation is None:
        return True
    lineage = [*parent.get_ancestors(), parent]
    kinds = [OrganisationKind.OTHER if is_top(node) else OrganisationKind(node.kind) for node in lineage]
    return chain.may_make(acting.role, kind, parent=kinds[-1], above=kinds[:-1])
