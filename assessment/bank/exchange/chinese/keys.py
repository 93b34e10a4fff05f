"""What an answer says, by the type of its question. An answer that can be read two ways is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import normalise
from assessment.bank.exchange.chinese.marks import CIRCLES, FALSE_WORDS, TRUE_WORDS
from assessment.bank.exchange.chinese.texts import twin
from assessment.bank.types import Option, ReadQuestion

_SEPARATED = re.compile(r"[(\[【]?\s{0,20}([A-La-l](?:[\s,、;/|和及]{0,3}[A-La-l]){0,11})\s{0,20}[)\]】]?")
_LEADING = re.compile(
    r"(?:选|应选|选择)?\s{0,4}[(\[【]?\s{0,4}([A-La-l](?:[\s,、;]{0,3}[A-La-l](?![A-Za-z])){0,11})\s{0,4}[)\]】]?(?:\s{0,4}[.。,、:;)]\s{0,8}|\s{1,8}(?=\S)|$)"
)
_TRUTH = re.compile(
    r"[(\[【]?\s{0,4}(√|∨|×|不正确|不对|正确|错误|对|错|是|否|[Tt]rue|[Ff]alse|TRUE|FALSE|[TFYNXxtf](?![A-Za-z]))\s{0,4}[)\]】]?"
)
_AFTER = " .。,、:;!-"


class Unclear(ValueError):
    """An answer that does not say clearly what is right. The message is for people; read: the question without its answer."""

    read: ReadQuestion | None = None


@dataclass(frozen=True)
class Said:
    """An answer read. more: text behind it, which explains."""

    keys: tuple[str, ...] = ()
    more: str = ""


def letters(plain: str) -> tuple[str, ...]:
    """The letters of ABD, A、B、D or （ A B D ）; () when the text is anything else."""
    found = _SEPARATED.fullmatch(plain.strip().strip(".。;,"))
    return tuple(sign.upper() for sign in found.group(1) if sign.isalpha() and sign.isascii()) if found else ()


def chosen(text: str, options: Sequence[Option]) -> Said:
    """The keys that an answer of a choice names: letters, 选B, the option's letter and text, or its text alone.

    Raises Unclear.
    """
    plain = twin(text).strip()
    keys, more = letters(plain.removeprefix("选").strip()), ""
    if not keys and (found := _LEADING.match(plain)):
        keys = tuple(sign.upper() for sign in found.group(1) if sign.isalpha())
        more = text.strip()[found.end() :].strip()
    if not keys:
        same = [option.key for option in options if normalise(option.text) == normalise(text)]
        if len(same) != 1:
            raise Unclear(_("The answer “%(text)s” names no option.") % {"text": text.strip()[:40]})
        return Said((same[0],))
    known = [option.key for option in options]
    for key in keys:
        if key not in known:
            raise Unclear(_("The answer %(key)s is not among the options.") % {"key": key})
    if len(set(keys)) < len(keys):
        raise Unclear(_("The answer “%(text)s” names an option twice.") % {"text": text.strip()[:40]})
    if more and len(keys) == 1:
        named = next(option.text for option in options if option.key == keys[0])
        if normalise(named) == normalise(more):
            more = ""
    return Said(keys, more)


def truth(text: str) -> tuple[bool, str] | None:
    """True or false, and the text behind it that explains; None when the answer says neither."""
    plain = twin(text).strip()
    found = _TRUTH.match(plain)
    if found is None:
        return None
    rest = plain[found.end() :]
    if rest and rest[0] not in " .。,、:;!(-\n" and not found.group()[-1:].isspace():
        return None
    word = found.group(1).lower()
    more = text.strip()[found.end() :].lstrip(_AFTER + "。，；：！　").strip()
    return (word in TRUE_WORDS), more


def is_truth(plain: str) -> bool:
    """Whether a sign or word alone says true or false."""
    return plain.strip().lower() in TRUE_WORDS | FALSE_WORDS


# Blanks ---------------------------------------------------------------------------------------------------------------

_ORDINAL = re.compile(
    rf"(?:\(\s?(\d{{1,2}})\s?\)|第([一二三四五六七八九十])空\s?[:.、]?|([{CIRCLES}])|(?<![\d.])(\d{{1,2}})\s?[.、:)](?!\d))\s{{0,4}}"
)
_SPLITS = (r"[;；\n]+", r"\t+|\s{2,}|\s*\|\s*", r"\s+", r"、", r"[,，]", r"[/／]")
_OR = re.compile(r"\s*[/／]\s*|\s*\|\s*")


def blanks(text: str, count: int) -> tuple[tuple[str, ...], ...]:
    """The accepted texts of each of `count` blanks: numbered, or parted by ； spaces 、 ， or /, the first
    that gives as many.

    In one blank's part, / stands between texts that are all accepted. Raises Unclear.
    """
    text = text.strip()
    text = text[:-1].rstrip() if text.endswith(("。", "；", ";")) else text
    parts = _numbered(text, count)
    if parts is None and count == 1:
        if re.search(r"[;；\n]", text):
            raise Unclear(
                _("The stem has %(drawn)s blanks, the answer has %(given)s texts.")
                % {"drawn": 1, "given": len(re.split(r"[;；\n]+", text))}
            )
        parts = [text]
    if parts is None:
        for split in _SPLITS:
            tried = [part.strip() for part in re.split(split, text)]
            if len(tried) == count and all(tried):
                parts = tried
                break
    if parts is None:
        raise Unclear(
            _("The answer does not fall into %(count)s parts, one for each blank; put ； between them.")
            % {"count": count}
        )
    return tuple(_alternatives(part) for part in parts)


def _numbered(text: str, count: int) -> list[str] | None:
    heads = list(_ORDINAL.finditer(twin(text)))
    if not heads or heads[0].start() or len(heads) != count:
        return None
    values = [_value(next(group for group in head.groups() if group)) for head in heads]
    if values != list(range(1, count + 1)):
        return None
    ends = [head.start() for head in heads[1:]] + [len(text)]
    parts = [text[head.end() : end].strip(" ；;，,、。\t\n　") for head, end in zip(heads, ends, strict=True)]
    return parts if all(parts) else None


def _value(signs: str) -> int:
    if signs.isdecimal():
        return int(signs)
    return CIRCLES.find(signs) + 1 or "一二三四五六七八九十".find(signs) + 1


def _alternatives(part: str) -> tuple[str, ...]:
    texts = [text.strip() for text in _OR.split(part)]
    return (
        tuple(dict.fromkeys(texts))
        if all(texts) and len({normalise(text) for text in texts}) == len(texts)
        else (part,)
    )


# Orders and pairs -----------------------------------------------------------------------------------------------------


def order(text: str, options: Sequence[Option]) -> tuple[str, ...]:
    """BACD, B→A→C→D, ②①③④, 2-1-3-4: every option once. Raises Unclear."""
    plain = twin(text).strip().rstrip(".。")
    found = re.findall(rf"[A-La-l]|\d{{1,2}}(?=\D|$)|[{CIRCLES}]|\d", plain)
    rest = re.sub(rf"[A-La-l\d{CIRCLES}\s→>\-,、;()=]", "", plain)
    known = [option.key for option in options]
    if rest:
        raise Unclear(_("The answer “%(text)s” gives no order of the options.") % {"text": text.strip()[:40]})
    if re.fullmatch(r"\d{2,9}", plain):
        found = list(plain)
    keys = tuple(_placed(sign, known) for sign in found)
    if sorted(keys) != sorted(known):
        raise Unclear(_("The answer of an ordering question names every option once, in the right order."))
    return keys


def _placed(sign: str, known: Sequence[str]) -> str:
    if sign.isalpha() and sign.isascii():
        return sign.upper()
    at = _value(sign) - 1
    return known[at] if 0 <= at < len(known) else "?"


_PAIR = re.compile(
    rf"\(?\s?(\d{{1,2}}|[{CIRCLES}])\s?\)?\s{{0,3}}(?:-{{1,4}}>?|→|=|:|\.|、|对应|配|)\s{{0,3}}\(?\s?([A-La-l])\s?\)?"
)


def pairs(text: str, left: Sequence[str], right: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """1-B 2-A 3-C, ①→B, 1B2A3C, or BAC in the order of the left side. Raises Unclear."""
    plain = twin(text).strip().rstrip(".。")
    told = letters(plain)
    if told and len(told) == len(left):
        made = tuple(zip(left, told, strict=True))
    else:
        rest = _PAIR.sub("", plain)
        if rest.strip(" ,;、\n\t。."):
            raise Unclear(_("The answer “%(text)s” gives no pairs such as 1-B.") % {"text": text.strip()[:40]})
        made = tuple((str(_value(found.group(1))), found.group(2).upper()) for found in _PAIR.finditer(plain))
    if sorted(pair[0] for pair in made) != sorted(left):
        raise Unclear(_("The answer of a matching question names every left item once, in its order."))
    for _left, key in made:
        if key not in right:
            raise Unclear(_("The answer %(key)s is not among the options.") % {"key": key})
    return tuple(sorted(made, key=lambda pair: list(left).index(pair[0])))


# Difficulty -----------------------------------------------------------------------------------------------------------

_WORDS = {
    **dict.fromkeys(("易", "容易", "简单", "低", "很易", "非常简单"), 1),
    **dict.fromkeys(("较易", "较容易", "较简单", "偏易", "中易"), 2),
    **dict.fromkeys(("中", "中等", "一般", "适中", "普通"), 3),
    **dict.fromkeys(("较难", "偏难", "中难", "较高"), 4),
    **dict.fromkeys(("难", "困难", "很难", "高", "非常难"), 5),
}


def difficulty(text: str) -> int | None:
    """1 easy … 5 hard, of 易 中 难, of 1–5 or stars, or of a coefficient 0.x (the share of candidates who get it right)."""
    plain = twin(text).strip().strip(".。;,")
    if plain in _WORDS:
        return _WORDS[plain]
    if stars := plain.count("★"):
        return stars if stars <= 5 and not plain.strip("★☆ ") else None
    if found := re.fullmatch(r"([1-5])\s?(?:级|星)?", plain):
        return int(found.group(1))
    if re.fullmatch(r"0?\.\d{1,3}|[01]\.0{1,3}", plain):
        share = float(plain)
        return 1 + sum(share < bound for bound in (0.8, 0.65, 0.5, 0.3))
    return None
