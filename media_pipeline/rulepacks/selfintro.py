"""Names in self-introductions, masked where the desk is blind (我是主播小叶 → 我是主播＊＊). Pure.

A hint, not a guarantee: a name said in any other way stays. It masks rather too much than too little.
"""

import re
from collections.abc import Iterator, Sequence

from media_pipeline.stages.types import Cue

# The hundred commonest surnames and those frequent in Fujian; compound ones first.
_SURNAMES = (
    "欧阳|上官|司马|诸葛|司徒|东方|独孤|南宫|慕容|尉迟|"
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
    "雷钱汤尹黎易常武乔贺赖龚文庄游柯翁洪连阮詹施纪池涂温肖俞章关童倪卓凌穆尤华阳宁伍甘覃温莫古代]"
)
_HAN = r"[一-鿿]"
# What may follow a name: an end, or a word that cannot be part of one.
_END = (
    r"(?=$|[^一-鿿A-Za-z]|今天|今晚|现在|来|带|给|欢迎|在|的|啊|呀|呢|哦|很|和|也|又|非常|首先|这里|感谢|谢谢|大家|你们|"
    r"咱们|我们|是|为|将|要|想|负责|老师|主播)"
)
_ROLE = (
    r"(?:(?:今天|今晚|本场|这场|你们|大家|咱们|我们|直播间|新人|新手|本地|助农|带货|农村)?的?"
    r"(?:主播|店主|老板娘?|茶农|果农|农民|讲师|学员|考生|选手))"
)
_NOT_A_NAME = re.compile(
    r"马上|高兴|高级|方便|方法|时候|安全|金牌|王牌|全部|于是|成功|万一|任何|明天|白天|温暖|康复|文明|常常|常年|代理|代表|古代|"
    r"华丽|关注|关于|许多|何必|黄金|白色|石头|江南|江边|田里|钟爱|易于|连续|连江|龙头|大家|你们|我们|咱们|自己|客服|老板|"
    r"主播|店主|一个|一名|一位|这个|那个|来自|真的|真心|特别|.*人$"
)
# After these a name follows almost surely: nicknames and misheard characters count too.
_SURE = re.compile(
    r"(?:我(?:的名字)?(?:就)?叫(?:做)?|我姓|名字(?:是|叫)|大家(?:可以)?(?:都)?叫我|(?:可以)?叫我|"
    rf"(?:我(?:就)?是|我叫)?{_ROLE}(?:是|叫)?|本人(?:是|叫)?)"
    rf"(?P<name>(?:[小老阿大]{_HAN}{{1,2}}?|(?:{_SURNAMES}){_HAN}{{1,2}}?|{_HAN}{{2,3}}?|[A-Za-z]{{2,20}})){_END}"
)
_LIKELY = re.compile(
    rf"我(?:就)?是(?:来自{_HAN}{{2,8}}?的)?(?P<name>[小老阿]{_HAN}{{1,2}}?|(?:{_SURNAMES}){_HAN}{{1,2}}?|[A-Z][a-z]{{1,19}}){_END}"
)


def mask_self_introduction(text: str) -> list[tuple[int, int]]:
    """Character spans `(start, end)` of names to mask, in order, without overlap."""
    found: list[tuple[int, int]] = []
    for start, end, name in _names(text):
        if _NOT_A_NAME.match(name) or any(start < other_end and other_start < end for other_start, other_end in found):
            continue
        found.append((start, end))
    return sorted(found)


def mask_cues(cues: Sequence[Cue]) -> dict[int, list[tuple[int, int]]]:
    """Cue index → spans to mask in its text. A name is masked wherever it comes again, and over the end of a cue."""
    whole = "".join(cue.text for cue in cues)
    spans = mask_self_introduction(whole)
    names = {whole[start:end] for start, end in spans}
    spans += [match.span() for name in names if len(name) > 1 for match in re.finditer(re.escape(name), whole)]
    masked: dict[int, list[tuple[int, int]]] = {}
    base = 0
    for cue in cues:
        stop = base + len(cue.text)
        pieces = {
            (max(start, base) - base, min(end, stop) - base) for start, end in spans if start < stop and end > base
        }
        if pieces:
            masked[cue.index] = sorted(pieces)
        base = stop
    return masked


def _names(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern in (_SURE, _LIKELY):
        for match in pattern.finditer(text):
            yield *match.span("name"), match["name"]
