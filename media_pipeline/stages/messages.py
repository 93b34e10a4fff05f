"""The words of reasons and notes: code → (English, Chinese). Stages know no gettext, and a stored reason must read in both.

Copy rules: design.md section 6. A refusal says what is wrong and what to do.
"""

from media_pipeline.stages.types import Reason

TEXTS: dict[str, tuple[str, str]] = {
    # intake
    "no_such_file": ("There is no such file.", "找不到这个文件。"),
    "no_access": ("The file may not be read.", "没有权限读取这个文件。"),
    "too_big": (
        "The file is larger than {limit_mb} MB. Export it smaller and upload again.",
        "文件超过 {limit_mb} MB，请压缩后重新上传。",
    ),
    "empty_file": ("The file is empty. Choose the video again.", "文件是空的，请重新选择视频。"),
    "not_a_video": (
        "The content is not a video, whatever its name says. Upload an mp4, mov, mkv or webm.",
        "文件内容不是视频，请上传 mp4、mov、mkv 或 webm 格式的视频。",
    ),
    "unreadable": (
        "The video cannot be opened: it is damaged or incomplete. Export it again.",
        "视频打不开，文件已损坏或不完整，请重新导出后上传。",
    ),
    "no_decoder": (
        "The video's format cannot be played here. Export it as mp4 (H.264).",
        "暂不支持这种视频编码，请导出为 mp4（H.264）后上传。",
    ),
    "too_many_pixels": (
        "The picture is too large ({width}×{height}). Export it in 1080p.",
        "画面尺寸过大（{width}×{height}），请导出为 1080p 后上传。",
    ),
    "no_picture": ("No picture can be read from the video. Export it again.", "读不到视频画面，请重新导出后上传。"),
    "too_costly": (
        "The file asks for far more work than a video of its kind. Export it again as mp4.",
        "视频处理超出限制，请重新导出为 mp4 后上传。",
    ),
    "cover_only": (
        "The file has a cover picture but no video. Upload the video itself.",
        "文件只有封面图，没有视频画面，请上传拍好的视频。",
    ),
    "no_video_track": (
        "The file has no picture, only sound. Upload a video with a picture.",
        "文件没有视频画面，只有声音，请上传有画面的视频。",
    ),
    "too_many_tracks": (
        "The file holds {tracks} tracks; {limit} are the most. Export it again with one picture and one sound.",
        "文件里有 {tracks} 条轨道，超过 {limit} 条，请只保留一条画面和一条声音后重新导出。",
    ),
    "strange_shape": (
        "The picture's shape ({width}×{height}) is not one of a recording. Export it again.",
        "画面比例异常（{width}×{height}），请重新导出后上传。",
    ),
    "strange_sound": (
        "The sound track ({rate} Hz, {channels} channels) is not one of a recording. Export it again.",
        "声音轨道异常（{rate} Hz，{channels} 声道），请重新导出后上传。",
    ),
    "unusual_container": ("{container} is read, but mp4 is safer.", "{container} 格式可以读取，建议使用 mp4。"),
    # comparison with earlier works
    "same_file": (
        "Somebody else has already handed in this file. Upload one of your own. If this one is yours, tell your institution.",
        "这个文件已经由其他学员提交过，请上传本人拍摄的视频。如果确实是本人的作品，请联系培训机构，由考评组长核实。",
    ),
    "like_picture": (
        "{percent} % of the picture is like that of a video handed in earlier.",
        "画面与先前提交的视频相似，相似比例 {percent}%。",
    ),
    "like_picture_mirrored": (
        "{percent} % of the picture is like that of a video handed in earlier, turned round.",
        "画面左右翻转后与先前提交的视频相似，相似比例 {percent}%。",
    ),
    "like_sound": (
        "The sound is like that of a video handed in earlier ({percent} %).",
        "声音与先前提交的视频相似，相似度 {percent}%。",
    ),
    "like_text": (
        "The words are partly those of a video handed in earlier ({percent} %).",
        "文案与先前提交的视频部分相似，相似度 {percent}%。",
    ),
    "same_text": (
        "The words are those of a video handed in earlier ({percent} %).",
        "文案与先前提交的视频高度相似，相似度 {percent}%。",
    ),
    "earlier_attempts": (
        "{count} earlier works of the same person; they count as no look-alike.",
        "同一学员此前提交过 {count} 个作品，不计入雷同。",
    ),
    "no_print_of_sound": (
        "This ffmpeg cannot take fingerprints of sound.",
        "本机的 ffmpeg 不支持声音指纹，未检测。",
    ),
    "no_print_of_picture": ("No fingerprints of the picture were taken.", "没有提取画面指纹，未检测。"),
    "little_own_text": (
        "Too few words of her own to compare ({letters} letters).",
        "去掉课程示例话术后，可比对的文字太少（{letters} 字），未检测。",
    ),
    # length and wholeness
    "too_long": (
        "The video lasts {seconds} s, longer than the {limit:g} s allowed. Cut it shorter.",
        "视频长 {seconds} 秒，超过 {limit:g} 秒的上限，请剪短后上传。",
    ),
    "rather_long": (
        "The video lasts {seconds} s, longer than {limit:g} s.",
        "视频长 {seconds} 秒，超过建议的 {limit:g} 秒。",
    ),
    "too_short": (
        "The video lasts {seconds} s, shorter than the {limit:g} s required. Record a longer one.",
        "视频长 {seconds} 秒，不足 {limit:g} 秒，请补足时长后上传。",
    ),
    "truncated": (
        "The file says {promised} s but only {reached} s can be played. Upload it again in full.",
        "文件标注 {promised} 秒，实际只能播放 {reached} 秒，文件不完整，请重新上传。",
    ),
    "damaged": ("{count} damaged places on the way.", "有 {count} 处数据损坏。"),
    "undecodable": ("The video cannot be decoded. Export it again.", "视频无法解码，请重新导出后上传。"),
    # picture
    "low_resolution": (
        "The picture is {width}×{height}; its short side must be at least {limit}. Record in 720p or better.",
        "画面为 {width}×{height}，短边不足 {limit} 像素，请用 720p 以上拍摄。",
    ),
    "fair_resolution": (
        "The picture is {width}×{height}; {good} is recommended for the short side.",
        "画面为 {width}×{height}，短边建议不低于 {good} 像素。",
    ),
    "low_frame_rate": (
        "{rate} pictures a second, fewer than {limit:g}.",
        "每秒 {rate} 帧，低于 {limit:g} 帧，画面可能卡顿。",
    ),
    "portrait": ("Portrait, {width}×{height}.", "竖屏，{width}×{height}。"),
    "landscape": ("Landscape, {width}×{height}.", "横屏，{width}×{height}。"),
    "better_resolution": (
        "The picture is {width}×{height}; {best} is best for the short side.",
        "画面为 {width}×{height}，短边 {best} 像素更好。",
    ),
    "mostly_black": ("{percent} % of the video is black. Record it again.", "{percent}% 的时间是黑屏，请重新拍摄。"),
    "some_black": ("{seconds} s are black.", "黑屏共 {seconds} 秒。"),
    "often_black": ("{percent} % of the video is black.", "{percent}% 的时间是黑屏。"),
    "mostly_frozen": (
        "{percent} % of the video is a still picture. Upload one that was really filmed.",
        "{percent}% 的时间画面静止，请上传真实拍摄的视频。",
    ),
    "some_frozen": ("{percent} % of the video is a still picture.", "{percent}% 的时间画面静止。"),
    "dark": ("The picture is dark (mean luma {luma} of 255).", "画面偏暗（平均亮度 {luma}/255）。"),
    "blurred": ("The picture is soft.", "画面不够清晰。"),
    # sound
    "no_sound_track": ("The video has no sound. Record it again with sound.", "视频没有声音，请带声音重新录制。"),
    "silent_track": (
        "The sound track is silent. Look at the microphone and record again.",
        "声音轨道是静音，请检查麦克风后重新录制。",
    ),
    "several_tracks": (
        "{count} sound tracks; only number {number} is heard and checked.",
        "共有 {count} 条音轨，只播放和检测第 {number} 条。",
    ),
    "needs_sound": ("Needs sound.", "没有声音，未检测。"),
    "inaudible": ("Hardly audible ({lufs} LUFS).", "几乎听不清（{lufs} LUFS）。"),
    "too_quiet": ("Quiet ({lufs} LUFS).", "声音偏小（{lufs} LUFS）。"),
    "too_loud": ("Loud ({lufs} LUFS).", "声音偏大（{lufs} LUFS）。"),
    "peaks_high": ("Peaks reach {peak} dBTP.", "峰值达到 {peak} dBTP，可能破音。"),
    "clipped": ("{percent} % of the samples are clipped.", "{percent}% 的声音被削波，可能破音。"),
    "mostly_silent": (
        "{percent} % of the video is silent. Record it again.",
        "{percent}% 的时间没有声音，请重新录制。",
    ),
    "often_silent": ("{percent} % of the video is silent.", "{percent}% 的时间没有声音。"),
    "silent_gap": ("A silence of {seconds} s.", "有一段 {seconds} 秒的静音。"),
    # speech
    "no_speech": ("No speech was recognised.", "没有识别到讲话。"),
    "not_understood": (
        "Not checked: the speech is probably not Mandarin, so its text is a guess.",
        "讲话可能不是普通话，转写只是猜测，未检测。",
    ),
    "not_mandarin": ("Perhaps not Mandarin ({percent} %).", "可能不是普通话（可能性 {percent}%）。"),
    "little_speech": ("Speech takes {percent} % of the video.", "讲解只占 {percent}% 的时间。"),
    "slow_speech": ("{rate} characters a minute, slow.", "每分钟 {rate} 字，语速偏慢。"),
    "fast_speech": ("{rate} characters a minute, fast.", "每分钟 {rate} 字，语速偏快。"),
    "doubtful_text": (
        "{count} of {total} stretches are doubtful: listen before believing.",
        "{total} 段中有 {count} 段转写不可靠，请听原声核对。",
    ),
    "invented_text": ("{count} stretches of invented text were left out.", "已去掉 {count} 段无人说过的文字。"),
    "no_pauses": ("No pause.", "没有停顿。"),
    "little_voice": ("Too little voice to say.", "有声语音太少，无法计算。"),
    "not_measured": ("Not measured by the version that looked at it then.", "当时的版本没有测量该项。"),
    "seen_not_said": ("Seen, not said.", "需要看画面，不看用词。"),
    # words
    "findings": (
        "{count} places to look at: B {B}, H {H}, M {M}, L {L}.",
        "{count} 处需要核对：否决 {B}，严重 {H}，一般 {M}，提醒 {L}。",
    ),
    "missing_statements": ("Not heard: {en}.", "没有听到：{zh}。"),
    "needs_product": ("No product declared.", "未填写商品类别，未检测。"),
    "needs_brand": ("No brand declared.", "未填写品牌，未检测。"),
    "brand_never": ("{brand} is never named aloud.", "没有说到品牌“{brand}”。"),
    "brand_seldom": (
        "{brand} is named {count} times; {good} make full marks.",
        "品牌“{brand}”说到 {count} 次，建议不少于 {good} 次。",
    ),
    "not_asked": ("Nobody was asked for a declaration.", "没有填写声明，未检测。"),
    "ai_not_heard": (
        "Declared as generated, but no mark is heard: look for one on the screen.",
        "已声明为人工智能生成，语音中没有听到标识，请查看画面标识。",
    ),
    "look_for_drinking": ("For the examiner: does anybody drink on camera?", "请考评员查看：画面中是否有饮酒动作。"),
    "not_alcohol": ("The product is not alcohol.", "商品不是酒类，无需检测。"),
    # not run
    "waived": ("Waived by decision.", "经决定免检。"),
    "not_wanted": ("Not looked at in recordings of this kind.", "此类录像不检测该项。"),
    "not_reached": ("Not run: an earlier check stopped the work.", "前面的检测没有通过，未检测。"),
    "no_records": ("Not run: needs the other works of this installation.", "需要与其他作品比对，未检测。"),
    "no_reader": ("Not run: text on the screen is read by the examiner.", "画面文字由考评员查看，未检测。"),
}


def say(reason: Reason, language: str = "zh") -> str:
    """The reason in words; `language` "zh" or "en". An unknown code (another version's) is said as it is."""
    if reason.code not in TEXTS:
        return reason.code
    english, chinese = TEXTS[reason.code]
    return (chinese if language == "zh" else english).format(**reason.values)
