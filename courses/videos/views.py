"""The files of a lesson video, by addresses signed for one reader."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from courses.videos.models import LessonVideo
from lms.accounts.api import ActingRequest, require
from lms.core import clock
from media_pipeline.api import Purpose, RenditionKind, captions_vtt, is_signed, material_file, serve

_KINDS = {"video": RenditionKind.PROXY, "poster": RenditionKind.POSTER}
_NAMES = {"video": "lesson.mp4", "poster": "lesson.jpg"}


@login_required
@require_safe
def lesson_video_file(request: ActingRequest, uuid: UUID, what: str) -> HttpResponseBase:
    """`video`, `poster` or `captions`. Another's address, or one run out, is 404: the page gives a new one."""
    require(request.acting, "lesson", "read")
    if not is_signed(request.GET, uuid, what, user=request.acting.user, now=clock.now()):
        raise Http404
    video = LessonVideo.objects.filter(uuid=uuid).first()
    if video is None:
        raise Http404
    if what == "captions":
        return _captions(captions_vtt(video.asset))
    file = material_file(video.asset, Purpose.LESSON, _KINDS[what])
    if file is None:
        raise Http404
    return serve(request, file, name=_NAMES[what])


def _captions(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/vtt; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
