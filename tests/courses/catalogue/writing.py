"""Lessons for tests: a document with one block of every kind that needs no file, and pages made of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from courses.catalogue.documents import NO_FILES, Files, write_document
from courses.catalogue.models import CoursePage, LessonPage, LevelPage
from courses.catalogue.releasing import releasing
from courses.catalogue.types import (
    Accepts,
    CaseBlock,
    CheckBlock,
    CheckKind,
    Delivery,
    LawBlock,
    LessonDocument,
    LessonKind,
    Method,
    Option,
    SayBlock,
    ScriptBlock,
    TaskBlock,
    Term,
    TermsBlock,
    TextBlock,
)

_NAMES = UUID("6f0e0c1e-0000-4000-8000-000000000000")


def named(name: str) -> UUID:
    return uuid5(_NAMES, name)


def document(title: str = "广告法里的红线", **changes: Any) -> LessonDocument:
    made = LessonDocument(
        uid=named(title),
        title=title,
        summary="学会在开口之前认出不能说的话。",
        kind=LessonKind.THEORY,
        delivery=Delivery.ONLINE,
        methods=(Method.LECTURE, Method.CASE),
        hours=Decimal("1.5"),
        online_minutes=20,
        tags=(("company_policy", ("law",)), ("fuzhou_2021", ("law",))),
        audiences=(("xinmi_2020", ("basic_knowledge",)),),
        blocks=(
            TextBlock("### 先看一个例子\n\n主播说这款鱼丸**全国第一**。\n\n- 数据从哪里来\n- 谁来证明"),
            CaseBlock("鱼丸专场", "一句话丢了三万元。", "连江县鱼丸"),
            LawBlock(
                "《中华人民共和国广告法》",
                "第九条",
                "不能用**国家级**这样的话。",
                "《中华人民共和国广告法》（2021年修正）",
                True,
            ),
            SayBlock("本地渔港当天收的鱼。", "全国最好吃的鱼丸。", "最好，没有办法证明。"),
            ScriptBlock("开场三十秒", "大家好，我是连江的小林。", "连江县鱼丸"),
            TermsBlock((Term("小黄车", "直播间里挂商品的购物车。"),)),
            TaskBlock(named(title + "练"), "改三句话", "把三句话改成能说的话。", (Accepts.TEXT, Accepts.VIDEO), 30),
            CheckBlock(
                named(title + "测"),
                CheckKind.SINGLE,
                "哪一句可以说？",
                (Option("A", "销量全国第一", False), Option("B", "本店上月卖出三千份", True)),
                "后一句说得清，也查得到。",
                "《广告法》第九条",
            ),
        ),
    )
    return replace(made, **changes)


def level(number: int = 5) -> LevelPage:
    return LevelPage.objects.get(level=number, edition=1)


def course(parent: LevelPage, title: str = "法律法规及相关行业知识", *, live: bool = True, **fields: Any) -> CoursePage:
    page = CoursePage(title=title, slug=f"c-{named(title).hex[:8]}", live=False, **fields)
    parent.add_child(instance=page)
    return published(page) if live else page


def lesson(parent: CoursePage, made: LessonDocument, *, live: bool = True, files: Files = NO_FILES) -> LessonPage:
    page = write_document(LessonPage(slug=f"l-{made.uid.hex[:8]}", live=False), made, files)
    parent.add_child(instance=page)
    return published(page) if live else page


def published(page: Any) -> Any:
    with releasing():
        page.save_revision().publish()
    page.refresh_from_db()
    return page


def rewritten(page: LessonPage, **changes: Any) -> LessonPage:
    """The page with another text, published as if reviewed."""
    from courses.catalogue.documents import document_of

    return published(write_document(page, replace(document_of(page), **changes)))
