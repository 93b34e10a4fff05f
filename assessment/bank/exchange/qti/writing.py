"""A QTI 3.0 package: a manifest with what the bank knows of each question, an item each, stimuli, files.

An item is complete by itself: key, scoring, explanation (modal feedback), model answer (rubric block for scorers). Level,
topic, step, difficulty, clause and source are LOM metadata in the manifest, where QTI keeps them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from posixpath import join
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from assessment.bank.exchange import words, zips
from assessment.bank.exchange.checks import SHOWN, excerpt, sides
from assessment.bank.exchange.markup import to_html
from assessment.bank.types import BLANK, Media, Option, QuestionDocument, QuestionType, Stimulus

ITEM_SPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
MANIFEST_SPACE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
LOM_SPACE = "http://ltsc.ieee.org/xsd/LOM"
TOOL = "Kaibo"
# LOM's own five words, 1 easy … 5 hard.
DIFFICULTIES = ("very easy", "easy", "medium", "difficult", "very difficult")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RESPONSE = "RESPONSE"


def write(documents: Sequence[QuestionDocument], files: Mapping[str, bytes], *, title: str) -> bytes:
    """The package. Raises KeyError for a file that was not given."""
    entries: dict[str, bytes] = {}
    resources: list[str] = []
    stimuli: dict[str, tuple[Stimulus, list[Media]]] = {}
    media: dict[str, Media] = {}
    for document in documents:
        item = _Item(document)
        entries[item.path] = (_HEAD + item.xml()).encode()
        used = list(item.shown())
        if document.stimulus:
            # What the material shows belongs to it; files of one case set are the same in all its questions.
            shown = {name for _alt, name in SHOWN.findall(document.stimulus.text)}
            stimuli.setdefault(
                _stimulus_id(document.stimulus),
                (document.stimulus, [one for one in document.media if one.name in shown]),
            )
        media |= {_media_path(one): one for one in document.media}
        resources.append(item.resource(used))
    for identifier, (stimulus, shown_there) in stimuli.items():
        path = f"stimuli/{identifier}.xml"
        entries[path] = (_HEAD + _stimulus(identifier, stimulus, shown_there)).encode()
        resources.append(
            _resource(identifier, "imsqti_stimulus_xmlv3p0", path, "", [_media_id(one) for one in shown_there])
        )
    for path, one in sorted(media.items()):
        entries[path] = files[one.sha256]
        resources.append(_resource(_media_id(one), "webcontent", path, "", []))
    entries["imsmanifest.xml"] = (_HEAD + _manifest(title, resources)).encode()
    return zips.packed(entries, first="imsmanifest.xml")


def _manifest(title: str, resources: Sequence[str]) -> str:
    lom = f'<lom xmlns="{LOM_SPACE}"><general><title>{_string(title)}</title></general></lom>' if title else ""
    name = uuid5(NAMESPACE_URL, "\n".join([title, *resources]))
    return "\n".join(
        [
            f'<manifest xmlns="{MANIFEST_SPACE}" identifier="MANIFEST-{name}">',
            f"<metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion>{lom}</metadata>",
            "<organizations/>",
            "<resources>",
            *resources,
            "</resources>",
            "</manifest>",
            "",
        ]
    )


def _resource(identifier: str, type_: str, path: str, metadata: str, needs: Sequence[str]) -> str:
    href = escape(quote(path))
    depends = "".join(f'<dependency identifierref="{need}"/>' for need in dict.fromkeys(needs))
    inside = f'{metadata}<file href="{href}"/>{depends}'
    return f'<resource identifier="{identifier}" type="{type_}" href="{href}">{inside}</resource>'


def _string(text: str) -> str:
    return f'<string language="zh-CN">{_escaped(text)}</string>'


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _media_path(media: Media) -> str:
    return f"media/{media.sha256[:16]}-{media.name}"


def _media_id(media: Media) -> str:
    return f"F-{uuid5(NAMESPACE_URL, _media_path(media))}"


def _stimulus_id(stimulus: Stimulus) -> str:
    return f"S-{stimulus.uid}-{uuid5(NAMESPACE_URL, stimulus.text).hex[:8]}"


def _stimulus(identifier: str, stimulus: Stimulus, media: Sequence[Media]) -> str:
    said = to_html(stimulus.text, _addresses(media))
    return (
        f'<qti-assessment-stimulus xmlns="{ITEM_SPACE}" identifier="{identifier}" '
        f'title="{escape(excerpt(stimulus.text))}" xml:lang="zh-CN">\n'
        f"<qti-stimulus-body><p>{said}</p></qti-stimulus-body>\n</qti-assessment-stimulus>\n"
    )


def _addresses(media: Sequence[Media]) -> Callable[[str], tuple[str, Any] | None]:
    held = {one.name: one for one in media}
    # Items and stimuli lie one folder below the manifest.
    return lambda name: (join("..", quote(_media_path(held[name]))), held[name].kind) if name in held else None


class _Item:
    """One question on its way out."""

    def __init__(self, document: QuestionDocument) -> None:
        self._document = document
        self._address = _addresses(document.media)
        self.identifier = f"Q-{document.uid}"
        self.path = f"items/{self.identifier}.xml"

    def shown(self) -> Iterator[Media]:
        """The files that the item itself shows."""
        document = self._document
        texts = [document.stem, document.explanation, document.key.model, *(option.text for option in document.options)]
        names = {name for text in texts for _alt, name in SHOWN.findall(text)}
        return (media for media in document.media if media.name in names)

    def resource(self, media: Sequence[Media]) -> str:
        """Its row of the manifest."""
        stimulus = self._document.stimulus
        needs = ([_stimulus_id(stimulus)] if stimulus else []) + [_media_id(one) for one in media]
        return _resource(self.identifier, "imsqti_item_xmlv3p0", self.path, self._metadata(), needs)

    def _metadata(self) -> str:
        document, place = self._document, self._document.place
        topic = words.topics().get(place.topic)
        rows = [
            ("skill level", "level", str(int(place.level)), place.level.label_zh),
            ("discipline", "topic", place.topic, topic[1] if topic else place.topic),
            ("educational objective", "step", place.step.value, words.STEP_WORDS[place.step][0]),
            ("discipline", "law", "yes" if place.law else "no", ""),
            ("restrictions", "uncertain", "yes" if place.uncertain else "", ""),
            ("competency", "marks", "unset" if document.marks is None else "", ""),
        ]
        taxa = "".join(
            f"<classification><purpose><source>LOMv1.0</source><value>{purpose}</value></purpose><taxonPath>"
            f'<source><string language="en">kaibo:{name}</string></source>'
            f"<taxon><id>{_escaped(value)}</id>{f'<entry>{_string(said)}</entry>' if said else ''}</taxon>"
            "</taxonPath></classification>"
            for purpose, name, value, said in rows
            if value
        )
        related = "".join(
            f"<relation><kind><source>LOMv1.0</source><value>{kind}</value></kind>"
            f"<resource><description>{_string(text)}</description></resource></relation>"
            for kind, text in (("isbasedon", place.clause), ("ispartof", place.source))
            if text
        )
        difficulty = DIFFICULTIES[place.difficulty - 1]
        return (
            f'<metadata><lom xmlns="{LOM_SPACE}">'
            f"<general><identifier><catalog>UUID</catalog><entry>{document.uid}</entry></identifier></general>"
            f"<educational><difficulty><source>LOMv1.0</source><value>{difficulty}</value></difficulty></educational>"
            f"{related}{taxa}</lom></metadata>"
        )

    def xml(self) -> str:
        """The item."""
        document = self._document
        declared, body, scoring = _KINDS[document.type](self)
        explained = bool(document.explanation)
        outcomes = [
            _outcome("SCORE", "float", "0"),
            _outcome("MAXSCORE", "float", f"{document.marks if document.marks is not None else 1:f}"),
        ]
        if explained:
            outcomes.append(
                '<qti-outcome-declaration identifier="FEEDBACK" cardinality="single" base-type="identifier"/>'
            )
            scoring += (
                '<qti-set-outcome-value identifier="FEEDBACK">'
                '<qti-base-value base-type="identifier">EXPLANATION</qti-base-value></qti-set-outcome-value>'
            )
        parts = [*declared, *outcomes]
        if document.stimulus:
            identifier = _stimulus_id(document.stimulus)
            parts.append(f'<qti-assessment-stimulus-ref identifier="{identifier}" href="../stimuli/{identifier}.xml"/>')
        parts.append(f"<qti-item-body>{body}</qti-item-body>")
        if scoring:
            parts.append(f"<qti-response-processing>{scoring}</qti-response-processing>")
        if explained:
            parts.append(
                '<qti-modal-feedback outcome-identifier="FEEDBACK" identifier="EXPLANATION" show-hide="show">'
                f"<qti-content-body><p>{self._html(document.explanation)}</p></qti-content-body></qti-modal-feedback>"
            )
        head = (
            f'<qti-assessment-item xmlns="{ITEM_SPACE}" identifier="{self.identifier}" '
            f'title="{escape(excerpt(document.stem))}" adaptive="false" time-dependent="false" xml:lang="zh-CN" '
            f'tool-name="{TOOL}" tool-version="1">'
        )
        return "\n".join([head, *parts, "</qti-assessment-item>", ""])

    def _html(self, text: str) -> str:
        return to_html(text, self._address)

    def _stem(self) -> str:
        return f"<p>{self._html(self._document.stem)}</p>"

    def choice(self) -> tuple[list[str], str, str]:
        document = self._document
        single = document.type is QuestionType.SINGLE
        rows = "".join(self._choice("qti-simple-choice", option.key, option) for option in document.options)
        body = (
            f'{self._stem()}<qti-choice-interaction response-identifier="{_RESPONSE}" shuffle="false" '
            f'max-choices="{1 if single else 0}">{rows}</qti-choice-interaction>'
        )
        cardinality = "single" if single else "multiple"
        return [_declared(_RESPONSE, cardinality, "identifier", document.key.choices)], body, _MATCHED

    def _choice(self, tag: str, identifier: str, option: Option, attributes: str = "") -> str:
        return f'<{tag} identifier="{identifier}"{attributes}><p>{self._html(option.text)}</p></{tag}>'

    def truth(self) -> tuple[list[str], str, str]:
        rows = "".join(
            f'<qti-simple-choice identifier="{"true" if value else "false"}"><p>{said[1]}</p></qti-simple-choice>'
            for value, said in words.TRUTH_WORDS.items()
        )
        body = (
            f'{self._stem()}<qti-choice-interaction response-identifier="{_RESPONSE}" shuffle="false" max-choices="1">'
            f"{rows}</qti-choice-interaction>"
        )
        right = "true" if self._document.key.truth else "false"
        return [_declared(_RESPONSE, "single", "identifier", [right])], body, _MATCHED

    def fill(self) -> tuple[list[str], str, str]:
        blanks = self._document.key.blanks
        # The stroke of a blank is written by number, as they come.
        numbers = iter(range(1, len(blanks) + 1))

        def plain(piece: str) -> str:
            texts = piece.split(BLANK)
            out = [_escaped(texts[0])]
            for text in texts[1:]:
                out.append(f'<qti-text-entry-interaction response-identifier="{_RESPONSE}{next(numbers)}"/>')
                out.append(_escaped(text))
            return "".join(out)

        body = f"<p>{to_html(self._document.stem, self._address, plain=plain)}</p>"
        declared = [
            _declared(f"{_RESPONSE}{number}", "single", "string", accepted[:1], accepted)
            for number, accepted in enumerate(blanks, start=1)
        ]
        points = "".join(
            f'<qti-map-response identifier="{_RESPONSE}{number}"/>' for number in range(1, len(blanks) + 1)
        )
        scoring = (
            '<qti-set-outcome-value identifier="SCORE"><qti-product><qti-divide>'
            f'<qti-sum>{points}</qti-sum><qti-base-value base-type="float">{len(blanks)}</qti-base-value>'
            '</qti-divide><qti-variable identifier="MAXSCORE"/></qti-product></qti-set-outcome-value>'
        )
        return declared, body, scoring

    def ordering(self) -> tuple[list[str], str, str]:
        document = self._document
        rows = "".join(self._choice("qti-simple-choice", option.key, option) for option in document.options)
        body = (
            f'{self._stem()}<qti-order-interaction response-identifier="{_RESPONSE}" shuffle="false">'
            f"{rows}</qti-order-interaction>"
        )
        return [_declared(_RESPONSE, "ordered", "identifier", document.key.choices)], body, _MATCHED

    def matching(self) -> tuple[list[str], str, str]:
        document = self._document
        left, right = sides(document.options)
        sets = "".join(
            "<qti-simple-match-set>"
            + "".join(
                self._choice("qti-simple-associable-choice", f"{side}{option.key}", option, ' match-max="1"')
                for option in options
            )
            + "</qti-simple-match-set>"
            for side, options in (("L", left), ("R", right))
        )
        body = (
            f'{self._stem()}<qti-match-interaction response-identifier="{_RESPONSE}" shuffle="false" '
            f'max-associations="{len(left)}">{sets}</qti-match-interaction>'
        )
        pairs = [f"L{one} R{other}" for one, other in document.key.pairs]
        return [_declared(_RESPONSE, "multiple", "directedPair", pairs)], body, _MATCHED

    def short(self) -> tuple[list[str], str, str]:
        body = (
            f'{self._stem()}<qti-rubric-block view="scorer" use="scoring"><qti-content-body>'
            f"<p>{self._html(self._document.key.model)}</p></qti-content-body></qti-rubric-block>"
            f'<qti-extended-text-interaction response-identifier="{_RESPONSE}" expected-lines="8"/>'
        )
        return [_declared(_RESPONSE, "single", "string", ())], body, ""


_KINDS: Mapping[QuestionType, Callable[[_Item], tuple[list[str], str, str]]] = {
    QuestionType.SINGLE: _Item.choice,
    QuestionType.MULTIPLE: _Item.choice,
    QuestionType.TRUE_FALSE: _Item.truth,
    QuestionType.FILL: _Item.fill,
    QuestionType.ORDERING: _Item.ordering,
    QuestionType.MATCHING: _Item.matching,
    QuestionType.SHORT: _Item.short,
}

_MATCHED = (
    f'<qti-response-condition><qti-response-if><qti-match><qti-variable identifier="{_RESPONSE}"/>'
    f'<qti-correct identifier="{_RESPONSE}"/></qti-match><qti-set-outcome-value identifier="SCORE">'
    '<qti-variable identifier="MAXSCORE"/></qti-set-outcome-value></qti-response-if></qti-response-condition>'
)


def _declared(identifier: str, cardinality: str, base: str, right: Sequence[str], mapped: Sequence[str] = ()) -> str:
    values = "".join(f"<qti-value>{_escaped(value)}</qti-value>" for value in right)
    correct = f"<qti-correct-response>{values}</qti-correct-response>" if values else ""
    rows = "".join(
        f'<qti-map-entry map-key="{escape(text)}" mapped-value="1" case-sensitive="false"/>' for text in mapped
    )
    mapping = f'<qti-mapping default-value="0">{rows}</qti-mapping>' if rows else ""
    head = f'<qti-response-declaration identifier="{identifier}" cardinality="{cardinality}" base-type="{base}"'
    return f"{head}>{correct}{mapping}</qti-response-declaration>" if correct or mapping else f"{head}/>"


def _outcome(identifier: str, base: str, value: str) -> str:
    return (
        f'<qti-outcome-declaration identifier="{identifier}" cardinality="single" base-type="{base}">'
        f"<qti-default-value><qti-value>{value}</qti-value></qti-default-value></qti-outcome-declaration>"
    )
