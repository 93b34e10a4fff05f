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
        import_module("media_pipeline.checks")
        import_module("media_pipeline.runs.jobs")
        import_module("media_pipeline.uploads.jobs")
        import_module("media_pipeline.rechecks.jobs")
        from lms.core import holdings, reference
        from media_pipeline.assets.holder import hold
        from media_pipeline.packs.services import load_packs
        from media_pipeline.uploads import holder
        from media_pipeline.uploads.submission import TARGET
        from media_pipeline.uploads.targets import register_target

        holdings.register("media_pipeline", hold)
        holdings.register("media_pipeline.uploads", holder.hold)
        reference.register("rule packs", load_packs)
        register_target(TARGET)
