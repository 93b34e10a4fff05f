"""The door of the media pipeline for the rooms above it."""

from media_pipeline.assets.costs import StageCost, stage_costs
from media_pipeline.assets.events import EvidenceReady, MediaRefused, MediaStuck, WorkReceived
from media_pipeline.assets.evidence import (
    blind_head,
    blind_works,
    count_blind_works,
    evidence_cues,
    evidence_file,
    evidence_of,
)
from media_pipeline.assets.paging import page_asked
from media_pipeline.assets.selectors import (
    asset_titles,
    count_works_covered,
    work_page,
    work_states,
    works_covered,
    works_page,
)
from media_pipeline.assets.serving import serve
from media_pipeline.assets.types import (
    ROWS_A_PAGE,
    AssetState,
    BlindHead,
    BlindWork,
    CoveredWork,
    Evidence,
    EvidenceCheck,
    EvidenceCue,
    EvidenceFinding,
    Pages,
    RenditionKind,
    StageState,
    StageView,
    StoredFile,
    WorkPage,
    WorkRow,
    WorksPage,
    pages,
)
from media_pipeline.toolbox import tools
from media_pipeline.uploads.services import UploadRefused, receive_upload

__all__ = [
    "ROWS_A_PAGE",
    "AssetState",
    "BlindHead",
    "BlindWork",
    "CoveredWork",
    "Evidence",
    "EvidenceCheck",
    "EvidenceCue",
    "EvidenceFinding",
    "EvidenceReady",
    "MediaRefused",
    "MediaStuck",
    "Pages",
    "RenditionKind",
    "StageCost",
    "StageState",
    "StageView",
    "StoredFile",
    "UploadRefused",
    "WorkPage",
    "WorkReceived",
    "WorkRow",
    "WorksPage",
    "asset_titles",
    "blind_head",
    "blind_works",
    "count_blind_works",
    "count_works_covered",
    "evidence_cues",
    "evidence_file",
    "evidence_of",
    "page_asked",
    "pages",
    "receive_upload",
    "serve",
    "stage_costs",
    "tools",
    "work_page",
    "work_states",
    "works_covered",
    "works_page",
]
