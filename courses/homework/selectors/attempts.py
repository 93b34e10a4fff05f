"""Attempts and the task they answer, as pages show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import pgettext

from courses.catalogue.markdown import to_html
from courses.catalogue.types import Accepts
from courses.classes.models import TrainingClass
from courses.homework.models import HomeworkItem, HomeworkMark, HomeworkReturn
from courses.homework.selectors.places import ClassTask
from courses.homework.selectors.rubrics import mark_view
from courses.homework.selectors.standing import state_label
from courses.homework.types import AttemptView, ItemState, PictureView, TaskHead, VideoView
from media_pipeline.api import AssetState, Material, Purpose, materials_of, signed_query


def accepts_labels(kinds: Sequence[Accepts]) -> tuple[str, ...]:
    """文字, 图片, 视频."""
    words = {
        Accepts.TEXT: pgettext("homework", "text"),
        Accepts.PICTURE: pgettext("homework", "pictures"),
        Accepts.VIDEO: pgettext("homework", "a video"),
    }
    return tuple(words[kind] for kind in kinds)


def task_head(row: TrainingClass, task: ClassTask) -> TaskHead:
    """The task as its lesson sets it."""
    block = task.block
    return TaskHead(
        uid=block.uid,
        title=block.title,
        body=to_html(block.text),
        accepts=accepts_labels(block.accepts),
        takes_text=Accepts.TEXT in block.accepts,
        takes_pictures=Accepts.PICTURE in block.accepts,
        takes_video=Accepts.VIDEO in block.accepts,
        minutes=block.minutes,
        lesson_title=task.lesson_title,
        lesson_url=f"{reverse('courses:lesson', args=[row.uuid, task.lesson])}#task-{block.uid}",
        class_name=row.name,
    )


def attempts_of(enrolment: int, task: UUID, *, user: UUID, now: datetime) -> tuple[AttemptView, ...]:
    """Every attempt at one task, oldest first; `user` is who looks, for the addresses of videos. At most nine queries."""
    rows = list(
        HomeworkItem.objects.filter(enrolment=enrolment, task=task)
        .order_by("attempt_no")
        .prefetch_related(
            "pictures",
            Prefetch("marks", HomeworkMark.objects.select_related("rubric").order_by("-version")),
            Prefetch("returned", HomeworkReturn.objects.all()),
        )
    )
    materials = materials_of([row.video for row in rows if row.video], Purpose.HOMEWORK) if rows else {}
    return tuple(_attempt(row, materials, user, now) for row in rows)


def _attempt(row: HomeworkItem, materials: Mapping[UUID, Material], user: UUID, now: datetime) -> AttemptView:
    label, tone = state_label(ItemState(row.state))
    marks = list(row.marks.all())
    given_back = getattr(row, "returned", None)
    material = materials.get(row.video) if row.video else None
    return AttemptView(
        uuid=row.uuid,
        number=row.attempt_no,
        state=ItemState(row.state),
        state_label=label,
        tone=tone,
        handed_in_at=row.handed_in_at,
        text=row.text,
        pictures=tuple(
            PictureView(
                uuid=picture.uuid,
                number=number,
                url=reverse("courses:homework_picture", args=[picture.uuid]),
                width=picture.width,
                height=picture.height,
            )
            for number, picture in enumerate(row.pictures.all(), start=1)
        ),
        video=_video(row, material, user, now) if material else None,
        mark=mark_view(marks[0]) if marks else None,
        reason=given_back.reason if given_back else "",
        returned_at=given_back.created_at if given_back else None,
    )


def _video(row: HomeworkItem, material: Material, user: UUID, now: datetime) -> VideoView:
    def address(what: str) -> str:
        if material.state is not AssetState.READY:
            return ""
        path = reverse("courses:homework_video_file", args=[row.uuid, what])
        return f"{path}?{signed_query(material.uuid, what, user=user, now=now)}"

    return VideoView(
        anchor=f"video-{row.attempt_no}",
        state_label=material.state_label,
        tone=material.tone,
        live=material.live,
        src=address("video"),
        poster=address("poster"),
        captions=address("captions") if material.captions is not None else "",
        duration_s=material.duration_s or 0.0,
        reasons=material.reasons,
    )
