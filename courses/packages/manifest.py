"""Reading an imsmanifest.xml: ADL SCORM 1.2 Content Aggregation Model, chapter 2.3, on IMS Content Packaging 1.1.2."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_noop as _

from courses.packages.types import Manifest
from lms.core.imports import Archive, ImportRefused, safe_xml

NAME = "imsmanifest.xml"
_NEWER = ("2004", "cam", "1.3", "adlcp_v1p3")
_1_2 = "adlcp_rootv1p2"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def read_manifest(archive: Archive) -> Manifest:
    """Its title and where it begins. Raises ImportRefused with what is wrong, in the manifest or around it."""
    if NAME not in archive.names:
        below = next((name for name in archive.names if name.rpartition("/")[2].lower() == NAME), "")
        if below:
            raise ImportRefused(
                _("It must lie at the top of the archive: pack what is in the folder, not the folder."), below
            )
        raise ImportRefused(_("There is no imsmanifest.xml: this is no SCORM package."))
    root = safe_xml(archive.read(NAME), NAME)
    _refuse_others(root)
    organization = _organization(root)
    items = [item for item in _all(organization, "item") if item.get("identifierref")]
    if not items:
        raise ImportRefused(_("No item of the manifest names a resource to begin with."), NAME)
    if len(items) > 1:
        raise ImportRefused(
            _("The package has %(count)d parts; only packages of one part (SCO) are taken in. Export it as one."),
            NAME,
            count=len(items),
        )
    entry = _entry(root, items[0].get("identifierref") or "")
    path = unquote(urlsplit(entry).path)
    if path not in archive.names:
        raise ImportRefused(_("It begins with “%(file)s”, which is not in the archive."), NAME, file=path[:200])
    return Manifest(_words(organization), entry)


def _refuse_others(root: Element) -> None:
    """Anything that does not say it is SCORM 1.2; SCORM 2004 by its name, for it is what people most often bring."""
    said = next((_text(each).lower() for each in _all(root, "schemaversion")), "")
    spaces = " ".join(
        {each.tag.partition("}")[0] for each in root.iter()} | {name for e in root.iter() for name in e.attrib}
    )
    if any(word in said for word in _NEWER) or (not said and _NEWER[-1] in spaces):
        raise ImportRefused(
            _("This is a SCORM 2004 package; only SCORM 1.2 is taken in. Export it as SCORM 1.2."), NAME
        )
    if said != "1.2" and not (not said and _1_2 in spaces):
        raise ImportRefused(_("The manifest does not say that it is SCORM 1.2."), NAME)


def _organization(root: Element) -> Element:
    held = next(_all(root, "organizations"), None)
    rows = [] if held is None else list(_all(held, "organization"))
    wanted = "" if held is None else held.get("default") or ""
    for row in rows:
        if row.get("identifier") == wanted:
            return row
    if not rows:
        raise ImportRefused(_("The manifest has no organization, so nothing says where the package begins."), NAME)
    return rows[0]


def _entry(root: Element, wanted: str) -> str:
    for resources in _all(root, "resources"):
        for resource in _all(resources, "resource"):
            if resource.get("identifier") != wanted:
                continue
            entry = "".join(each.get(_BASE) or "" for each in (root, resources, resource)) + (
                resource.get("href") or ""
            )
            if not resource.get("href"):
                raise ImportRefused(_("The resource “%(name)s” names no file."), NAME, name=wanted[:100])
            if urlsplit(entry).scheme or entry.startswith("/") or len(entry) > 400:
                raise ImportRefused(_("It begins with an address outside the package."), NAME)
            return entry
    raise ImportRefused(_("There is no resource “%(name)s” in the manifest."), NAME, name=wanted[:100])


def _words(organization: Element) -> str:
    title = next((each for each in organization if _name(each) == "title"), None)
    return "" if title is None else " ".join(_text(title).split())


def _all(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if _name(each) == name)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()
