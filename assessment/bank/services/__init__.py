"""Writes of the question bank. Every refusal is a `BankRefusal` (assessment.bank.refusals) or NotAllowed."""

from assessment.bank.services.files import store_file
from assessment.bank.services.importing import alike_in, bring_in, documents_of
from assessment.bank.services.keys import (
    documents_for_export,
    documents_for_paper,
    keys_for_machine,
    keys_for_marking,
    open_keys,
    opened_keys,
    reveal_key,
)
from assessment.bank.services.practice import offer_practice
from assessment.bank.services.review import (
    give_verdict,
    mark_opened,
    mark_used,
    reinstate,
    retire,
    submit_for_review,
    suspend,
    withdraw,
)
from assessment.bank.services.writing import comment, restore_version, write_question

__all__ = [
    "alike_in",
    "bring_in",
    "comment",
    "documents_for_export",
    "documents_for_paper",
    "documents_of",
    "give_verdict",
    "keys_for_machine",
    "keys_for_marking",
    "mark_opened",
    "mark_used",
    "offer_practice",
    "open_keys",
    "opened_keys",
    "reinstate",
    "restore_version",
    "retire",
    "reveal_key",
    "store_file",
    "submit_for_review",
    "suspend",
    "withdraw",
    "write_question",
]
