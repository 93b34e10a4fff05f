"""`manage.py demo_videos`: draws the demonstration's videos where they are missing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.portal.demo.pictures import DrawingFailed
from lms.portal.demo.works import draw_clips


class Command(BaseCommand):
    help = "Draws the demonstration's videos into var/demo/videos where they are missing (KAIBO_DEMO=1 only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.PRODUCTION:
            raise CommandError("Only in a demonstration: KAIBO_DEMO=1 manage.py demo_videos")
        try:
            for clip in draw_clips():
                self.stdout.write(str(clip.video))
        except DrawingFailed as failed:
            raise CommandError(str(failed)) from failed
