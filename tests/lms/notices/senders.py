"""A sender of short messages that tests name in SMS_SENDER."""

from lms.core.senders import NotSent

SENT: list[tuple[str, str]] = []
REFUSE = False


def send(phone: str, text: str) -> None:
    """Keeps what it is given."""
    if REFUSE:
        raise NotSent("refused")
    SENT.append((phone, text))
