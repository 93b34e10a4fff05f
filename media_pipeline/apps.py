from importlib import import_module
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class MediaPipelineConfig(AppConfig):
    name = "media_pipeline"
    label = "media_pipeline"

    def ready(self) -> None:
        # Django stores an upload's parts there while they arrive, and refuses to start without the folder.
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
        import_module("media_pipeline.runs.jobs")
        from lms.core import holdings
        from media_pipeline.assets.holder import hold

        holdings.register("media_pipeline", hold)
