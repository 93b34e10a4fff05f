"""Made-up sheets and panels for the gallery, in every state. Nothing here is a person, a work or a mark of the real world."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from lms.portal.gallery_data import MOMENT, evidence, say, thing

_CRITERIA = (
    ("C1", say("开场与定位", "Opening"), 10, "8.5"),
    ("C2", say("产品讲解", "Product presentation"), 20, "16.5"),
    ("C3", say("展示与演示", "Showing"), 15, "12.5"),
    ("C4", say("语言与形象", "Delivery"), 15, ""),
    ("C5", say("互动", "Interaction"), 5, ""),
    ("C6", say("促单转化", "Conversion"), 5, ""),
    ("C7", say("售后承诺与合规", "After-sales and compliance"), 10, ""),
    ("C8", say("收尾", "Closing"), 5, ""),
    ("C9", say("画面与声音", "Picture and sound"), 15, ""),
)
_BANDS = (
    (
        "excellent",
        say("优秀", "Excellent"),
        90,
        say("完整准确，看完可以放心买", "Complete; safe to buy after watching"),
    ),
    ("good", say("良好", "Good"), 80, say("有一处小遗漏", "One minor omission")),
    ("pass", say("合格", "Pass"), 60, say("要点都在，但偏单薄", "Core facts present, but thin")),
    ("fail", say("不合格", "Fail"), 0, say("缺关键信息", "A core fact missing")),
)


def _bands(maximum: int) -> list[SimpleNamespace]:
    bands, high = [], Decimal(maximum)
    for code, label, share, words in _BANDS:
        low = (Decimal(maximum) * share / 50).to_integral_value() / 2
        bands.append(thing(code=code, label=label, low=low, high=high, descriptor=words))
        high = low - Decimal("0.5")
    return bands


def _note(at_s: float, text: Any) -> SimpleNamespace:
    return thing(at_s=at_s, text=text)


def _line(at: int, *, full: bool, error: Any) -> SimpleNamespace:
    code, title, maximum, given = _CRITERIA[at]
    bands = _bands(maximum)
    score = given or (f"{maximum * Decimal('0.8'):f}".rstrip("0").rstrip(".") if full else "")
    note = _note(55.0, say("近景太快，净含量看不清", "The close-up is too quick to read the weight"))
    brand = thing(
        label=say("品牌出现", "Brand named"),
        metric=say("2次", "2 times"),
        verdict_label="",
        threshold=say("3次", "3 times"),
        ranges=[(12.0, 12.0), (55.0, 55.0)],
        note="",
    )
    row = thing(
        code=code,
        title=title,
        observed=say("商品和品牌看得见，有近景、演示、包装", "Product and brand visible, close-up, packaging"),
        maximum=Decimal(maximum),
        step=Decimal("0.5"),
        bands=bands,
        band=next((band.code for band in bands if score and Decimal(score) >= band.low), ""),
        notes=[note] if code == "C3" else [],
        hints=[brand] if code == "C3" else [],
    )
    wrong = error if code == "C2" else ""
    comment = f"[00:55] {note.text}" if code == "C3" else ""
    return thing(
        row=row,
        score="25" if wrong else score,
        comment=comment,
        error=wrong,
        comment_error="",
        stored=score if wrong else None,
        comment_stored=None,
    )


def _rule(finding: SimpleNamespace, verdict: str, reason: Any, after: Any) -> SimpleNamespace:
    confirmed = verdict == "confirm"
    return thing(
        number=finding.number,
        finding=finding,
        verdict=verdict,
        verdict_label=say("已确认", "Confirmed") if confirmed else say("不成立", "Dismissed"),
        tone="ok" if confirmed else "mute",
        reason=reason,
        after=after,
        error="",
        stored=None,
    )


def sheet(state: str = "open") -> dict[str, Any]:
    """The scoring desk. States: open, refused (a plain form came back), full (ready to hand in), locked."""
    shown = evidence()
    full = state in {"full", "locked"}
    error = say("最高20分，现在是25分", "At most 20 points, this is 25") if state == "refused" else ""
    lines = [_line(at, full=full, error=error) for at in range(len(_CRITERIA))]
    reason = say("说的是别家，不是自己", "Said of another shop") if full else ""
    rules = [
        _rule(shown.findings[0], "dismiss" if full else "", reason, say("确认后 −10分", "If confirmed: −10 points")),
        _rule(shown.findings[1], "confirm", "", say("确认后 −3分", "If confirmed: −3 points")),
    ]
    page = thing(
        code="K7-0342",
        evidence=shown,
        rubric_title=say("初级评分标准", "Elementary rubric"),
        rubric_version=2,
        level_label=shown.level_label,
        state_label=say("已提交", "Handed in") if state == "locked" else say("评分中", "Being scored"),
        editable=state != "locked",
        locked=state == "locked",
        revision=3,
        saved_at=MOMENT,
        submitted_at=MOMENT if state == "locked" else None,
        total=sum((Decimal(line.score) for line in lines if line.score and not line.error), Decimal()),
        maximum=Decimal(100),
        places=1,
        kind="video",
        done=len([line for line in lines if line.score and not line.error]),
        of=len(lines),
        handed_in=12,
        assigned=30,
        list_url="#main",
        next_url="#main",
        save_url="/_gallery/save",
        submit_url="/_gallery/submit",
        conflict_url="#main",
    )
    mistakes = [thing(anchor="score-C2", name=_CRITERIA[1][1], words=error)] if error else []
    notes = [note for line in lines for note in line.row.notes]
    return {"page": page, "sheet": thing(lines=lines, rules=rules, mistakes=mistakes), "notes": notes}


_ANSWERS = (
    (
        "Q31",
        say("第31题", "Question 31"),
        "2",
        say("退货说明要写清哪三件事？", "Which three things must a note on returns say?"),
        say("要写七天内能退、运费谁出，还有怎么联系。", "Seven days, who pays the post, and how to reach us."),
        say("1. 七天无理由。2. 运费由谁承担。3. 联系方式。", "1. Seven days. 2. Who pays. 3. Contact."),
        "1.5",
    ),
    (
        "Q32",
        say("第32题", "Question 32"),
        "1",
        say("顾客问能不能治胃病，怎样回答？", "A viewer asks whether it cures the stomach. What do you say?"),
        say("我说喝了肯定好。", "I say it surely helps."),
        say("普通食品不能说治病，请去看医生。", "Food cures nothing: see a doctor."),
        "",
    ),
)


def booklet(state: str = "open") -> dict[str, Any]:
    """The desk of a booklet of short answers. States: open, locked."""
    locked = state == "locked"
    lines, answers = [], []
    for code, title, maximum, stem, words, model, given in _ANSWERS:
        whole = Decimal(maximum)
        steps = [whole - Decimal("0.5") * at for at in range(int(whole * 2) + 1)]
        keys = [thing(code=f"{step.normalize():f}", low=step, high=step) for step in steps]
        score = given or ("0" if locked else "")
        row = thing(code=code, title=title, maximum=whole, step=Decimal("0.5"), bands=keys, band=score, notes=[])
        line = thing(row=row, score=score, comment="", error="", comment_error="", stored=None, comment_stored=None)
        lines.append(line)
        answers.append(thing(code=code, stem=stem, stimulus="", words=words, model=model, points=""))
    page = thing(
        code="K7-03429K1",
        kind="answers",
        rubric_title=say("简答题", "Short answers"),
        level_label=say("初级", "Elementary"),
        state_label=say("已提交", "Handed in") if locked else say("评分中", "Being scored"),
        editable=not locked,
        locked=locked,
        revision=3,
        saved_at=MOMENT,
        submitted_at=MOMENT if locked else None,
        total=sum((Decimal(line.score) for line in lines if line.score), Decimal()),
        maximum=Decimal(3),
        places=1,
        done=len([line for line in lines if line.score]),
        of=len(lines),
        blank=[33],
        handed_in=12,
        assigned=30,
        list_url="#main",
        next_url="#main",
        save_url="/_gallery/save",
        submit_url="/_gallery/submit",
        conflict_url="#main",
    )
    answered = [thing(answer=answer, line=line) for answer, line in zip(answers, lines, strict=True)]
    return {"page": page, "sheet": thing(lines=lines, rules=[], mistakes=[]), "answered": answered}


def works() -> SimpleNamespace:
    """The examiner's list."""

    def row(code: str, state: Any, tone: str, done: int, **facts: Any) -> SimpleNamespace:
        base = {"late": False, "submitted_at": None, "lease_until": MOMENT + timedelta(days=3), **facts}
        return thing(
            code=code,
            level_label=say("初级", "Elementary"),
            kind="video",
            product_label=say("茶叶", "Tea"),
            duration_s=73.0,
            state_label=state,
            tone=tone,
            done=done,
            of=9,
            to_rule=2,
            url="#main",
            **base,
        )

    return thing(
        waiting=[
            row("K7-0342K1", say("评分中", "Being scored"), "now", 3, late=True, lease_until=MOMENT),
            row("A3-1188C2", say("待评", "To score"), "info", 0),
        ],
        handed_in=[row("B2-0017D9", say("已提交", "Handed in"), "ok", 9, submitted_at=MOMENT)],
        handed_in_total=12,
    )


_SEATS = (say("甲", "A"), say("乙", "B"), say("丙", "C"), say("丁", "D"))
_TOTALS = {
    "final": ("82.0", "78.0", "86.0"),
    "spread": ("55.0", "75.0", "70.0"),
    "rulings": ("66.0", "64.0", "68.0"),
}
_SHARES = {"C1": (8, 9, 8.5), "C2": (12, 17.5, 16), "C3": (9, 12, 11.5), "C4": (9, 12, 11)}


def panel(state: str = "spread") -> dict[str, Any]:
    """A panel. States: scoring (nothing shows yet), spread (a fourth is to be assigned), rulings (to decide, sign), final."""
    shown = evidence()
    begun = state == "scoring"
    totals = [] if begun else [Decimal(total) for total in _TOTALS[state]]
    seats = [
        thing(
            seat=at + 1,
            label=_SEATS[at],
            name=say("郑*、李*、王*", "Zheng, Li, Wang") if state == "final" and not at else "",
            state_label=say("评分中", "Begun") if begun else say("已提交", "Handed in"),
            tone="now" if begun else "ok",
            total=totals[at] if totals else None,
            fourth=False,
            late=begun and at == 1,
            may_reassign=begun and at == 1,
            lease_until=MOMENT,
        )
        for at in range(3)
    ]
    note = _note(55.0, say("近景太快，净含量看不清", "The close-up is too quick to read the weight"))
    criteria = []
    for code, title, maximum, _given in _CRITERIA:
        shares = _SHARES.get(code, (maximum * 0.6, maximum * 0.8, maximum * 0.7))
        scores = [None if begun else Decimal(str(share)) for share in shares]
        wide = code == "C2" and not begun
        criteria.append(
            thing(
                code=code,
                title=title,
                maximum=Decimal(maximum),
                scores=scores,
                comments=[[], [note] if code == "C3" and not begun else [], []],
                spread=None if begun else Decimal(str(max(shares) - min(shares))),
                wide=wide,
            )
        )
    options = [
        thing(
            examiner="0b0f3f3e-7d5e-4f0e-9c53-1d0f4a1c0001",
            name=say("李*", "Li"),
            grade_label=say("考评员", "Examiner"),
            load=3,
            recommended=True,
        ),
        thing(
            examiner="0b0f3f3e-7d5e-4f0e-9c53-1d0f4a1c0002",
            name=say("陈*", "Chen"),
            grade_label=say("高级考评员", "Senior examiner"),
            load=5,
            recommended=False,
        ),
    ]
    page = thing(
        code="K7-0342K1",
        evidence=shown,
        level_label=shown.level_label,
        rubric_title=say("初级评分标准", "Elementary rubric"),
        rubric_version=2,
        state=state,
        state_label={
            "scoring": say("评分中", "Being scored"),
            "spread": say("待指派", "To be assigned"),
            "rulings": say("待组长裁定", "Waiting for the chief"),
            "final": say("已完成", "Finished"),
        }[state],
        tone={"scoring": "now", "final": "ok"}.get(state, "warn"),
        why=[
            {
                "scoring": say("乙的时间过了，可以改派。", "B's time is over: the sheet may go to somebody else."),
                "spread": say("分差20.0，超过上限15.0：再请1位考评员。", "Spread 20.0 over 15.0: one more examiner."),
                "rulings": say("有1条提示等组长裁定。", "One finding waits for the chief."),
                "final": say("组长已签字。", "The chief has signed."),
            }[state]
        ],
        seats=seats,
        criteria=criteria,
        spread=max(totals) - min(totals) if totals else None,
        spread_limit=Decimal(15),
        limit_words="15.0",
        kind="video",
        places=1,
        findings=_panel_findings(shown, state),
        mark=None
        if begun
        else thing(
            method_label=say("3份平均", "Mean of the sheets"),
            centre=Decimal("82.0") if state == "final" else Decimal("66.67"),
            removed=Decimal(0),
            deducted=10,
            mark=Decimal("72.0") if state == "final" else Decimal("56.7"),
            grade_label=say("合格", "Pass") if state == "final" else say("不合格", "Fail"),
            proposed_fail=False,
            pending=state != "final",
        ),
        options=options if state in {"scoring", "spread"} else [],
        may_retry=begun,
        may_decide=state == "rulings",
        may_assign=state in {"scoring", "spread"},
        may_sign=state == "rulings",
        reason_required=True,
        refused="",
        signed_by=say("吴组长", "Chief Wu") if state == "final" else "",
        signed_at=MOMENT if state == "final" else None,
        signed_reason=say("分数与批注一致", "Marks and comments agree") if state == "final" else "",
        list_url="#main",
        finding_url="#main",
        fourth_url="#main",
        sign_url="#main",
        reassign_url="#main",
        retry_url="#main",
    )
    notes = [] if begun else [thing(at_s=55.0, text=note.text, seat=_SEATS[1], criterion=_CRITERIA[2][1])]
    mistake = say("写明理由，理由进档案", "Write the reason: it is kept on file") if state == "rulings" else ""
    return {"page": page, "notes": notes, "mistake": mistake, "typed": {}}


def _panel_findings(shown: SimpleNamespace, state: str) -> list[SimpleNamespace]:
    if state == "scoring":
        given: list[SimpleNamespace] = []
    else:
        words = (say("确认违规", "Confirmed"), say("不成立", "Dismissed"), say("确认违规", "Confirmed"))
        given = [thing(label=_SEATS[at], verdict_label=word, reason="") for at, word in enumerate(words)]
        given[1].reason = say("说的是口感", "It speaks of taste")
    chief = thing(label=say("组长", "Chief"), verdict="confirm", verdict_label=say("确认违规", "Confirmed"), reason="—")
    return [
        thing(
            finding=finding,
            rulings=given,
            needs_chief=at == 0,
            chief=chief if state == "final" and at == 0 else None,
            status="" if state == "scoring" else "open" if state != "final" and at == 0 else "confirmed",
            status_label=say("待裁定", "To decide") if state != "final" and at == 0 else say("已确认", "Confirmed"),
        )
        for at, finding in enumerate(shown.findings)
    ]


def panels() -> SimpleNamespace:
    """The chief's list."""

    def row(code: str, label: Any, tone: str, handed_in: int, spread: str, why: list[Any]) -> SimpleNamespace:
        return thing(
            code=code,
            kind_label=say("视频作品", "Video"),
            level_label=say("初级", "Elementary"),
            state_label=label,
            tone=tone,
            handed_in=handed_in,
            seats=3,
            spread=Decimal(spread) if spread else None,
            to_decide=1 if spread else 0,
            why=why,
            moved_at=MOMENT,
            url="#main",
        )

    return thing(
        asking=[row("K7-0342K1", say("待指派", "To be assigned"), "warn", 3, "20.0", [say("分差过大", "Wide spread")])],
        running=[row("A3-1188C2", say("评分中", "Being scored"), "now", 1, "", [])],
        finished=[row("B2-0017D9", say("已完成", "Finished"), "ok", 3, "8.0", [])],
        number=1,
        count=1,
        total=3,
        previous=None,
        next=None,
    )
