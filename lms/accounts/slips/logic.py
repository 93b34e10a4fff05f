"""Slip codes and numbers as typed. Pure."""

from lms.accounts.logic import tidy_number


def tidy_code(typed: str) -> str:
    """What was typed, as it is hashed: no spaces or hyphens, small letters, full-width characters made plain."""
    return tidy_number(typed).lower()


def paper_ends_so(number: str, typed: str) -> bool:
    """Whether the last four characters typed from the paper are those of the number on record."""
    end = tidy_number(typed)
    return len(end) == 4 and number.upper().endswith(end)
