"""A package held against 1EdTech's schema files, where an operator has them: they are in no package that we could ship."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from assessment.bank.exchange import zips
from assessment.bank.exchange.checks import FILE_BYTES
from assessment.bank.types import Refused
from lms.core.imports import safe_xml

_MOST = 200


class SchemaMissing(Exception):
    """The folder holds no schema that could be used. message: for the operator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def schema_faults(data: bytes, folder: Path) -> tuple[Refused, ...]:
    """What the schemas of a folder say against a package: file and line, at most 200. Nothing is fetched.

    A file is held against the schema whose target is the space of its root; a schema that another one names by an address
    is taken from the folder by its file name. Raises SchemaMissing, ImportRefused.
    """
    from lxml import etree

    schemas = _Schemas(folder)
    found: list[Refused] = []
    checked = 0
    with zips.opened(data, zips.PACKAGE_KINDS) as archive:
        for path in archive.names:
            if not path.endswith(".xml") or len(found) >= _MOST:
                continue
            text = archive.read(path, FILE_BYTES)
            space = safe_xml(text, path).tag.rpartition("}")[0].lstrip("{")
            schema = schemas.of(space)
            if schema is None:
                continue
            checked += 1
            document = etree.fromstring(text, etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False))
            if not schema.validate(document):
                found += [
                    Refused(_("%(path)s, line %(line)s") % {"path": path, "line": fault.line}, fault.message)
                    for fault in schema.error_log
                ]
    if not checked:
        raise SchemaMissing(_("The folder holds no schema for any file of this package."))
    return tuple(found[:_MOST])


class _Schemas:
    """The schemas of a folder by their target, made when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        from lxml import etree

        self._etree = etree
        self._files = {path.name: path for path in sorted(folder.rglob("*.xsd"))} if folder.is_dir() else {}
        self._paths: dict[str, Path] = dict(self._targets())
        self._made: dict[str, Any] = {}
        if not self._files:
            raise SchemaMissing(_("There is no schema (.xsd) in this folder."))

    def _targets(self) -> Iterator[tuple[str, Path]]:
        for path in self._files.values():
            try:
                root = self._etree.parse(str(path), self._parser()).getroot()
            except self._etree.XMLSyntaxError:
                continue
            target = root.get("targetNamespace")
            if target:
                yield target, path

    def _parser(self) -> Any:
        files, etree = self._files, self._etree

        class Beside(etree.Resolver):  # type: ignore[name-defined]  # the stubs do not know it
            """Whatever address: the file of that name in the folder."""

            def resolve(self, url: str, _public: str | None, context: Any) -> Any:
                name = str(url).rpartition("/")[2]
                if name in files:
                    return self.resolve_filename(str(files[name]), context)
                return self.resolve_empty(context)

        parser = etree.XMLParser(no_network=True, load_dtd=False)
        parser.resolvers.add(Beside())
        return parser

    def of(self, space: str) -> Any:
        """The schema of a space, None when the folder has none. Raises SchemaMissing for one that cannot be used."""
        if space not in self._paths:
            return None
        if space not in self._made:
            try:
                self._made[space] = self._etree.XMLSchema(self._etree.parse(str(self._paths[space]), self._parser()))
            except (self._etree.XMLSchemaParseError, self._etree.XMLSyntaxError) as wrong:
                name = self._paths[space].name
                raise SchemaMissing(
                    _("The schema %(name)s cannot be used: %(why)s") % {"name": name, "why": wrong}
                ) from None
        return self._made[space]
