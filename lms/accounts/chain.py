"""The chain of creation as data: who makes which organisations, and who gives which roles where. Pure.

An administrator makes bureaus and may set anything up, without a business right of her own; a bureau makes institutions
and evaluation bodies and their staff; these make their own people. The matrix says that a role may do so at all, this table
to whom. It binds everybody but the installation itself (the command line).
"""

from collections.abc import Collection, Mapping

from lms.accounts.types import OrganisationKind, Role

_K = OrganisationKind

# Below one of these nothing of the authorities' can stand: an institution never becomes its own bureau or examiner.
PRIVATE = frozenset({_K.INSTITUTION, _K.COMPANY, _K.DEPARTMENT, _K.EVALUATION_BODY})
# What may stand below them.
_INNER = frozenset({_K.INSTITUTION, _K.COMPANY, _K.DEPARTMENT})
# A bureau or an evaluation body works on the place it stands in, so it stands in a place.
_PLACES = frozenset({_K.CITY, _K.COUNTY, _K.ZONE, _K.OTHER})
_AUTHORITIES = _PLACES | {_K.BUREAU}
_SCHOOLS = frozenset({_K.INSTITUTION, _K.COMPANY, _K.DEPARTMENT})

MAKES: Mapping[Role, frozenset[OrganisationKind]] = {
    Role.ADMINISTRATOR: frozenset(OrganisationKind),
    Role.HR_BUREAU: frozenset({_K.INSTITUTION, _K.EVALUATION_BODY, _K.COMPANY}),
}

# Where a role can be held; the top of the tree holds any (a company's own installation has no bureau above it).
HELD_AT: Mapping[Role, frozenset[OrganisationKind]] = {
    Role.TRAINEE: _SCHOOLS,
    Role.INSTRUCTOR: _SCHOOLS,
    Role.EXAMINER: frozenset({_K.EVALUATION_BODY}),
    Role.CHIEF_EXAMINER: frozenset({_K.EVALUATION_BODY}),
    Role.COMMITTEE: _AUTHORITIES | {_K.EVALUATION_BODY},
    Role.INSTITUTION_ADMIN: _SCHOOLS | {_K.EVALUATION_BODY},
    Role.HR_BUREAU: _AUTHORITIES,
    Role.COMMERCE_BUREAU: _AUTHORITIES,
    Role.FINANCE_BUREAU: _AUTHORITIES,
    Role.INSPECTOR: _AUTHORITIES,
    Role.ARCHIVE_READER: _AUTHORITIES,
    Role.ADMINISTRATOR: frozenset(OrganisationKind),
    Role.LEADER: frozenset({_K.COMPANY, _K.DEPARTMENT}),
    Role.DEPARTMENT_MANAGER: frozenset({_K.COMPANY, _K.DEPARTMENT}),
    Role.INVIGILATOR: _SCHOOLS | {_K.EVALUATION_BODY},
    Role.PANEL_MEMBER: _AUTHORITIES,
}

GIVES: Mapping[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset(HELD_AT),
    Role.HR_BUREAU: frozenset({Role.INSTITUTION_ADMIN, Role.CHIEF_EXAMINER}),
    Role.INSTITUTION_ADMIN: frozenset(
        {Role.INSTRUCTOR, Role.TRAINEE, Role.EXAMINER, Role.CHIEF_EXAMINER, Role.INVIGILATOR}
    ),
}


def may_make(
    by: Role, kind: OrganisationKind, *, parent: OrganisationKind, above: Collection[OrganisationKind]
) -> bool:
    """Whether `by` may make an organisation of this kind under `parent`, whose ancestors are of the kinds `above`.

    The top of the tree is given as OTHER: a company's own installation has everything of its own below a company.
    """
    if kind not in MAKES.get(by, frozenset()):
        return False
    if PRIVATE & {parent, *above}:
        return kind in _INNER and by is Role.ADMINISTRATOR
    if kind in {_K.BUREAU, _K.EVALUATION_BODY}:
        return parent in _PLACES
    return by is Role.ADMINISTRATOR or parent in _PLACES


def may_become(kind: OrganisationKind, other: OrganisationKind) -> bool:
    """Whether an organisation's kind may be corrected so: never from a private one to an authority's, nor back."""
    return kind is other or (kind in _INNER and other in _INNER) or (kind in _PLACES and other in _PLACES)


def may_give(by: Role, role: Role, *, at: OrganisationKind, top: bool = False) -> bool:
    """Whether `by` may give (and end) this role on an organisation of kind `at`; `top`: it is the root of the tree."""
    return role in GIVES.get(by, frozenset()) and (top or at in HELD_AT[role])


def roles_to_give(by: Role, *, at: OrganisationKind, top: bool = False) -> tuple[Role, ...]:
    """The roles `by` may give there, in the order of the enum."""
    return tuple(role for role in Role if may_give(by, role, at=at, top=top))


def may_register(by: Role, *, at: OrganisationKind, top: bool = False) -> bool:
    """Whether `by` may register persons and logins of an organisation of this kind: where she has a role to give."""
    return bool(roles_to_give(by, at=at, top=top))
