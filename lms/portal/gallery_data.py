"""Made-up data for the gallery. Nothing here is a person, a work or a rule of the real world."""

import math
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from lms.core.charts import BulletBar, NestedBar, bullet_bars, nested_bars

MOMENT = datetime(2026, 3, 16, 6, 32, 8, tzinfo=UTC)


def say(zh: str, en: str) -> Any:
    """A text of the gallery in both languages, chosen when it is shown: gallery words need no catalogue."""
    return lazy(lambda: en if (get_language() or "").startswith("en") else zh, str)()


def thing(**facts: Any) -> SimpleNamespace:
    """A bag of facts with the attribute names of a page dataclass."""
    return SimpleNamespace(**facts)


TOKENS = (
    ("paper", "surface", "sunk", "ink", "ink-2", "ink-3", "line", "edge"),
    ("brand", "on-brand", "brand-strong", "brand-deep", "brand-soft", "brand-line"),
    ("now", "now-fill", "now-ink", "now-soft"),
    ("ok", "ok-soft", "warn", "warn-soft", "warn-fill", "bad", "bad-soft", "info", "info-soft"),
    ("hit-bad", "hit-warn", "c1", "c2", "c3", "c4", "c5", "c6"),
)


def phone_shell(current: int = 0) -> SimpleNamespace:
    """The phone shell of a trainee."""
    entries = (
        (say("首页", "Home"), "home"),
        (say("学习", "Study"), "book-open"),
        (say("作品", "Works"), "video-camera"),
        (say("我的", "Me"), "user-circle"),
    )
    nav = [
        thing(label=label, url="#main", icon=icon, current=at == current, count=None, group="")
        for at, (label, icon) in enumerate(entries)
    ]
    return _shell(nav, say("林晓燕", "Lin Xiaoyan"), say("连江县初级班第3期", "Lianjiang elementary class 3"))


def desk_shell() -> SimpleNamespace:
    """The desk shell of somebody at a bureau."""
    groups = (
        ("", say("工作台", "Home"), "home", None, True),
        ("", say("待我办理", "Waiting for me"), "clipboard-document-check", 7, False),
        ("", say("学员与报名", "Trainees and enrolment"), "users", None, False),
        ("", say("评价与证书", "Judging and certificates"), "scale", None, False),
        ("", say("补贴与公示", "Subsidies and publicity"), "banknotes", 3, False),
        (say("数据", "Data"), say("统计报表", "Statistics"), "chart-bar", None, False),
        (say("数据", "Data"), say("Excel 导出", "Excel exports"), "table-cells", None, False),
    )
    nav = [
        thing(label=label, url="#main", icon=icon, current=current, count=count, group=group)
        for group, label, icon, count, current in groups
    ]
    shell = _shell(nav, say("陈*芳", "Chen *fang"), say("福州市人力资源和社会保障局", "Fuzhou Human Resources Bureau"))
    shell.memberships = [
        thing(uuid="1", organisation=shell.organisation_label, role_label=say("人社局", "HR bureau"), current=True),
        thing(
            uuid="2",
            organisation=say("连江县职业中学", "Lianjiang Vocational School"),
            role_label=say("机构管理员", "Institution staff"),
            current=False,
        ),
    ]
    return shell


def _shell(nav: list[SimpleNamespace], person: Any, organisation: Any) -> SimpleNamespace:
    return thing(
        home_url="#main",
        nav=nav,
        language="",
        text_size="normal",
        theme="light",
        person_label=person,
        organisation_label=organisation,
        memberships=[],
        demo=True,
        clock_note="",
        notices_url="#main",
        unread=2,
        preferences_url="#main",
        role_url="#main",
        sign_out_url="#main",
    )


def _step(title: Any, state: str, **facts: Any) -> SimpleNamespace:
    return thing(title=title, state=state, **{"detail": "", "tag": "", "tone": "mute", "fraction": None, **facts})


def steps() -> list[SimpleNamespace]:
    """A trainee's way to the certificate."""
    todo = say("未开始", "Not started")
    return [
        _step(say("报名", "Enrolment"), "done", tag=say("已录取", "Admitted"), tone="ok"),
        _step(
            say("上课", "Classes"),
            "done",
            tag=say("34/40学时", "34/40 hours"),
            tone="ok",
            bar=85,
            detail=say("出勤85%，达到80%的要求，可以参加考试", "85% attended; 80% is required, so the exam is open"),
        ),
        _step(say("理论考试", "Theory exam"), "done", tag=say("86.0分 合格", "86.0, passed"), tone="ok"),
        _step(
            say("视频作品", "Selling video"),
            "now",
            tag=say("待上传", "To upload"),
            tone="now",
            detail=say("把要卖的产品讲清楚、讲合规", "Explain what you sell, clearly and lawfully"),
        ),
        _step(
            say("考评员评分", "Scoring"),
            "todo",
            tag=todo,
            detail=say("3位考评员各自独立打分", "Three examiners score on their own"),
        ),
        _step(say("证书", "Certificate"), "todo", tag=todo),
    ]


def refused_steps() -> list[SimpleNamespace]:
    """Checks that ended in a refusal."""
    return [
        _step(say("文件检查", "File"), "done", detail=say("3秒", "3 s")),
        _step(
            say("画面和声音", "Picture and sound"),
            "refused",
            detail=say(
                "视频42秒，少于60秒。请重拍一条60秒以上的视频", "The video lasts 42 seconds; at least 60 are needed"
            ),
        ),
        _step(say("语音转文字", "Speech to text"), "todo"),
    ]


def decisions() -> list[SimpleNamespace]:
    """Allowed, refused, pending."""
    return [
        thing(
            title=say("还不能考试：差1学时", "Not yet: one class hour is missing"),
            tone="bad",
            verdict=say("还不能考试", "Not yet"),
            summary=say("补上1学时后，当天就能约考试。", "Book the exam on the day the missing hour is done."),
            figures=[
                thing(label=say("已上", "Attended"), value=say("31学时", "31 hours"), tone="", total=False),
                thing(label=say("缺课", "Missed"), value=say("−9学时", "−9 hours"), tone="bad", total=False),
                thing(label=say("还差", "Missing"), value=say("1学时", "1 hour"), tone="", total=True),
            ],
            reasons=[
                thing(
                    title=say("学时不够", "Too few class hours"),
                    rule=say("出勤达到80%才能考试", "80% attendance opens the exam"),
                    clause=say("福州市培训政策 第3版 第6条", "Fuzhou training policy, version 3, clause 6"),
                    required=say("32学时", "32 hours"),
                    found=say("31学时", "31 hours"),
                    remedy=say("3月18日 14:30 有补课，可以报名", "A make-up class on 18 March, 14:30, is open"),
                )
            ],
            policy=say("依据：福州市2026年直播销售员培训政策 第3版", "By: Fuzhou 2026 training policy, version 3"),
        ),
        thing(
            title=say("可以考试", "The exam is open"),
            tone="ok",
            verdict=say("可以", "Allowed"),
            summary=say("出勤85%，达到80%的要求。", "85% attended; 80% is required."),
            figures=[],
            reasons=[],
            policy=say("依据：福州市2026年直播销售员培训政策 第3版", "By: Fuzhou 2026 training policy, version 3"),
        ),
        thing(
            title=say("补贴审核中", "The claim is being reviewed"),
            tone="warn",
            verdict=say("审核中", "Pending"),
            summary=say("5个工作日，3月26日 24:00 止。", "5 working days, until 26 March, 24:00."),
            figures=[],
            reasons=[],
            policy="",
        ),
        thing(
            title=say("必说内容", "Required statements"),
            tone="notrun",
            verdict=say("未检测", "Not run"),
            summary=say(
                "这一项没有检测，由考评员听后认定。", "This was not checked; the examiner listens and decides."
            ),
            figures=[],
            reasons=[],
            policy="",
        ),
    ]


def findings() -> list[SimpleNamespace]:
    """The hints of the sample work."""
    return [
        thing(
            number=1,
            severity="H",
            severity_label=say("严重", "Serious"),
            tone="bad",
            category_name=say("普通食品宣称疾病治疗功能", "Ordinary food said to treat disease"),
            law=say("《广告法》第十七条", "Advertising Law (《广告法》) art. 17"),
            law_note="",
            rule="MED-012",
            text="降血压效果特别好",
            start_s=41.0,
            end_s=46.2,
            suspected=False,
        ),
        thing(
            number=2,
            severity="M",
            severity_label=say("一般", "Moderate"),
            tone="warn",
            category_name=say("绝对化用语", "Absolute claims"),
            law=say(
                "《广告法》第九条第(三)项；罚则第五十七条",
                "Advertising Law (《广告法》) art. 9 (3); penalties: art. 57",
            ),
            law_note="",
            rule="ABS-003",
            text="全网最低价",
            start_s=47.0,
            end_s=51.4,
            suspected=True,
        ),
    ]


def _cue(index: int, start: float, end: float, *spans: Any, low: bool = False, hangs: Any = ()) -> SimpleNamespace:
    runs = [thing(text=span, tone="", finding_number=None) if isinstance(span, str) else span for span in spans]
    return thing(index=index, start_s=start, end_s=end, spans=runs, low_trust=low, findings=list(hangs))


def _cues(hints: list[SimpleNamespace]) -> list[SimpleNamespace]:
    masked = thing(text="", tone="masked", finding_number=None)
    return [
        _cue(0, 2.0, 5.6, "大家好，我是", masked, "，这里是连江农家茶直播间，"),
        _cue(1, 6.0, 11.2, "今天给大家带来的是我们自己山上的岩茶。"),
        _cue(2, 12.0, 20.4, "这罐净含量250克，产地福建连江，生产日期2026年2月18号。"),
        _cue(3, 21.0, 28.9, "你看这个干茶，条索很紧，颜色乌润。"),
        _cue(4, 30.0, 39.5, "直播间一罐88块，一号链接，拍下48小时发顺丰。"),
        _cue(
            5,
            41.0,
            46.2,
            "每天喝一杯，",
            thing(text="降血压效果特别好", tone="bad", finding_number=1),
            "，家里老人都在喝。",
            hangs=hints[:1],
        ),
        _cue(
            6,
            47.0,
            51.4,
            "可以说是",
            thing(text="全网最低价", tone="warn", finding_number=2),
            "了，大家可以去比。",
            hangs=hints[1:],
        ),
        _cue(7, 55.0, 58.4, "来，给大家看一下罐子背面的……（听不清）", low=True),
        _cue(8, 62.0, 66.1, "七天无理由，有问题找我们客服。"),
        _cue(9, 68.0, 72.4, "谢谢大家，明晚八点继续，记得点关注。"),
    ]


def _check(label: Any, tone: str, metric: str, threshold: str, *ranges: tuple[float, float], note: Any = "") -> Any:
    verdict, words = {
        "ok": ("pass", say("通过", "Pass")),
        "warn": ("warn", say("留意", "Look")),
        "info": ("info", say("供参考", "For information")),
        "notrun": ("not_run", say("未检测", "Not run")),
        "bad": ("fail", say("没通过", "Not passed")),
    }[tone]
    return thing(
        name="",
        label=label,
        verdict=verdict,
        verdict_label=words,
        tone=tone,
        metric=metric,
        threshold=threshold,
        ranges=list(ranges),
        note=note,
    )


def evidence() -> SimpleNamespace:
    """A tea seller's work with two hints."""
    hints = findings()
    checks = [
        _check(say("时长", "Length"), "ok", "73s", "≥ 60s"),
        _check(say("画面大小", "Picture size"), "ok", "720×1280", "≥ 720×1280"),
        _check(say("黑屏", "Black picture"), "ok", "0.0s", "≤ 3s"),
        _check(say("静音", "Silence"), "warn", "2.6s", "≤ 2s", (54.6, 57.2)),
        _check(say("响度", "Loudness"), "ok", "−17.2 LUFS", "−23…−12 LUFS"),
        _check(say("画面冻结", "Frozen picture"), "ok", "0.0s", "≤ 5s"),
        _check(
            say("口型与声音", "Lips and sound"),
            "notrun",
            "",
            "",
            note=say("本机没有这项检测的引擎", "No engine for this check is installed"),
        ),
    ]
    peaks = [
        min(1.0, abs(math.sin(at * 1.7) * 0.5 + math.sin(at * 0.37) * 0.4 + math.sin(at * 5.3) * 0.3))
        * (0.08 if 164 <= at <= 172 else 1.0)
        for at in range(220)
    ]
    return thing(
        code="K7-0342",
        level_label=say("初级", "Elementary"),
        product_label=say("茶叶", "Tea"),
        declared_ai=False,
        duration_s=73.0,
        start_s=43.0,
        video_url="/static/img/gallery-clip.mp4",
        captions_url="",
        poster_url="/static/img/gallery-host.svg",
        waveform=peaks,
        cues=_cues(hints),
        findings=hints,
        checks=checks,
        hint_count=len(hints),
        check_count=len(checks),
        attention_count=1,
        engine_line="ffmpeg 9.0 · faster-whisper base int8",
        list_url="#main",
        package_url="#main",
    )


def quiet_evidence() -> SimpleNamespace:
    """A work without a hint and without sound data."""
    page = evidence()
    page.findings, page.checks, page.waveform, page.cues, page.start_s = [], [], [], [], 0.0
    return page


def _table(caption: Any, rows: list[Any], **facts: Any) -> SimpleNamespace:
    columns = [
        thing(label=say("县（市、区）", "County"), num=False, sort="ascending", sort_url="?sort=-name"),
        thing(label=say("名额（人）", "Quota"), num=True, sort="none", sort_url="?sort=quota"),
        thing(label=say("已录取", "Admitted"), num=True, sort="", sort_url=""),
        thing(label=say("比例", "Share"), num=True, sort="", sort_url=""),
        thing(label=say("提示", "Note"), num=False, sort="", sort_url=""),
    ]
    return thing(caption=caption, columns=columns, rows=rows, **{"totals": [], "note": "", "foot": "", **facts})


def _cell(text: Any, **facts: Any) -> SimpleNamespace:
    return thing(**{"text": text, "num": False, "tag": "", "tone": "", "url": "", **facts})


def tables() -> list[SimpleNamespace]:
    """With rows and a total, empty, loading."""

    def row(name: Any, quota: str, admitted: str, share: str, tag: Any = "", tone: str = "") -> list[SimpleNamespace]:
        numbers = [_cell(text, num=True) for text in (quota, admitted, share)]
        return [_cell(name, url="#main"), *numbers, _cell("", tag=tag, tone=tone)]

    rows = [
        row(say("鼓楼区", "Gulou"), "300", "268", "89.3%"),
        row(say("台江区", "Taijiang"), "300", "300", "100.0%", say("已用完", "Used up"), "info"),
        row(say("罗源县", "Luoyuan"), "800", "212", "26.5%", say("进度偏慢", "Slow"), "warn"),
        row(say("连江县", "Lianjiang"), "1,000", "776", "77.6%"),
    ]
    total = [_cell(say("合计", "Total")), *(_cell(text, num=True) for text in ("2,400", "1,556", "64.8%")), _cell("")]
    return [
        _table(
            say("各县（市、区）名额使用", "Use of quotas by county"),
            rows,
            totals=total,
            foot=say("共4条", "4 rows"),
        ),
        _table(
            say("没有符合的", "None match"),
            [],
            note=say("没有符合条件的，换个条件再找", "Nothing matches; try other words"),
        ),
        _table(say("正在取数", "Loading"), [], note=say("正在取数……", "Loading…")),
    ]


def flashes() -> list[SimpleNamespace]:
    """One of each tone, shaped like Django's messages."""

    class _Message(SimpleNamespace):
        def __str__(self) -> str:
            return str(self.text)

    return [
        _Message(level_tag="success", text=say("已提交，等县人社局审核", "Submitted; the county bureau reviews it")),
        _Message(level_tag="info", text=say("班次改到了302教室", "The class moved to room 302")),
        _Message(level_tag="warning", text=say("还有2份材料没交", "Two documents are still missing")),
    ]


def jobs() -> list[SimpleNamespace]:
    """Queued, running, done, refused, stuck."""

    def job(headline: Any, state_label: Any, tone: str, stages: list[Any], **facts: Any) -> SimpleNamespace:
        extra = {"waiting_ahead": None, "reasons": [], "live": False, "poll_s": 2, "progress_url": "#", **facts}
        return thing(headline=headline, state_label=state_label, tone=tone, stages=stages, **extra)

    files, picture = say("文件检查", "File"), say("画面和声音", "Picture and sound")
    speech, words = say("语音转文字", "Speech to text"), say("用语检查", "Wording")
    handover = say("交给考评员", "Handed to the examiners")
    todo = [_step(name, "todo") for name in (files, picture, speech, words, handover)]
    running = [
        _step(files, "done", detail=say("3秒", "3 s")),
        _step(picture, "done", detail=say("21秒", "21 s")),
        _step(speech, "now", detail=say("约1分钟", "About a minute"), fraction=0.42),
        *todo[3:],
    ]
    return [
        job(say("排队中，很快开始", "In line, starting soon"), say("排队中", "In line"), "mute", todo, waiting_ahead=3),
        job(say("正在检测，约2分钟", "Being checked, about two minutes"), say("检测中", "Checking"), "now", running),
        job(
            say("检测完成，等考评员评分", "The checks are done; the examiners are next"),
            say("检测完成", "Checked"),
            "ok",
            [_step(name, "done") for name in (files, picture, speech, words, handover)],
        ),
        job(
            say("没通过检测，请重拍", "It did not pass; please film it again"),
            say("没通过", "Not passed"),
            "bad",
            refused_steps(),
            reasons=[
                say(
                    "视频42秒，少于60秒。请重拍一条60秒以上的视频",
                    "It lasts 42 seconds; at least 60 are needed. Please film it again.",
                )
            ],
        ),
        job(
            say("处理出错，管理员已收到", "Processing failed; the administrator has been told"),
            say("处理出错", "Went wrong"),
            "warn",
            [running[0], _step(picture, "failed"), *todo[2:]],
            reasons=[say("试了3次没成功，不用重新上传", "Three tries failed; there is no need to upload it again")],
        ),
    ]


def home() -> SimpleNamespace:
    """The trainee's first screen, as drawn."""
    return thing(
        now=thing(
            title=say("上传带货视频", "Upload your selling video"),
            lead=say("3月20日 24:00 截止，还有4天", "Until 20 March, 24:00: 4 days left"),
            hints=(
                ("clock", say("不少于60秒，手机拍就可以", "At least 60 seconds; a phone is good enough")),
                ("speaker-wave", say("说普通话，声音要听得清", "Speak Mandarin, loud and clear")),
                ("cloud-arrow-up", say("断网不怕，可以接着传", "A lost network does no harm")),
            ),
            action_label=say("去上传", "Go to upload"),
            action_url="#main",
            more_label=say("先看要求和示例", "Look at the rules and examples"),
            more_url="#main",
            live=False,
            action_icon="video-camera",
        ),
        steps=steps(),
    )


def board() -> SimpleNamespace:
    """A bureau's first screen."""
    return thing(
        figures=[
            thing(
                label=say("年度名额", "Quota of the year"),
                figure="10,000",
                unit=say("人", "people"),
                note=say("福州市2026年计划 第3版", "Fuzhou plan 2026, version 3"),
            ),
            thing(
                label=say("已录取", "Admitted"),
                figure="6,473",
                unit=say("人", "people"),
                note=say("占名额 64.7%", "64.7% of the quota"),
            ),
            thing(
                label=say("培训合格", "Passed"),
                figure="5,439",
                unit=say("人", "people"),
                note=say("合格率 84.0%", "84.0% pass"),
            ),
            thing(
                label=say("已拨付补贴", "Subsidies paid"),
                figure="412.6",
                unit=say("万元", "×10,000 yuan"),
                note=say("另有38.0万元在公示", "Another 38.0 in publicity"),
            ),
        ],
        table=tables()[0],
        waiting=[
            thing(
                title=say("班次备案：连江县第4期", "Class filing: Lianjiang 4"),
                detail=say("应于3月15日前答复", "Answer was due 15 March"),
                url="#main",
                tone="bad",
                tag=say("逾期1天", "1 day late"),
            ),
            thing(
                title=say("证书编号配发：初级 58人", "Certificate numbers: elementary, 58 people"),
                detail=say("福州市职业技能鉴定中心", "Fuzhou skills evaluation centre"),
                url="#main",
                tone="warn",
                tag=say("今天到期", "Due today"),
            ),
            thing(
                title=say("补贴审核：长乐区第2期 42,000元", "Subsidy claim: Changle 2, ¥42,000"),
                detail=say("材料齐全，公示无异议", "Complete; no objection"),
                url="#main",
                tone="mute",
                tag=say("还有3天", "3 days left"),
            ),
        ],
    )


def charts() -> list[SimpleNamespace]:
    """Drop-off and time of four lessons; one was not measured, one is the finding's."""
    lessons = (
        (str(say("1 广告法里的红线", "1 What advertising law forbids")), (30, 29, 27), 19),
        (
            str(say("2 手机、支架、灯和麦：开播要备什么", "2 Phone, light, microphone: what a stream needs")),
            (28, 21, 12),
            34,
        ),
        (str(say("3 产品讲解四步法", "3 Four steps to explain a product")), (17, 12, 11), None),
        (str(say("4 把客户留下来", "4 Making customers stay")), (0, 0, 0), 6),
    )
    words = (
        say("打开未过半", "under half"),
        say("过半未学完", "half read, not finished"),
        say("学完", "finished"),
    )
    said = say("打开%d，过半%d，学完%d", "opened %d, half %d, finished %d")
    took = say("%d分，计划20分", "%d min, plan 20")
    drop = [NestedBar(label, str(said) % read, read, hot=i == 1) for i, (label, read, _spent) in enumerate(lessons)]
    time = [
        BulletBar(label, str(took) % spent if spent else "", spent, 20, hot=i == 1)
        for i, (label, _read, spent) in enumerate(lessons)
    ]
    return [
        thing(
            id="drop",
            finding=say(
                "第2课掉队最多：28人打开，12人学完。", "Most drop off in lesson 2: 28 opened it, 12 finished it."
            ),
            unit=say("人", " people"),
            chart=nested_bars(drop, most=30, keys=tuple(zip((3, 5, 1), map(str, words), strict=True))),
        ),
        thing(
            id="time",
            finding=say(
                "第2课比计划用时多：平均34分，计划20分。", "Lesson 2 takes 34 min on average, 20 were planned."
            ),
            unit=say("分", " min"),
            chart=bullet_bars(
                time, series=1, words=str(say("实际用时", "time spent")), mark_words=str(say("计划", "planned"))
            ),
        ),
    ]
