"""What was said in works, for comparing: the newest transcript of each, without what the courses gave to say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lms.core import similar
from media_pipeline.assets.models import TranscriptSegment
from media_pipeline.similarity.samples import sample_scripts
from media_pipeline.stages.prints import TEXT_ONE_OF, text_keys

Line = tuple[float, float, str]


@dataclass(frozen=True)
class Said:
    """The letters of a transcript. seconds: of every letter; pieces: what is left without sample scripts."""

    text: str
    seconds: tuple[tuple[float, float], ...]
    pieces: tuple[str, ...]

    @property
    def own_letters(self) -> int:
        return sum(map(len, self.pieces))

    @property
    def keys(self) -> set[int]:
        """Keys of the index, of her own words alone."""
        return text_keys(similar.tokens(self.pieces, one_of=TEXT_ONE_OF))


def said(lines: Sequence[Line]) -> Said:
    """Lines with their seconds, as a text of letters."""
    letters = [(similar.letters(text).text, start, end) for start, end, text in lines]
    whole = "".join(text for text, _, _ in letters)
    seconds = tuple((start, end) for text, start, end in letters for _ in text)
    return Said(whole, seconds, similar.pieces_without(whole, _known(sample_scripts())))


@lru_cache(maxsize=2)
def _known(samples: tuple[str, ...]) -> frozenset[str]:
    return similar.phrases(samples)


def lines_of(assets: Collection[int]) -> dict[int, list[Line]]:
    """Asset → the lines of its newest transcript; one query."""
    rows = TranscriptSegment.objects.filter(transcript__run__asset__in=list(assets)).order_by(
        "transcript__run", "index"
    )
    found: dict[int, tuple[int, list[Line]]] = {}
    for asset, run, start, end, text in rows.values_list(
        "transcript__run__asset", "transcript__run", "start_s", "end_s", "text"
    ):
        if asset not in found or found[asset][0] != run:
            found[asset] = (run, [])
        found[asset][1].append((start, end, text))
    return {asset: lines for asset, (_, lines) in found.items()}
