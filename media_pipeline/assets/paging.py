"""The page of a list that an address asks for."""

from django.http import HttpRequest


def page_asked(request: HttpRequest) -> int:
    """`?page=3`; the first page for anything else (the list itself cuts what is too high)."""
    asked = request.GET.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
