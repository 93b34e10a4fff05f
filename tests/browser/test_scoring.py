"""The scoring desk in the browser: keys, input methods, a truthful save state, two windows, handing in. The server's side
is played here by its agreed answers; tests/assessment/marking shows that the real one gives them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.browser.clip import make_clip, serve_clip
from tests.browser.support import Watch, settle, sideways, until

pytestmark = pytest.mark.browser

TIME = "document.querySelector('video').currentTime"
PLAYS = "!document.querySelector('video').paused"


@dataclass
class Server:
    """Answers saves as agreed: receipts with a rising revision, or what `say` was told to answer next."""

    revision: int = 3
    saves: list[dict[str, Any]] = field(default_factory=list)
    next: list[tuple[int, dict[str, Any] | None]] = field(default_factory=list)
    down: bool = False
    submitted: list[str] = field(default_factory=list)

    def say(self, status: int, body: dict[str, Any] | None = None) -> None:
        self.next.append((status, body))

    def answer(self, route: Route) -> None:
        self.saves.append(json.loads(route.request.post_data or "{}"))
        status, body = self.next.pop(0) if self.next else (200, {})
        if self.down:
            status, body = 500, None
        if body is None:
            route.fulfill(status=status, body="broken", headers={"Content-Type": "text/html"})
            return
        if status in {200, 422}:
            self.revision += 1
            body = {"revision": self.revision, "saved_at": "14:33:10", **body}
        route.fulfill(status=status, body=json.dumps(body), headers={"Content-Type": "application/json"})

    def submit(self, route: Route) -> None:
        self.submitted.append(route.request.post_data or "")
        route.fulfill(status=200, body="<p>ok</p>", headers={"Content-Type": "text/html"})

    @property
    def last(self) -> dict[str, Any]:
        return self.saves[-1]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=73)


@pytest.fixture
def server() -> Server:
    return Server()


def _open(page: Page, site: object, server: Server, clip: Path, name: str = "page-scoring") -> Page:
    serve_clip(page, clip)
    page.route("**/_gallery/save", server.answer)
    page.route("**/_gallery/submit", server.submit)
    page.set_viewport_size({"width": 1280, "height": 640})
    page.goto(f"{site}/_gallery/{name}/?lang=zh-hans&t=0")
    until(page, "document.querySelector('video').readyState >= 1")
    settle(page)
    page.evaluate("document.querySelector('video').muted = true")
    return page


@pytest.fixture
def desk(live_server: object, page: Page, server: Server, clip: Path) -> Page:
    return _open(page, live_server, server, clip)


def _state(page: Page, words: str) -> None:
    expect(page.locator("[data-save] > span")).to_have_text(words)


def _compose(page: Page, selector: str, code: str) -> None:
    """A key press that an input method swallows."""
    for options in ("keyCode: 229", "isComposing: true"):
        page.evaluate(
            f"""selector => document.querySelector(selector).dispatchEvent(new KeyboardEvent('keydown',
                {{ code: '{code}', {options}, bubbles: true, cancelable: true }}))""",
            selector,
        )


def test_whole_sheet_by_keyboard_alone(desk: Page, server: Server) -> None:
    desk.keyboard.press("Alt+4")
    expect(desk.locator("#score-C4")).to_be_focused()
    desk.keyboard.type("11.5")
    desk.keyboard.press("ArrowUp")
    expect(desk.locator("#score-C4")).to_have_value("12")
    desk.keyboard.press("Enter")
    expect(desk.locator("#score-C5")).to_be_focused()
    desk.keyboard.press("PageUp")
    expect(desk.locator("#score-C5")).to_have_value("1")
    desk.keyboard.press("PageUp")
    expect(desk.locator("#score-C5")).to_have_value("3")
    expect(desk.locator("[data-code=C5] [aria-pressed=true] .band-name")).to_have_text("合格")
    for value in ("4", "8", "4", "12"):
        desk.keyboard.press("Enter")
        desk.keyboard.type(value)
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-hand-in]")).to_be_focused()
    desk.keyboard.press("f")  # the player's own key still works, also on a button
    until(desk, f"{TIME} >= 41 && {TIME} < 44")
    desk.keyboard.press("n")
    expect(desk.locator("#reason-1")).to_be_focused()
    desk.keyboard.type("nkjy")
    desk.keyboard.press("Enter")
    expect(desk.locator("#finding-1 [data-said]")).to_have_text("不成立")
    expect(desk.locator("#finding-1 [data-change]")).to_be_focused()
    expect(desk.locator("[data-sum=missing]")).to_have_text("")
    _state(desk, "已保存 14:33:10")
    together: dict[str, Any] = {}
    for save in server.saves:
        together |= save["scores"] | save["rulings"]
    assert together == {
        "C4": "12",
        "C5": "3",
        "C6": "4",
        "C7": "8",
        "C8": "4",
        "C9": "12",
        "1": ["dismiss", "nkjy"],
    }
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#hand-in dialog")).to_be_visible()
    expect(desk.locator("#hand-in dialog [data-sum=total]")).to_have_text("80.5")
    desk.keyboard.press("Tab")
    desk.locator("[data-final]").press("Enter")
    desk.wait_for_url("**/_gallery/submit")
    assert "score-C9=12" in server.submitted[0]
    assert f"revision={server.revision}" in server.submitted[0]


def test_letters_in_a_score_are_keys_and_points_stay_points(desk: Page) -> None:
    desk.evaluate("document.querySelector('video').pause()")
    desk.locator("#score-C4").focus()
    desk.keyboard.type("8.5e")
    desk.keyboard.press("l")
    expect(desk.locator("#score-C4")).to_have_value("8.5")
    until(desk, f"Math.abs({TIME} - 5) < 0.2")
    desk.locator("#score-C4").hover()
    desk.mouse.wheel(0, 200)
    expect(desk.locator("#score-C4")).to_have_value("8.5")


def test_input_methods_are_left_alone(desk: Page, server: Server) -> None:
    desk.locator("#note").fill("近景")
    _compose(desk, "#note", "Enter")
    expect(desk.locator("#note")).to_have_value("近景")
    _compose(desk, "#score-C4", "Enter")
    _compose(desk, "body", "KeyY")
    expect(desk.locator("#finding-1 [aria-current]")).to_have_count(0)
    desk.locator("#note").fill("")
    assert server.saves == []


def test_comment_pauses_keeps_its_second_and_plays_on(desk: Page, server: Server) -> None:
    desk.evaluate("document.querySelector('video').currentTime = 21")
    until(desk, f"Math.abs({TIME} - 21) < 0.3")
    desk.locator("body").press("k")
    until(desk, PLAYS)
    desk.locator("body").press("/")
    expect(desk.locator("#note")).to_be_focused()
    desk.keyboard.type("光线")
    until(desk, f"!({PLAYS})")
    expect(desk.locator("[data-at]")).to_have_text("00:21")
    desk.keyboard.press("Enter")
    until(desk, PLAYS)
    _state(desk, "已保存 14:33:10")
    assert server.last["comments"] == {"C4": "[00:21] 光线"}
    expect(desk.locator("[data-code=C4] .note-words")).to_have_text("光线")
    expect(desk.locator(".timeline-note")).to_have_count(2)
    expect(desk.locator("#note")).to_have_value("")


def test_first_y_shows_the_finding_second_y_rules(desk: Page, server: Server) -> None:
    desk.locator("body").press("y")
    expect(desk.locator("#finding-1")).to_have_attribute("aria-current", "true")
    assert server.saves == []
    desk.locator("body").press("y")
    expect(desk.locator("#finding-1 [data-said]")).to_have_text("已确认")
    _state(desk, "已保存 14:33:10")
    assert server.last["rulings"] == {"1": ["confirm", ""]}


def test_a_dismissal_without_reason_is_not_sent_and_says_so(desk: Page, server: Server) -> None:
    desk.locator("#finding-1 [value=dismiss]").check(force=True)
    expect(desk.locator("#reason-1")).to_be_focused()
    _state(desk, "1项改好才能存")
    assert server.saves == []


def test_wrong_scores_stay_beside_their_words(desk: Page, server: Server) -> None:
    desk.locator("#score-C4").fill("18")
    expect(desk.locator("#score-C4-error")).to_have_text("0至15分，现在是18分")
    desk.locator("#score-C5").fill("3.3")
    expect(desk.locator("#score-C5-error")).to_have_text("按0.5分一档打分")
    _state(desk, "2项改好才能存")
    server.say(422, {"errors": {"C6": "服务器不收"}})
    desk.locator("#score-C6").fill("4")
    expect(desk.locator("#score-C6-error")).to_have_text("服务器不收")
    desk.locator("#score-C6").fill("3.5")
    expect(desk.locator("#score-C6-error")).to_be_hidden()
    until(desk, "document.querySelector('[data-save]').dataset.state === 'held'")
    assert [save["scores"] for save in server.saves] == [{"C6": "4"}, {"C6": "3.5"}]
    expect(desk.locator("#score-C4")).to_have_value("18")


def test_offline_says_held_guards_and_recovers(desk: Page, server: Server) -> None:
    desk.context.set_offline(True)
    desk.locator("#score-C4").fill("12")
    desk.locator("#score-C5").fill("4")
    _state(desk, "2项待上传")
    asked: list[str] = []
    desk.on("dialog", lambda dialog: _stay(dialog, asked))
    desk.evaluate("location.href = '/_gallery/'")
    until(desk, lambda: asked)
    assert asked == ["beforeunload"]
    desk.context.set_offline(False)
    _state(desk, "已保存 14:33:10")
    sent: dict[str, str] = {}
    for save in server.saves:
        sent |= save["scores"]
    assert sent == {"C4": "12", "C5": "4"}


def _stay(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.dismiss()


def test_a_broken_server_is_tried_again(desk: Page, server: Server) -> None:
    server.say(500, None)
    desk.locator("#score-C4").fill("12")
    _state(desk, "没存上，正在重试")
    _state(desk, "已保存 14:33:10")
    assert [save["scores"] for save in server.saves] == [{"C4": "12"}] * 2


def test_unsaved_work_survives_a_reload(desk: Page, server: Server) -> None:
    server.down = True
    desk.locator("#score-C4").fill("12")
    desk.locator("#note").fill("还没写完")
    _state(desk, "没存上，正在重试")
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.reload()
    settle(desk)
    expect(desk.locator("#score-C4")).to_have_value("12")
    expect(desk.locator("#note")).to_have_value("还没写完")
    server.down = False
    _state(desk, "已保存 14:33:10")
    assert server.last == {"revision": 3, "scores": {"C4": "12"}, "comments": {}, "rulings": {}}


def _other(**changes: Any) -> dict[str, Any]:
    sheet = {
        "revision": 9,
        "scores": {"C1": "8.5", "C2": "16.5", "C3": "12.5"},
        "comments": {"C3": "[00:55] 近景太快，净含量看不清"},
        "rulings": {"2": ["confirm", ""]},
    }
    sheet["scores"] = {**sheet["scores"], **changes.pop("scores", {})}  # type: ignore[dict-item]
    return {"code": "revision", "message": "stale", "revision": 9, "sheet": {**sheet, **changes}}


def test_another_windows_scores_arrive_and_hers_are_kept(desk: Page, server: Server) -> None:
    server.say(409, _other(scores={"C5": "3"}, comments={"C3": "[00:10] 那边写的"}))
    server.revision = 9
    desk.locator("[data-code=C3] [data-line]").click()
    desk.locator("[data-code=C3] summary").click()
    desk.locator("#comment-C3").fill("[00:55] 近景太快，净含量看不清\n[00:20] 这边写的")
    desk.locator("#score-C4").fill("12")
    expect(desk.locator("#score-C5")).to_have_value("3")
    _state(desk, "已保存 14:33:10")
    assert server.last["revision"] == 9
    assert server.last["scores"] == {"C4": "12"}
    assert server.last["comments"]["C3"].splitlines() == [
        "[00:10] 那边写的",
        "[00:55] 近景太快，净含量看不清",
        "[00:20] 这边写的",
    ]


@pytest.mark.parametrize("keep,kept,sent", (("mine", "12", {"C4": "12"}), ("theirs", "9", None)))
def test_two_windows_with_two_scores_ask_her(desk: Page, server: Server, keep: str, kept: str, sent: Any) -> None:
    server.say(409, _other(scores={"C4": "9"}))
    desk.locator("#score-C4").fill("12")
    expect(desk.locator("[data-dispute]")).to_be_focused()
    expect(desk.locator("[data-dispute] li")).to_have_text("语言与形象：这里 12，那边 9")
    _state(desk, "已在另一台设备打开")
    expect(desk.locator("#score-C4")).to_have_value("12")
    desk.locator(f"[data-keep={keep}]").click()
    expect(desk.locator("[data-dispute]")).to_be_hidden()
    expect(desk.locator("#score-C4")).to_have_value(kept)
    until(desk, "document.querySelector('[data-save]').dataset.state === 'saved'")
    assert (server.last["scores"] if sent else None) == sent


def test_a_sheet_taken_away_keeps_what_was_typed_in_sight(desk: Page, server: Server) -> None:
    server.say(409, {"code": "withdrawn", "message": "这份评分表已改派"})
    desk.locator("#score-C4").fill("12")
    expect(desk.locator("[data-locked]")).to_contain_text("这份评分表已改派")
    expect(desk.locator("[data-locked] li")).to_have_text("语言与形象 12")
    expect(desk.locator("#score-C4")).to_be_disabled()
    _state(desk, "不再保存")


def test_signing_in_again_in_another_tab_is_asked_for(desk: Page, server: Server) -> None:
    server.next = [(302, None)] * 3
    desk.unroute("**/_gallery/save")
    desk.route(
        "**/_gallery/save",
        lambda route: (
            route.fulfill(status=302, headers={"Location": "/accounts/login/"})
            if server.next and server.next.pop()
            else server.answer(route)
        ),
    )
    desk.locator("#score-C4").fill("12")
    _state(desk, "没存上：请在新标签页重新登录或换回身份，之后自动保存")
    server.next.clear()
    _state(desk, "已保存 14:33:10")
    assert server.last["scores"] == {"C4": "12"}


def test_handing_in_too_early_goes_to_what_is_missing(desk: Page, server: Server) -> None:
    expect(desk.locator("[data-sum=missing]").first).to_have_text("还差6项、1处认定")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#score-C4")).to_be_focused()
    expect(desk.locator("#hand-in dialog")).to_be_hidden()
    expect(desk.locator("#live")).to_have_text("还差6项、1处认定")


def test_a_handed_in_sheet_is_read_only(live_server: object, page: Page, server: Server, clip: Path) -> None:
    desk = _open(page, live_server, server, clip, "page-scoring-locked")
    assert desk.locator("input[name^=score-], textarea, input[type=radio]").count() == 0
    expect(desk.locator("#score-C1")).to_have_text("8.5")


def test_without_script_the_form_says_what_is_missing_and_works(live_server: object, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/_gallery/page-scoring/?lang=zh-hans")
    assert page.locator("p[data-plain]").is_visible()
    assert page.locator("button[data-plain]").get_attribute("formaction") == "/_gallery/save"
    assert page.locator("#score-C9").is_visible()
    assert page.locator("#comment-C9").count() == 1
    assert page.locator("#reason-1").is_visible()
    assert page.locator("#note").is_hidden()
    page.locator("#reason-1").fill("理由")
    with page.expect_request("**/_gallery/submit") as sent:
        page.locator("[data-hand-in]").click()
    assert "reason-1=" in (sent.value.post_data or "")
    context.close()


def _dispute(desk: Page, server: Server) -> None:
    server.say(409, _other(scores={"C4": "9"}))
    desk.locator("#score-C4").fill("12")
    expect(desk.locator("[data-dispute]")).to_be_visible()


def _taken(desk: Page, server: Server) -> None:
    server.say(409, {"code": "submitted", "message": "已提交"})
    desk.locator("#score-C4").fill("12")
    expect(desk.locator("[data-locked]")).to_be_visible()


def _held(desk: Page, _server: Server) -> None:
    desk.context.set_offline(True)
    desk.locator("#score-C4").fill("12")
    _state(desk, "1项待上传")


STATES: dict[str, Callable[[Page, Server], None]] = {
    "now": lambda desk, _server: desk.locator("#score-C4").focus(),
    "ruling": lambda desk, _server: desk.locator("#finding-1 [value=dismiss]").check(force=True),
    "refused": lambda desk, _server: desk.locator("#score-C4").fill("18"),
    "dispute": _dispute,
    "locked": _taken,
    "offline": _held,
    "shortcuts": lambda desk, _server: desk.keyboard.press("Shift+Slash"),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_clean_for_axe(
    state: str, desk: Page, server: Server, audit: Callable[[Page], list[str]]
) -> None:
    STATES[state](desk, server)
    found = {}
    for theme in ("light", "dark"):
        desk.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        desk.wait_for_timeout(200)  # colours change in 120 ms
        found[theme] = audit(desk)
    desk.context.set_offline(False)
    assert found == {"light": [], "dark": []}


def test_the_desk_fits_and_complains_of_nothing(
    live_server: object, watched: Watch, server: Server, clip: Path
) -> None:
    desk = _open(watched.page, live_server, server, clip)
    for width, height in ((1280, 640), (1440, 900), (1024, 640), (640, 360), (390, 844), (320, 640)):
        desk.set_viewport_size({"width": width, "height": height})
        assert sideways(desk) == 0, width
    desk.locator("#score-C4").fill("12")
    _state(desk, "已保存 14:33:10")
    expect(desk.locator("[data-role=play] svg")).to_have_count(2)
