"""Words to a phone or a mail address. Both ways are off until the installation turns them on.

Neither is an identity and both may be shared by a family, so what is sent names no person and tells no result.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.mail import send_mail as django_send_mail
from django.utils.module_loading import import_string

# Takes a phone number and a text; returns when the provider has accepted it, raises NotSent when it has not.
SmsSender = Callable[[str, str], None]


class NotSent(Exception):
    """The message was not accepted: the way is off, or the provider refused or did not answer. Never carries the text."""


def sms_on() -> bool:
    """Whether a sender is named (`KAIBO_SMS_SENDER`, a dotted path)."""
    return bool(settings.SMS_SENDER)


def send_sms(*, phone: str, text: str) -> None:
    """Hand a text to the installation's sender. Raises NotSent."""
    if not sms_on():
        raise NotSent("SMS is off")
    sender: SmsSender = import_string(settings.SMS_SENDER)
    try:
        sender(phone, text)
    except NotSent:
        raise
    except Exception as fault:  # noqa: BLE001 - any error of a provider may quote the number, so none goes further
        raise NotSent(f"the SMS sender failed: {type(fault).__name__}") from None


def mail_on() -> bool:
    """Whether mail goes out at all (`KAIBO_SEND_MAIL`)."""
    return bool(settings.SEND_MAIL)


def send_mail(*, address: str, subject: str, text: str) -> None:
    """Send a plain mail. Raises NotSent."""
    if not mail_on():
        raise NotSent("mail is off")
    try:
        django_send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address])
    except OSError as fault:  # SMTP errors are among them
        raise NotSent(f"the mail server failed: {type(fault).__name__}") from None
