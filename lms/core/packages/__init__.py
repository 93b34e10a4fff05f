"""The one sealed package format (封存包): a BagIt folder in a zip, its manifest signed with Ed25519."""

from lms.core.packages.checking import verify
from lms.core.packages.logic import key_id
from lms.core.packages.sealing import build
from lms.core.packages.services import own_keys, public_keys, seal, verify_own
from lms.core.packages.types import Fault, Limits, Package, Problem, Report
from lms.core.packages.words import problem_words

__all__ = [
    "Fault",
    "Limits",
    "Package",
    "Problem",
    "Report",
    "build",
    "key_id",
    "own_keys",
    "problem_words",
    "public_keys",
    "seal",
    "verify",
    "verify_own",
]
