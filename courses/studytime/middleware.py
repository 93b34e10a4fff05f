"""The clock's answers in front of everything a page needs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from courses.studytime.views import EARLY


class StudyClock:
    """Answers `/study-time/open|beat|count` at once: their signed header needs no session, no user, no form token.

    Behind UploadGate (which bounds the body), before everything else; without it the same views answer through urls.py.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = EARLY.get(request.path_info)
        if view is None:
            return self.get_response(request)
        answer = view(request)
        answer["Cache-Control"] = "no-store"
        return answer
