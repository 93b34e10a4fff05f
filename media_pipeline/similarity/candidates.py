"""Which earlier works may be like one: by the index in the database, so that no process holds all fingerprints."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import Count

from media_pipeline.similarity.models import Fingerprint, FingerprintKey
from media_pipeline.stages.prints import kind_of

# A key that so many works share says nothing; a later work's is not written, so no question reads more than this of a key.
COMMON = 500
_ASKED = 400
# As SQLite takes them in one question.
_BATCH = 900


def most_alike(keys: Collection[int], *, most: int) -> list[int]:
    """Ids of the fingerprints that share most keys, the best first; at most so many of each kind of key."""
    chosen: dict[int, None] = {}
    for asked in _by_kind(keys):
        votes: Counter[int] = Counter()
        for part in _parts(asked):
            rows = FingerprintKey.objects.filter(key__in=part).values("fingerprint").annotate(shared=Count("key"))
            votes.update(dict(rows.values_list("fingerprint", "shared")))
        best = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))[:most]
        chosen |= {fingerprint: None for fingerprint, _ in best}
    return list(chosen)


def _parts(keys: Iterable[int]) -> Iterator[list[int]]:
    ordered = iter(sorted(keys))
    while part := list(islice(ordered, _BATCH)):
        yield part


def _by_kind(keys: Iterable[int]) -> Sequence[list[int]]:
    kinds: dict[str, list[int]] = {}
    for key in keys:
        kinds.setdefault(kind_of(key), []).append(key)
    return list(kinds.values())


def write_keys(fingerprint: Fingerprint, keys: Collection[int]) -> list[int]:
    """Put a fingerprint into the index; the keys that were not too common to write."""
    common = {key for part in _parts(keys) for key in _common(part)}
    kept = sorted(set(keys) - common)
    FingerprintKey.objects.bulk_create(
        [FingerprintKey(key=key, fingerprint=fingerprint) for key in kept], batch_size=_ASKED
    )
    return kept


def _common(keys: Sequence[int]) -> Iterator[int]:
    rows = FingerprintKey.objects.filter(key__in=keys).values("key").annotate(works=Count("fingerprint"))
    yield from rows.filter(works__gte=COMMON).values_list("key", flat=True)


def drop_keys(fingerprint: Fingerprint, keys: Collection[int]) -> None:
    """Take it out of the index again."""
    for part in _parts(keys):
        FingerprintKey.objects.filter(key__in=part, fingerprint=fingerprint).delete()
