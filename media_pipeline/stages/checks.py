"""All automatic checks of domain 4.5 in the order of a report, with their names."""

from collections.abc import Iterable

from media_pipeline.stages.types import Check, Reason, Verdict

# name → (English, Chinese, why it is not run when no stage ran it)
CHECKS: dict[str, tuple[str, str, str]] = {
    "container": ("Container and codec", "文件格式", "not_reached"),
    "size": ("File size", "文件大小", "not_reached"),
    "decodable": ("Readable to the end", "文件完整可读", "not_reached"),
    "duration": ("Duration", "时长", "not_reached"),
    "resolution": ("Resolution", "分辨率", "not_reached"),
    "frame_rate": ("Frame rate", "帧率", "not_reached"),
    "rotation": ("Orientation", "画面方向", "not_reached"),
    "audio_present": ("Sound present", "有声音", "not_reached"),
    "loudness": ("Loudness", "响度", "not_reached"),
    "clipping": ("Clipping", "破音", "not_reached"),
    "silence": ("Silence", "静音", "not_reached"),
    "speech_share": ("Share of speech", "讲解占比", "not_reached"),
    "black": ("Black picture", "黑屏", "not_reached"),
    "frozen": ("Frozen picture", "画面静止", "not_reached"),
    "dark": ("Light", "画面亮度", "not_reached"),
    "blur": ("Sharpness", "画面清晰度", "not_reached"),
    "speech_rate": ("Speech rate", "语速", "not_reached"),
    "language": ("Mandarin", "普通话", "not_reached"),
    "asr_trust": ("Trust in the transcript", "转写可信度", "not_reached"),
    "hallucination": ("Invented text", "误识别文字", "not_reached"),
    "banned_words": ("Words to look at", "违规用语", "not_reached"),
    "required_statements": ("Required statements", "必说内容", "not_reached"),
    "brand_named": ("Brand named", "品牌露出", "not_reached"),
    "duplicate_exact": ("Same file", "相同文件", "no_records"),
    "duplicate_video": ("Similar picture", "相似画面", "no_records"),
    "duplicate_audio": ("Similar sound", "相似声音", "no_records"),
    "duplicate_text": ("Similar text", "相似文案", "no_records"),
    "resubmission": ("Earlier attempt", "重复提交", "no_records"),
    "ai_declaration": ("AI-generated content", "人工智能生成声明", "not_reached"),
    "on_screen_text": ("Text on the screen", "画面文字", "no_reader"),
    "alcohol_visual": ("Drinking on camera", "饮酒画面", "not_reached"),
}
NAMES = tuple(CHECKS)
# What speaking and hearing make impossible, and so a decision may waive; everything else a machine or a helper can do.
WAIVABLE = (
    "audio_present",
    "loudness",
    "clipping",
    "silence",
    "speech_share",
    "speech_rate",
    "language",
    "asr_trust",
    "hallucination",
    "required_statements",
    "brand_named",
)


def label(name: str, language: str) -> str:
    """The check's name in "zh" or "en"; the bare name for one from another version."""
    if name not in CHECKS:
        return name
    english, chinese, _ = CHECKS[name]
    return chinese if language == "zh" else english


def complete(done: Iterable[Check], *, otherwise: str = "") -> tuple[Check, ...]:
    """All checks in report order: those done, and the others as not run, never as pass. A later one of a name counts.

    otherwise: code of the reason why the others were not run, where it is not each one's own.
    """
    by_name = {check.name: check for check in done}
    missing = (name for name in NAMES if name not in by_name)
    by_name |= {name: Check(name, Verdict.NOT_RUN, note=Reason(otherwise or CHECKS[name][2])) for name in missing}
    order = {name: place for place, name in enumerate(NAMES)}
    return tuple(sorted(by_name.values(), key=lambda check: order.get(check.name, len(order))))
