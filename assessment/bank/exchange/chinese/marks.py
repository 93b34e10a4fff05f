"""What a line of an exam paper looks like: number, heading, field, option, page noise. Patterns see the plain twin only.

Every repetition in a pattern is bounded or runs over one class of characters, so a hostile line costs no more than its
length.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from assessment.bank.types import QuestionType

_COUNT = "一二三四五六七八九十"
_DIGITS = {sign: value for value, sign in enumerate(_COUNT, start=1)}
_ROMAN = {sign: value for value, sign in enumerate("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", start=1)}
_ROMAN |= {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

TRUE_WORDS = frozenset({"√", "对", "正确", "t", "true", "y", "yes", "是", "∨"})
FALSE_WORDS = frozenset({"×", "错", "错误", "f", "false", "n", "no", "否", "不正确", "不对", "x"})
_TRUTH = "√|∨|×|x|X|对|错|正确|错误|不正确|T|F|t|f"
_LETTERS = r"[A-La-l](?:[\s,、;/]{0,3}[A-La-l]){0,11}"

# A key in brackets: （ B ）, （√）, 【ABD】. An empty one: （  ）.
KEY_BRACKET = re.compile(rf"[(\[【][\s_]{{0,16}}({_LETTERS}|{_TRUTH})[\s_]{{0,16}}[)\]】]")
EMPTY_BRACKET = re.compile(r"\([\s_]{0,40}\)|【\s{1,40}】|\[\s{1,40}\]")
LAST_SIGN = re.compile(r"[\s。.!！]([√∨×])$")
NAMED_KEY = re.compile(r"\(\s{0,4}(?:参考|正确|标准)?答案(?:是|为)?\s{0,4}[:]?\s{0,4}([^()]{1,200})\)")


_KIND_ANSWERS = re.compile(r"的?(?:参考|标准|正确)?答案\s{0,2}:\s{0,4}(?=\S)")


def chinese_number(signs: str) -> int:
    """一 → 1, 十二 → 12, 二十 → 20; 0 when it is none."""
    if not signs or any(sign not in _DIGITS for sign in signs):
        return 0
    if "十" not in signs:
        return _DIGITS[signs] if len(signs) == 1 else 0
    tens, _ten, ones = signs.partition("十")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0) if len(signs) <= 3 else 0


# Numbers of questions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number at the head of a line. style: 1, (1), ①, 一, (一) or "1 "; end: where the text begins; key: in a bracket
    before the number, as in （√）1.; kind: of a mark before it, as in 【单选】1."""

    style: str
    value: int
    end: int
    key: str = ""
    kind: str = ""


_BEFORE = re.compile(
    rf"[*★☆]?\s{{0,4}}(?:[\[【(]\s{{0,4}}([\u4e00-\u9fff]{{2,6}})\s{{0,4}}[\]】)]\s{{0,4}}(?=\d|第))?"
    rf"(?:\([\s_]{{0,16}}({_LETTERS}|{_TRUTH})?[\s_]{{0,16}}\)\s{{0,4}}(?=\d|第))?"
)
_NUMBERS = (
    (
        "1",
        re.compile(
            r"(?:第\s{0,2}(\d{1,4})\s{0,2}[小]?题|(?:题目|试题|例题|问题|Q|No\.?)\s{0,2}(\d{1,4}))\s{0,4}[.、:,)]?"
        ),
    ),
    ("一题", re.compile(rf"(?:第([{_COUNT}]{{1,3}})题|问题([{_COUNT}]{{1,3}}))\s{{0,4}}[.、:,)]?")),
    ("1", re.compile(r"(\d{1,4})\s{0,2}(?:[、)]|[.](?!\d)|[:,](?!\d))")),
    ("1", re.compile(r"[\[【]第?(\d{1,4})题?[\]】]\s{0,2}[.、:]?")),
    ("1?", re.compile(r"(\d{1,4})[.](?=\d)")),  # 1.2024年… or 1.5 米
    ("(1)", re.compile(r"\(\s{0,2}(\d{1,3})\s{0,2}\)\s{0,2}[.、:]?")),
    ("(一)", re.compile(rf"\(\s{{0,2}}([{_COUNT}]{{1,3}})\s{{0,2}}\)\s{{0,2}}[.、:]?")),
    ("一", re.compile(rf"([{_COUNT}]{{1,3}})\s{{0,2}}[、.:,]")),
    ("①", re.compile(rf"([{CIRCLES}])\s{{0,2}}[.、:]?")),
    ("1 ", re.compile(r"(\d{1,4})\s{1,8}(?=[\u4e00-\u9fff“《\"])")),
)


def number_at(plain: str) -> Number | None:
    """The number a line begins with."""
    before = _BEFORE.match(plain)
    start = before.end() if before else 0
    for style, pattern in _NUMBERS:
        if found := pattern.match(plain, start):
            signs = next(group for group in found.groups() if group)
            value = CIRCLES.find(signs) + 1 or (int(signs) if signs.isascii() else chinese_number(signs))
            end = found.end()
            end += len(plain[end : end + 40]) - len(plain[end : end + 40].lstrip())
            style = "1" if style == "一题" else style
            mark, key = (before.group(1) or "", before.group(2) or "") if before else ("", "")
            if mark in ("对", "错", "正确", "错误", "不正确"):
                mark, key = "", mark
            kind = kind_named(mark) if mark else ""
            return Number(style, value, end, key, kind) if value and bool(kind) == bool(mark) else None
    return None


# Headings -------------------------------------------------------------------------------------------------------------

CHOICE, LOOSE, CASE = "choice", "loose", "case"  # 选择题 of both kinds, 不定项选择题, 案例分析题
_KINDS: tuple[tuple[str, str], ...] = (
    ("不定项选择|不定项", LOOSE),
    ("多项选择|多选|多项", QuestionType.MULTIPLE),
    ("单项选择|单选|单项", QuestionType.SINGLE),
    ("案例选择", CASE),
    ("选择", CHOICE),
    ("判断|是非|正误|对错", QuestionType.TRUE_FALSE),
    ("填空", QuestionType.FILL),
    ("排序|排列", QuestionType.ORDERING),
    ("匹配|连线|配对|连连看", QuestionType.MATCHING),
    ("简答|问答|论述|名词解释|简述|简要回答|开放|主观", QuestionType.SHORT),
    ("案例|材料|综合分析|情景分析|情境分析|综合", CASE),
)
_KIND = re.compile("|".join(f"({words})" for words, _kind in _KINDS))
_ORDINAL = re.compile(
    rf"(?:第([{_COUNT}]{{1,3}}|\d{{1,2}})(?:部分|大题|题型|章|节|单元)|\(([{_COUNT}]{{1,3}})\)|([{_COUNT}]{{1,3}})\s{{0,2}}[、.:,]"
    r"|([ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|[IVX]{1,4})\s{0,2}[、.])\s{0,8}[、.:]?\s{0,4}"
)
_TAIL = re.compile(r"[\u4e00-\u9fff、]{0,6}题|(?=\s{0,8}(?:[(\[:]|共|每|$))")
_EACH = re.compile(
    r"每(?:小|道)?题?\s{0,2}(?:各)?\s{0,2}(\d{1,3}(?:\.\d{1,2})?)\s{0,2}分|(\d{1,3}(?:\.\d{1,2})?)\s{0,2}分/(?:每)?题"
)
_EACH_BLANK = re.compile(r"每空\s{0,2}(\d{1,3}(?:\.\d{1,2})?)\s{0,2}分")
OWN_MARKS = re.compile(
    r"[(\[【]\s{0,4}(?:本(?:小)?题|分值)?\s{0,2}[:]?\s{0,2}(?:共|满分)?\s{0,2}(\d{1,3}(?:\.\d{1,2})?)\s{0,2}分\s{0,4}[)\]】]"
)
_ANSWERS = re.compile(r"(?:的)?(?:参考)?答案(?:及解析|与解析|和解析)?$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a section. kind: a question type, CHOICE, LOOSE, CASE or "" when it does not say; rest: where the text
    after it begins; answers: it says that these are answers."""

    ordinal: int
    kind: str
    title: str
    each: Decimal | None = None
    each_blank: Decimal | None = None
    rest: int = 0
    answers: bool = False
    paren: bool = False


def kind_named(text: str) -> str:
    """The kind a word of a heading or mark names, or ""."""
    found = _KIND.match(text)
    return _KINDS[found.lastindex - 1][1] if found and found.lastindex else ""


def heading_at(plain: str) -> Heading | None:
    """A heading that names its kind of questions: 一、单项选择题（每题2分，共40分）, 判断题, 第二部分 多选题."""
    if len(plain) > 200:
        return None
    plain_text = plain.strip("*#=-— ") if plain[:1] in "*#=-" else plain
    offset = plain.find(plain_text) if plain_text else 0
    ordinal = _ORDINAL.match(plain_text)
    start = ordinal.end() if ordinal else 0
    found = None
    for at in range(start, min(start + (9 if ordinal else 1), len(plain_text))):
        if plain_text[at] in "(:,。?!_ " and at > start:
            break
        if found := _KIND.match(plain_text, at):
            break
    if found is None:
        bracketed = re.match(r"[【\[]([^】\]]{2,12})[】\]]$", plain_text)
        inner = heading_at(bracketed.group(1)) if bracketed else None
        return inner if inner is not None and inner.title else None
    tail = _TAIL.match(plain_text, found.end())
    if tail is None:
        return None
    end = tail.end()
    rest = plain_text[end:].strip()
    answers = _ANSWERS.match(rest.rstrip(": "))
    if answers:
        rest = ""
    if (told := _KIND_ANSWERS.match(rest)) and _answers_alone(rest[told.end() :]):
        at = plain_text.find(rest, end) + told.end()
        kind = _KINDS[(found.lastindex or 1) - 1][1]
        return Heading(_ordinal(ordinal), kind, plain_text[start:end], rest=offset + at, answers=True)
    if not ordinal and rest and rest[0] not in "(:[共每本，,-=*#":
        return None
    if not ordinal and rest[:1] == ":" and kind_mark(plain_text) and not _told_of_section(rest[1:].strip()):
        return None  # 判断：直播时可以…
    if re.search(r"[?？]|_{2}", rest) or re.match(r"[(]\s{0,20}[A-H√×]?\s{0,20}[)]", rest):
        return None
    kind = _KINDS[(found.lastindex or 1) - 1][1]
    return Heading(
        _ordinal(ordinal),
        kind,
        plain_text[start:end],
        _decimal(_EACH.search(rest)),
        _decimal(_EACH_BLANK.search(rest)),
        len(plain) if answers else offset + end,
        bool(answers),
        bool(ordinal and ordinal.group(2)),
    )


def _told_of_section(rest: str) -> bool:
    return not rest or rest[0] in "([共每本" or is_instruction(rest) or _answers_alone(rest)


def _answers_alone(rest: str) -> bool:
    """Whether a text is nothing but answers: ABCDA, √×√, 1.A 2.B."""
    return looks_like_list(rest) or re.fullmatch(r"[A-La-l√×对错\s,;、]{1,400}[.。]?", rest) is not None


def bare_heading_at(plain: str) -> Heading | None:
    """A heading that names no kind: 一、直播基础知识, 第一部分 理论. Whether it is one depends on what follows."""
    ordinal = _ORDINAL.match(plain)
    if ordinal is None or ordinal.group(2) or len(plain) > 40 or re.search(r"[?？。;!_√×]|\(\s{0,20}\)", plain):
        return None
    return Heading(_ordinal(ordinal), "", plain[ordinal.end() :], rest=len(plain))


def _ordinal(found: re.Match[str] | None) -> int:
    if found is None:
        return 0
    signs = next((group for group in found.groups() if group), "")
    return int(signs) if signs.isdecimal() else _ROMAN.get(signs, 0) or chinese_number(signs)


def _decimal(found: re.Match[str] | None) -> Decimal | None:
    if found is None:
        return None
    return Decimal(next(group for group in found.groups() if group))


# Fields ---------------------------------------------------------------------------------------------------------------

ANSWER, EXPLANATION, DIFFICULTY, TOPIC, MARKS, TYPE, STEP, CLAUSE, SOURCE = (
    "answer explanation difficulty topic marks type step clause source".split()
)
_FIELDS: tuple[tuple[str, str], ...] = (
    ("答案解析|试题解析|题目解析|解析|分析|点评|解题思路|详解|说明|解答说明", EXPLANATION),
    (
        "参考答案|正确答案|标准答案|本题答案|试题答案|答案|参考要点|答题要点|评分要点|答案要点|正确选项|正确项|Answer|ANSWER|answer|Key|KEY|Ans|ANS",
        ANSWER,
    ),
    ("难易程度|难易度|难度系数|难度等级|难度", DIFFICULTY),
    ("知识点|考点|考查点|考核点|章节|所属章节|所属模块|模块|知识模块", TOPIC),
    ("分值|分数|本题分值", MARKS),
    ("题型|试题类型|题目类型|类型", TYPE),
    ("认知层次|认知水平|能力层次|考查层次", STEP),
    ("法条依据|法律依据|法规依据|依据条款|依据|法条|条款", CLAUSE),
    ("来源|出处|命题人|题目来源", SOURCE),
)
_WORDS = "|".join(sorted((word for words, _field in _FIELDS for word in words.split("|")), key=len, reverse=True))
_FIELD_OF = {word: field for words, field in _FIELDS for word in words.split("|")}
FIELD_NAMES = frozenset(_FIELD_OF)
_LINE_ONLY = "|".join(("答", "解"))
FIELD = re.compile(
    rf"[【\[]\s{{0,4}}({_WORDS})\s{{0,4}}[】\]]\s{{0,4}}:?"
    rf"|(?:^|(?<=[\s。;)】!?.]))({_WORDS})\s{{0,4}}(?::|(?:是|为)\s{{0,2}}:?(?=\s{{0,4}}[A-La-l√×]))"
    rf"|^({_LINE_ONLY})\s{{0,4}}:"
    rf"|(?:^|(?<=\s))(参考答案|正确答案|标准答案|答案)\s{{1,8}}(?=(?:{_LETTERS}|{_TRUTH})\s{{0,8}}[。.]?$)"
    rf"|^(答案|参考答案|正确答案)$"
    rf"|^(应选|选)\s{{0,2}}:?\s{{0,2}}(?={_LETTERS}[。.]?$)"
)


def fields_in(plain: str) -> list[tuple[int, int, str]]:
    """The field marks of a line in their order: (start, end, field). 答： and 解： count at the line's head alone."""
    found = []
    for mark in FIELD.finditer(plain):
        word = next(group for group in mark.groups() if group)
        end = mark.end()
        end += len(plain[end : end + 40]) - len(plain[end : end + 40].lstrip())
        found.append((mark.start(), end, _FIELD_OF.get(word, ANSWER)))
    return found


_KIND_MARK = re.compile(
    r"(单项选择|单选|多项选择|多选|不定项选择|判断|是非|填空|简答|问答|论述|名词解释|排序|匹配|连线)题?\s{0,4}:\s{0,4}(?=\S)"
)


def kind_mark(plain: str) -> tuple[int, str] | None:
    """单选： or 判断题： before a stem: where the stem begins, and the kind."""
    found = _KIND_MARK.match(plain)
    return (found.end(), kind_named(found.group(1))) if found else None


TYPE_MARK = re.compile(r"[\[【(]\s{0,4}([\u4e00-\u9fff]{2,8})\s{0,4}[\]】)]")


def type_mark(plain: str) -> tuple[int, int, str] | None:
    """[单选], 【多选题】, （判断） at the head or the end of a stem: (start, end, kind)."""
    for found in TYPE_MARK.finditer(plain):
        kind = kind_named(found.group(1))
        whole = kind and re.fullmatch(rf"(?:{_KIND.pattern})(?:分析|改错)?题?", found.group(1))
        if whole and (not plain[: found.start()].strip() or not plain[found.end() :].strip(" 。.:")):
            return found.start(), found.end(), kind
    return None


# Options --------------------------------------------------------------------------------------------------------------

_OPTION = re.compile(
    r"(?<![A-Za-z0-9])(?:([(\[【])\s?([A-La-l])\s?[)\]】]\s{0,2}[.、:]?|([A-La-l])\s{0,2}(?:[.、:)](?!\d?[A-Za-z]\.)|(?=\s)|$))"
)


def options_in(plain: str, start: int = 0) -> list[tuple[int, int, str, bool]]:
    """What could be an option's letter: (start, end, capital letter, in brackets)."""
    return [
        (found.start(), found.end(), (found.group(2) or found.group(3)).upper(), bool(found.group(1)))
        for found in _OPTION.finditer(plain, start)
    ]


def option_lead(plain: str) -> str:
    """The letter of the option a line begins with, or ""."""
    found = _OPTION.match(plain)
    if found is None:
        return ""
    if found.group(3) and plain[found.end() - 1] == found.group(3) and not plain[found.end() :].strip():
        return ""  # a lone letter is an answer
    return (found.group(2) or found.group(3)).upper()


# Shared material ------------------------------------------------------------------------------------------------------

_MATERIAL = re.compile(
    rf"[【\[(]?\s{{0,2}}(?:背景材料|阅读材料|案例材料|背景资料|案例分析|案例|材料|背景|情景|情境|案情|资料)"
    rf"\s{{0,2}}(?:[{_COUNT}]{{1,3}}|\d{{1,2}})?\s{{0,2}}(?:[】\])]\s{{0,2}}:?|:|$|\s(?=\S))"
)
_READ = re.compile(
    r"[(【\[]?(?:请)?(?:仔细|认真)?(?:阅读|根据|依据|结合|针对)[^。?]{0,16}?(?:案例|材料|资料|情景|情境|背景|短文)[^。?]{0,10}?"
    r"(?:回答|完成|作答|解答)[^。?]{0,12}"
)
_RANGE = re.compile(r"(\d{1,4})\s{0,2}(?:-{1,2}|~|至|到)\s{0,2}(?:第)?\s{0,2}(\d{1,4})\s{0,2}(?:小)?题?")


@dataclass(frozen=True, slots=True)
class Material:
    """The beginning of shared material, or the line that says which questions it serves. above: it stands before this line;
    first, last: numbers, 0 when not said; rest: where its text begins."""

    above: bool
    first: int
    last: int
    rest: int


def material_at(plain: str) -> Material | None:
    """案例一：…, 【材料】…, 根据以上材料，回答1–3题."""
    if len(plain) <= 120 and (found := _READ.match(plain)):
        numbers = _RANGE.search(plain)
        first, last = (int(numbers.group(1)), int(numbers.group(2))) if numbers else (0, 0)
        above = bool(re.search("以上|上述|上面|前述", plain[:20]))
        rest = len(plain)
        colon = plain.find(":", found.start())
        if not above and 0 <= colon < len(plain) - 1:
            rest = colon + 1
        return Material(above, first, last, rest)
    if found := _MATERIAL.match(plain):
        return Material(False, 0, 0, found.end())
    return None


# Noise ----------------------------------------------------------------------------------------------------------------

_NOISE = re.compile(
    r"第?\s{0,4}\d{1,4}\s{0,4}页(?:[\s,/,、]{0,6}[(]?共?\s{0,4}\d{1,4}\s{0,4}页[)]?)?"
    r"|共\s{0,4}\d{1,4}\s{0,4}页.{0,20}|-{1,4}\s{0,4}\d{1,4}\s{0,4}-{1,4}|Page\s{0,4}\d{1,4}.{0,20}"
    r"|.{0,40}\s第\s{0,4}\d{1,4}\s{0,4}页(?:[\s,/、]{0,6}[(]?共\s{0,4}\d{1,4}\s{0,4}页[)]?)?"
    r"|[.…·\-=*~#\s○●◆■│|┄┈]{3,}"
    r"|(?:姓名|考生姓名|准考证号|准考证|班级|学号|单位|工作单位|考号|身份证号|得分|评卷人|阅卷人|总分|成绩|日期|学校|座位号)\s{0,4}(?:[:_(\s].{0,200})?"
    r"|[\s.…·\-_]{0,80}(?:密\s{0,40}封\s{0,40}线|装\s{0,40}订\s{0,40}线|密[.…·\-_\s]{1,60}封[.…·\-_\s]{1,60}线"
    r"|装[.…·\-_\s]{1,60}订[.…·\-_\s]{1,60}线).{0,120}"
    r"|[(]?(?:考试时间|考试用时|考试时长|答题时间|满分|总分|卷面总分|时间|时长|考试形式|考试科目|科目|专业|工种|职业|等级|级别|试卷编号|考核等级)\s{0,4}(?::|为|\d).{0,120}"
    r"|[(]?本试卷.{0,120}"
    r"|题号[\s\t|]{1,8}(?:[一二三四五六七八九十总分合计\s\t|]{1,80})"
    r"|(?:更多|本文|文章|资料|题库|试题|原文){0,3}(?:来源|来自|出处|网址|链接|地址|请?访问|请?登录|下载|详见){0,2}\s{0,2}:?\s{0,2}"
    r"(?:https?://|www\.)[^\s\u4e00-\u9fff]{3,250}"
    r"|(?:版权所有|©|Copyright).{0,80}"
    r"|(?:更多|海量).{0,12}(?:题库|试题|真题|资料).{0,30}(?:访问|关注|下载|搜索|扫码|公众号|小程序|登录).{0,60}"
    r"|上一[页题]|下一[页题]|(?:点击)?查看(?:答案|解析)|收藏本题|返回顶部"
    r"|[(\[【\-]{0,6}\s{0,4}(?:以下空白|以下无正文|试卷结束|全卷完|试题结束"
    r"|考试结束|完|结束|The End|END|到此结束|祝(?:你|大家|各位|考生)?考试顺利)\s{0,4}[!)\]】\-]{0,6}"
)
_NOTES = re.compile(
    r"[(【\[]?(?:注意事项|答题须知|考生须知|考生注意|考试须知|考试说明|答题说明|答题要求)[)】\]]?\s{0,4}:?.{0,80}"
)
_INSTRUCTION = re.compile(
    r"[(【\[]?.{0,80}(?:备选|填在|填入|填写在|括号内|横线上|涂黑|只有一个|至少有|两个或两个以上|多选、|错选|少选|不得分|打[\"“]?√|划[\"“]?√|画[\"“]?√|"
    r"请判断|请选择|正确的打|正确的划|连线|请将|按要求)"
)


def is_noise(plain: str) -> bool:
    """Page numbers, rules, lines for the name, the paper's time and marks."""
    return len(plain) <= 300 and _NOISE.fullmatch(plain) is not None


def is_notes(plain: str) -> bool:
    """The head of the notes for candidates; what follows up to the first section belongs to them."""
    return len(plain) <= 120 and _NOTES.fullmatch(plain) is not None


def is_instruction(plain: str) -> bool:
    """How the questions of a section are to be answered."""
    return _INSTRUCTION.match(plain) is not None


_ANSWER_LIST = re.compile(
    r"[【\[(#=*\-\s]{0,6}(?:附[:录]?\s{0,2})?[^\s:,。]{0,30}?(参考答案|标准答案|试题答案|正确答案|答案)(?:及|与|和)?(?:试题)?(?:解析|详解|评分标准|评分参考|评分要点)?"
    r"\s{0,2}[】\])=*\-\s]{0,6}(:?)\s{0,4}"
)


def answer_list_at(plain: str) -> tuple[str, int] | None:
    """The head of an answer list: its word and where what follows it begins."""
    if found := _ANSWER_LIST.match(plain):
        rest = plain[found.end() :]
        if not rest or (len(rest) > 2 and rest[0] in "0123456789(一" and looks_like_list(rest)):
            return found.group(1), found.end()
    return None


_EXPLANATIONS = re.compile(
    rf"(?:[{_COUNT}]{{1,3}}、)?\s{{0,4}}[【\[]?(?:试题|答案|题目|参考|详细)?(?:解析|详解)(?:部分)?[】\]]?"
)


def explanations_at(plain: str) -> bool:
    """Whether a line of an answer list says that explanations follow: 解析."""
    return len(plain) <= 20 and _EXPLANATIONS.fullmatch(plain) is not None


def kind_heading_at(plain: str) -> Heading | None:
    """单选：1.A 2.B or 简答：1.…, as the heading of a part of an answer list."""
    mark = kind_mark(plain)
    return Heading(0, mark[1], "", rest=mark[0]) if mark else None


def listed_heading_at(plain: str) -> Heading | None:
    """The number of a section with its answers on the same line: 二、1.× 2.√, 一、ABCDA."""
    ordinal = _ORDINAL.match(plain)
    if ordinal is None:
        return None
    rest = plain[ordinal.end() :].strip()
    if not looks_like_list(rest) and not re.fullmatch(rf"(?:{_LETTERS}|[√×对错\s,;、]{{1,400}})", rest):
        number = number_at(rest)
        if number is None or number.value != 1 or number.style not in ("1", "1?", "(1)"):
            return None
    return Heading(_ordinal(ordinal), "", "", rest=ordinal.end())


_LISTED = re.compile(
    rf"\(?\d{{1,4}}\s{{0,2}}(?:-{{1,2}}|~|至|到)\s{{0,2}}\d{{1,4}}\s{{0,2}}题?\s{{0,2}}[:.、,)]?\s{{0,4}}(?:{_TRUTH}|[A-La-l])"
    rf"|\(?\d{{1,4}}\s{{0,2}}[.、:)]?\s{{0,4}}(?:{_LETTERS}|{_TRUTH})(?=[\s,;。.、\d]|$)"
    r"|题号|序号"
)


_MARK_SIGNS = re.compile(r"[\[【(]([^\[\]【】()]{1,24})[\]】)]\s{0,4}")
_MARKS_SAID = re.compile(
    r"(?:本(?:小)?题|每题|分值|满分)?\s{0,2}[:]?\s{0,2}(?:共|为)?\s{0,2}(\d{1,3}(?:\.\d{1,2})?)\s{0,2}分"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A bracket of a stem that says type, marks or both: （单选，2分）. start, end: its place."""

    start: int
    end: int
    kind: str
    marks: Decimal | None


def label_at(plain: str, start: int) -> Label | None:
    """The bracket at a place, when all that it says is a type and marks."""
    found = _MARK_SIGNS.match(plain, start)
    if found is None:
        return None
    kind, marks = "", None
    for piece in re.split(r"[\s,、;/·|-]+", found.group(1).strip()):
        if said := _MARKS_SAID.fullmatch(piece):
            if marks is not None:
                return None
            marks = Decimal(said.group(1))
        elif (
            not kind and (named := kind_named(piece)) and re.fullmatch(rf"(?:{_KIND.pattern})(?:分析|改错)?题?", piece)
        ):
            kind = named
        else:
            return None
    return Label(found.start(), found.end(), kind, marks) if kind or marks else None


def label_before(plain: str) -> Label | None:
    """The same at the end of a stem, before a full stop or colon at most."""
    end = len(plain.rstrip(" 。.:\n"))
    start = max((plain.rfind(sign, max(end - 26, 0), end) for sign in "([【"), default=-1)
    label = label_at(plain, start) if start >= 0 and plain[end - 1 : end] in ("]", "】", ")") else None
    return label if label is not None and label.end >= end else None


def looks_like_list(plain: str) -> bool:
    """1-5 ABCDA, 1.A 2.B, 题号 1 2 3."""
    return _LISTED.match(plain) is not None
