"""SCORM packages made for tests."""

import io
import zipfile
from collections.abc import Mapping

from courses.packages.models import ContentPackage
from courses.packages.services import make_package
from lms.accounts.api import User, acting_for
from tests.media_pipeline.cast import NOW

ORIGIN = "http://packages.test"

# A part that counts how often its button was pressed, and goes on where it was left.
PART = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>小测验</title></head><body>
<p id="told"></p><button id="more">加一</button><button id="done">完成</button>
<script>
const api = window.parent.API;
api.LMSInitialize("");
let count = Number(api.LMSGetValue("cmi.suspend_data") || 0);
const told = () => { document.getElementById("told").textContent = api.LMSGetValue("cmi.core.entry") + " " + count; };
told();
document.getElementById("more").onclick = () => {
  count += 1;
  api.LMSSetValue("cmi.suspend_data", String(count));
  api.LMSSetValue("cmi.core.lesson_status", "incomplete");
  api.LMSCommit("");
  told();
};
document.getElementById("done").onclick = () => {
  api.LMSSetValue("cmi.core.score.raw", "80");
  api.LMSSetValue("cmi.core.lesson_status", "passed");
  api.LMSFinish("");
};
window.top.postMessage({ kaibo: "package", type: "keep",
  state: { status: "passed", score: "100", location: "", suspend_data: "inner", seconds: 1 } }, "*");
</script></body></html>"""


def manifest(version: str = "1.2", href: str = "index.html", head: str = "", items: str = "") -> str:
    items = items or '<item identifier="i1" identifierref="r1"><title>一</title></item>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>{version}</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>鱼丸小测验</title>{items}</organization></organizations>
<resources><resource identifier="r1" type="webcontent" adlcp:scormtype="sco" href="{href}"><file href="index.html"/>
</resource></resources></manifest>"""


def packed(files: Mapping[str, str | bytes] | None = None, **said: str) -> io.BytesIO:
    """A package; `files` beside or instead of its two, `said`: what its manifest says."""
    held: dict[str, str | bytes] = {"imsmanifest.xml": manifest(**said), "index.html": PART, **(files or {})}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            # Of one day, so that the same content is the same file: a zip's clock ticks every two seconds.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    made.seek(0)
    return made


def made(by: User, title: str = "小测验", **files: str) -> ContentPackage:
    return make_package(by=acting_for(by, None), title=title, file=packed(files), now=NOW)
