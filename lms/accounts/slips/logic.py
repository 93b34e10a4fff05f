"""Slip codes and numbers as typed. Pure."""

from lms.accounts.logic import tidy_number

PAPER_END = 8


def tidy_code(typed: str) -> str:
    """What was typed, as it is hashed: no spaces or hyphens, small letters, full-width characters made plain."""
    return tidy_number(typed).lower()


def paper_ends_so(number: str, typed: str) -> bool:
    """Whether the last eight characters typed from the paper are those of the number on record.

    Pages show the last four; eight cannot be read off them. A shorter number is asked for whole.
    """
    end = tidy_number(typed)
    return len(end) == min(PAPER_END, len(number)) and number.upper().endswith(end)
