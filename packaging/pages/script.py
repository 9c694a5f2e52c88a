"""What portal.js promises, in a browser, on pages made here: each promise is one function that fails when it is broken."""
import pathlib

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "Sources/Portal/Assets"
BASE = "http://pages.test"
POLICY = ("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")

COUNTER = """<textarea id="text" data-counter="count" data-signature="sign"></textarea>
<select id="sign"><option value="">–</option><option>【驿站】</option></select>
<p id="count" data-text="{units} 字，计 {segments} 条" data-saving="再删 {units} 个字可少计 1 条" data-varies="含变量" hidden
data-script><span></span><span></span></p>"""
NUMBERS = """<textarea id="nums" data-numbers="count"></textarea><p id="count" data-text="{valid} 个号码"
data-repeated="{n} 个重复" data-invalid="{n} 个无效" hidden data-script><span></span><span></span></p>"""
ROWS = """<form method="post" action="/taken"><input type="checkbox" id="all" data-select-all="m" hidden data-script>
""" + "".join(f'<input type="checkbox" name="m" value="{row}" id="m{row}">' for row in range(5)) + """
<output id="chosen" data-selected="m" data-text="已选 {n} 条" hidden data-script></output>
<button id="go" data-needs="m">重发</button></form>"""


class Site:
    """Answers for BASE; `pages` are bodies or functions that make them, by path."""

    def __init__(self, page):
        self.page, self.pages, self.posts, self.asked = page, {}, [], []
        page.route(f"{BASE}/**", self._answer)

    def _answer(self, route):
        path = route.request.url.removeprefix(BASE)
        self.asked.append(path)
        if path in ("/portal.js", "/portal.css"):
            kind = "text/javascript" if path.endswith("js") else "text/css"
            return route.fulfill(body=(ASSETS / path[1:]).read_text(), content_type=f"{kind}; charset=utf-8")
        if route.request.method == "POST":
            self.posts.append(route.request.post_data)
            return route.fulfill(status=204)
        found = self.pages.get(path)
        if found is None:
            return route.fulfill(status=404, body="")
        body = found() if callable(found) else found
        if isinstance(body, int):
            return route.fulfill(status=body, body="")
        return route.fulfill(
            body=f'<!doctype html><html lang="zh-CN"><head><title>x</title><link rel="stylesheet" href="/portal.css">'
                 f'<script src="/portal.js" defer></script></head><body><main id="main">{body}</main></body></html>',
            content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})

    def show(self, body):
        self.pages["/"] = body
        self.posts.clear()
        self.page.goto(BASE + "/")


def texts(page, selector):
    return [text.strip() for text in page.locator(f"{selector} > span").all_inner_texts()]


def counts_segments(site, expect):
    page = site.page
    site.show(COUNTER)
    # Text, signature, what is shown: 70 units are one segment; longer texts have segments of 67.
    for text, signature, shown, saving in (
        ("", "", "0 字，计 0 条", ""),
        ("字" * 70, "", "70 字，计 1 条", ""),
        ("字" * 71, "", "71 字，计 2 条", "再删 1 个字可少计 1 条"),
        ("字" * 73, "", "73 字，计 2 条", "再删 3 个字可少计 1 条"),
        ("字" * 134, "", "134 字，计 2 条", ""),
        ("字" * 135, "", "135 字，计 3 条", "再删 1 个字可少计 1 条"),
        ("字" * 66, "【驿站】", "70 字，计 1 条", ""),
        ("字" * 67, "【驿站】", "71 字，计 2 条", "再删 1 个字可少计 1 条"),
        # A text that has a signature gets none.
        ("【别家】" + "字" * 66, "【驿站】", "70 字，计 1 条", ""),
        ("字" * 66 + "【别家】", "【驿站】", "70 字，计 1 条", ""),
        # A pair of units is never split: the second segment begins with it.
        ("字" * 66 + "😀" + "字" * 66, "", "134 字，计 3 条", "再删 1 个字可少计 1 条"),
        ("字" * 1234, "", "1,234 字，计 19 条", ""),
        ("{姓名}" + "字" * 80, "", "84 字，计 2 条", "含变量"),
    ):
        page.locator("#sign").select_option(signature)
        page.locator("#text").fill(text)
        expect(texts(page, "#count") == [shown, saving], f"{len(text)} units: {texts(page, '#count')}")


def counts_numbers(site, expect):
    page = site.page
    site.show(NUMBERS)
    for text, shown in (
        ("13800138000", ["1 个号码", ""]),
        ("13800138000\n138 0013 8000，+86138-0013-8000", ["1 个号码", "2 个重复"]),
        ("１３８００１３８０００、13800138001;1380013800", ["2 个号码", "1 个无效"]),
        ("\n ,\n", ["0 个号码", ""]),
    ):
        page.locator("#nums").fill(text)
        page.wait_for_timeout(250)
        expect(texts(page, "#count") == shown, f"{text!r}: {texts(page, '#count')}")


def polls_until_the_end(site, expect):
    answers = iter([
        '<section id="p" data-refresh="/part" data-every="1"><details id="d"><summary>x</summary></details>2</section>',
        429,
        '<section id="p"><details id="d"><summary>x</summary></details>完成</section>',
    ])
    site.pages["/part"] = lambda: next(answers, 404)
    site.show('<section id="p" data-refresh="/part" data-every="1"><details id="d" open><summary>x</summary></details>1</section>')
    site.page.locator("#p", has_text="完成").wait_for(timeout=15_000)
    expect(site.page.locator("#d").get_attribute("open") is not None, "what was open was closed")
    before = site.asked.count("/part")
    site.page.wait_for_timeout(2500)
    expect(site.asked.count("/part") == before == 3, f"asked {site.asked.count('/part')} times, not 3")


def reloads_when_the_session_has_ended(site, expect):
    site.pages["/part"] = 403
    site.show('<section id="p" data-refresh="/part" data-every="1">1</section>')
    site.pages["/"] = "<p>登录</p>"
    site.page.get_by_text("登录").wait_for(timeout=10_000)
    expect(site.page.locator("#p").count() == 0, "still the old page")


def selects_rows(site, expect):
    page = site.page
    site.show(ROWS)
    expect(page.locator("#all").is_visible() and page.locator("#chosen").is_visible(), "not shown by the script")
    expect(page.locator("#go").is_disabled(), "the button is on while no row is chosen")
    page.locator("#m1").check()
    expect(page.locator("#all").evaluate("box => box.indeterminate"), "one of five does not show at the top")
    page.locator("#m3").click(modifiers=["Shift"])
    expect(page.locator("[name=m]:checked").count() == 3, "Shift does not choose the rows between")
    page.locator("#all").check()
    expect(page.locator("#chosen").inner_text() == "已选 5 条", page.locator("#chosen").inner_text())
    expect(page.locator("#go").is_enabled(), "the button is off while rows are chosen")
    page.locator("#all").uncheck()
    expect(page.locator("[name=m]:checked").count() == 0, "rows are still chosen")


def asks_first(site, expect):
    page = site.page
    site.show('<form method="post" action="/taken"><button id="go" data-confirm="要停用吗？">停用</button></form>')
    asked = []

    def refuse(dialog):
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.locator("#go").click()
    expect(asked == ["要停用吗？"] and not site.posts, f"asked {asked}, sent {len(site.posts)}")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#go").click()
    page.wait_for_timeout(200)
    expect(len(site.posts) == 1, f"sent {len(site.posts)} times after yes")


def sends_a_form_once(site, expect):
    page = site.page
    site.show('<form method="post" action="/taken"><button id="go">发送</button></form>')
    for _ in range(3):
        page.locator("#go").click(no_wait_after=True)
    page.wait_for_timeout(300)
    expect(len(site.posts) == 1, f"sent {len(site.posts)} times")


def copies(site, expect):
    page = site.page
    site.show('<code id="c">abc&lt;d&gt;</code><button type="button" id="go" data-copy="c" data-done="已复制" hidden '
              'data-script>复制</button><textarea id="into"></textarea>')
    page.locator("#go").click()
    page.locator("#go", has_text="已复制").wait_for(timeout=5000)
    page.locator("#into").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#into").input_value() == "abc<d>", f"pasted {page.locator('#into').input_value()!r}")


def takes_a_dropped_file(site, expect):
    page = site.page
    site.show('<label class="drop" data-drop for="f">拖到这里<input id="f" type="file"></label>')
    page.evaluate("""() => {
      const data = new DataTransfer(), zone = document.querySelector(".drop");
      data.items.add(new File(["1"], "名单.csv"));
      for (const type of ["dragover", "drop"])
        zone.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }""")
    expect(page.locator("#f").evaluate("field => field.files[0]?.name") == "名单.csv", "the file is not in the field")


def warns_of_unsaved_changes(site, expect):
    page = site.page
    site.pages["/other"] = "<p>别处</p>"
    site.show('<form method="post" data-unsaved><input id="name"></form><a id="away" href="/other">x</a>')
    warned = []
    page.once("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.locator("#name").press_sequentially("x")
    page.locator("#away").click()
    page.wait_for_url("**/other")
    expect(warned == ["beforeunload"], f"warned {warned}")


def shows_a_password(site, expect):
    page = site.page
    site.show('<input type="password" id="p" value="geheim"><button type="button" id="go" data-reveal="p" '
              'aria-pressed="false" hidden data-script>显示</button>')
    page.locator("#go").click()
    expect(page.locator("#p").get_attribute("type") == "text", "still hidden")
    expect(page.locator("#go").get_attribute("aria-pressed") == "true", "not said")


def closes_the_drawer(site, expect):
    page = site.page
    page.set_viewport_size({"width": 360, "height": 700})
    site.show('<a class="menu-open" href="#nav">菜单</a><nav id="nav" class="nav"><a href="#main">关闭</a></nav>')
    expect(not page.locator("#nav").is_visible(), "open at first")
    page.locator(".menu-open").click()
    expect(page.locator("#nav").is_visible(), "does not open")
    page.keyboard.press("Escape")
    expect(not page.locator("#nav").is_visible(), "Escape does not close it")
    page.set_viewport_size({"width": 1280, "height": 800})


PROMISES = (
    counts_segments, counts_numbers, polls_until_the_end, reloads_when_the_session_has_ended, selects_rows, asks_first,
    sends_a_form_once, copies, takes_a_dropped_file, warns_of_unsaved_changes, shows_a_password, closes_the_drawer,
)
BOUNDS = {"portal.css": 24 << 10, "portal.js": 15_000}


def check(browser):
    findings = browser.findings
    for name, most in BOUNDS.items():
        size = (ASSETS / name).stat().st_size
        findings.expect(size <= most, name, "size", f"{size} bytes, more than {most}")
    for promise in PROMISES:
        with browser.visitor() as page:
            name = f"portal.js {promise.__name__}"
            try:
                promise(Site(page), lambda holds, text: findings.expect(holds, name, "script", text))
            except Exception as error:  # A promise that cannot even be tried is broken.
                findings.add(name, "script", str(error).splitlines()[0])
