"""The question bank in Wagtail's admin: addresses, menu, what waits. Imported by `assessment.wagtail_hooks`."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from assessment.bank.rules import reads_questions, writes_questions
from assessment.bank.selectors.questions import questions_list
from assessment.bank.types import Filters, Pool, QuestionState
from lms.accounts.api import NOBODY
from lms.core import clock

_FIRST = 8


@hooks.register("register_admin_urls")
def bank_urls() -> list[URLPattern | URLResolver]:
    """Wagtail wraps them in its check that the user may enter the admin at all."""
    return [path("bank/", include("assessment.bank.admin_urls"))]


class BankItem(MenuItem):
    """Shown to whoever may read questions."""

    def is_shown(self, request: HttpRequest) -> bool:
        """By the matrix."""
        return reads_questions(getattr(request, "acting", NOBODY))


@hooks.register("register_admin_menu_item")
def bank_item() -> MenuItem:
    return BankItem(_("Question bank"), reverse_lazy("bank:list"), icon_name="clipboard-list", order=260)


class BankPanel(Component):
    """待我审定的题目, and those returned to her."""

    template_name = "assessment/bank/panel.html"
    order = 60

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Both lists, the newest of each."""
        acting, now = parent_context["request"].acting, clock.now()
        waiting = questions_list(acting, Filters(pool=Pool.EXAM, waiting=True), now=now)
        returned = questions_list(acting, Filters(pool=Pool.EXAM, mine=True, state=QuestionState.RETURNED), now=now)
        return {
            "waiting": waiting.rows[:_FIRST],
            "more": waiting.count > _FIRST,
            "returned": returned.rows[:_FIRST],
            "review_url": f"{reverse('bank:list')}?mine=review",
        }


@hooks.register("construct_homepage_panels")
def bank_panel(request: HttpRequest, panels: list[Component]) -> None:
    """For the committee."""
    if writes_questions(getattr(request, "acting", NOBODY)):
        panels.append(BankPanel())
