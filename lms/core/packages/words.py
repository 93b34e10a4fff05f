"""What is wrong with a package, in plain words."""

from django.utils.translation import gettext as _

from lms.core.packages.types import Fault, Problem


def problem_words(problem: Problem) -> str:
    """One sentence in the reader's language: what is wrong, and where."""
    patterns = {
        Fault.TOO_BIG: _("The file is too big to be looked at (more than %(detail)s)."),
        Fault.NO_PACKAGE: _("This is no sealed package, or it was cut off: its end is not where it should be."),
        Fault.NAME: _("%(where)s: this name is not allowed in a package; it could lead out of its folder."),
        Fault.NO_PLAIN_FILE: _("%(where)s: not a plain file (a link, a folder, compressed or encrypted)."),
        Fault.TWICE: _("%(where)s: stands in the package twice."),
        Fault.FOLDERS: _("The files are not in the one folder that the package is named for."),
        Fault.MISSING: _("%(where)s: is missing."),
        Fault.EXTRA: _("%(where)s: was put in; no list names it."),
        Fault.CHANGED: _("%(where)s: was changed after sealing."),
        Fault.UNREADABLE: _("%(where)s: is not written as a sealed package writes it."),
        Fault.SIGNATURE: _("%(where)s and tagmanifest-sha256.txt do not fit: one was changed after key %(detail)s signed."),
        Fault.STRANGER: _("%(where)s: signed with key %(detail)s, which is none of those believed here."),
        Fault.WRAPPING: _("The files are as sealed, but the zip around them was made again or added to."),
    }  # fmt: skip
    return patterns[problem.fault] % {"where": problem.where, "detail": problem.detail}
