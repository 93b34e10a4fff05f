"""Faults in the reader's language."""

from django.utils.translation import gettext

from courses.catalogue.exchange.faults import Fault


def say(fault: Fault) -> str:
    """What is wrong and how to mend it."""
    return gettext(fault.message) % fault.values
