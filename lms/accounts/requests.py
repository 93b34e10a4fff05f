"""The type of a request as views receive it."""

from django.http import HttpRequest

from lms.accounts.types import Acting


class ActingRequest(HttpRequest):
    """A request behind `ActingMiddleware`: `acting` says on whose behalf it is made."""

    acting: Acting
