"""How often each option was chosen, for who may look at keys: the table says which is right, and would betray it."""

from datetime import datetime

from django.db import transaction

from assessment.bank.services import reveal_key
from assessment.statistics.building import options_of
from assessment.statistics.models import AnalysedItem
from assessment.statistics.types import OptionFigures
from lms.accounts.api import Acting


@transaction.atomic
def reveal_options(*, by: Acting, item: AnalysedItem, reason: str, now: datetime) -> OptionFigures:
    """The options of one analysed item; it goes through the bank's one door to keys, which writes the look down.

    Raises NotAllowed, Http404, BankRefusal ("reason").
    """
    reveal_key(by=by, question=item.question, version=item.version, reason=reason, now=now)
    return options_of(item.options)
