"""Who reads statistics, asks for them anew and decides on flags (domain 3.3): figures are one for all, as the bank is."""

from uuid import UUID

from assessment.bank.rules import may_see_keys, require_expert
from lms.accounts.api import Acting, may, require

KIND = "question_statistics"


def reads_statistics(acting: Acting) -> bool:
    """The committee, chief examiners, the HR bureau, inspectors: figures, no question's text and no key."""
    return may(acting, KIND, "read")


def require_statistics_reader(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, KIND, "read")


def asks_for_runs(acting: Acting) -> bool:
    """The committee."""
    return may(acting, KIND, "create")


def require_asker(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, KIND, "create")


def decides_concerns(acting: Acting) -> bool:
    """A member of the committee in person: keeping or suspending a question is a word on the question."""
    return acting.person is not None and asks_for_runs(acting) and may(acting, "question", "approve")


def require_decider(acting: Acting) -> UUID:
    """The same as a gate; her user. Raises NotAllowed."""
    require_asker(acting)
    return require_expert(acting)[0]


def may_see_options(acting: Acting) -> bool:
    """How often each option was chosen betrays the key: who may look at keys, with a reason that is written down."""
    return reads_statistics(acting) and may_see_keys(acting)
