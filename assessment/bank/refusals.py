"""Foreseen refusals of this room."""


class BankRefusal(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input: stem, options, key, place, media…

    code: faults, newer, in_review, retired, pool, same, incomplete, state, author, teaches, level, twice, words, reason, file,
    refused, place, drawable.
    """

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
