"""A browser that notices what goes wrong, and looks at pages closely."""
import contextlib
import pathlib
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

EXECUTABLES = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
# target-size is run only when its tag is asked for.
AXE_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# Each page is looked at in these widths and schemes, and judged by axe in the first two, which differ in both.
VIEWS = ((1280, "light"), (360, "dark"), (1280, "dark"), (360, "light"))
JUDGED = VIEWS[:2]
HEIGHT = 800

STRUCTURE = """() => {
  const wrong = [];
  const count = (selector) => document.querySelectorAll(selector).length;
  if (count("h1") !== 1) wrong.push(`${count("h1")} h1`);
  if (!document.title.endsWith(" – 驿站") && !document.title.endsWith(" – Yizhan")) wrong.push(`title ${document.title}`);
  if (count("[style]:not([style=''])")) wrong.push(`style attribute: ${document.querySelector("[style]:not([style=''])").outerHTML.slice(0, 120)}`);
  if (count("script:not([src]), style")) wrong.push("inline script or style");
  if (count("main") !== 1) wrong.push(`${count("main")} main`);
  for (const element of document.querySelectorAll("*"))
    for (const { name } of element.attributes) if (name.startsWith("on")) wrong.push(`${name} attribute`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) wrong.push(`id ${id} twice`);
  for (const link of document.querySelectorAll("a[href^='#']"))
    if (link.hash.length > 1 && !document.getElementById(decodeURIComponent(link.hash.slice(1)))) wrong.push(`${link.hash} leads nowhere`);
  if (document.body.innerText.match(/\\b(undefined|NaN|Optional\\(|nil\\b)/)) wrong.push("a program's word in the text");
  return wrong;
}"""

# Text that does not fit its box, in elements that do not scroll and are not meant to be cut.
CLIPPED = """() => {
  const found = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const style = getComputedStyle(element);
    if (style.display === "inline" || element.closest(".clip, .scroll, pre, .vh, svg, .tabs, .who b, select, thead")) continue;
    if (!element.textContent.trim() || element.clientWidth === 0) continue;
    if (element.scrollWidth > element.clientWidth + 1 && style.overflowX !== "visible")
      found.push(`${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 40)}"`);
  }
  return found;
}"""

FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const label = element.labels?.[0], labelled = label && getComputedStyle(label);
  const isRing = (style) => style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return {
    name: `${element.tagName.toLowerCase()} ${(element.innerText || element.name || element.id || "").trim().slice(0, 40)}`,
    key: [...document.querySelectorAll("*")].indexOf(element),
    isVisible: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    hasRing: isRing(style) || isRing(labelled) || element.tabIndex < 0,
  };
}"""


def find_executable():
    for path in EXECUTABLES:
        if pathlib.Path(path).exists():
            return path
    raise SystemExit("no chromium: packaging/install-deps pages")


class Browser:
    """Chromium, with one findings list for all that it shows."""

    def __init__(self, playwright, findings, folder, views=VIEWS, judged=JUDGED):
        self._chromium = playwright.chromium.launch(executable_path=find_executable(), args=["--no-sandbox"])
        self._axe = Axe()
        self.findings = findings
        self.folder = pathlib.Path(folder)
        self.views, self.judged = views, judged
        self.folder.mkdir(parents=True, exist_ok=True)

    def close(self):
        self._chromium.close()

    @contextlib.contextmanager
    def visitor(self, script=True, width=1280, language="zh-CN"):
        """A page of a new visitor: no cookies. Whatever goes wrong on it is a finding."""
        context = self._chromium.new_context(
            viewport={"width": width, "height": HEIGHT}, locale=language, java_script_enabled=script,
            reduced_motion="reduce", accept_downloads=True)
        context.set_default_timeout(15_000)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error("
            "`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));")
        page = context.new_page()
        self._listen(page)
        context.on("page", self._listen)
        try:
            yield page
        finally:
            context.close()

    def _listen(self, page):
        def at():
            return re.sub(r"^https?://[^/]+", "", page.url)

        def console(message):
            # A page that is refused on purpose is also an error of the console.
            if message.type == "error" and "Failed to load resource" not in message.text:
                self.findings.add(at(), "console", message.text)

        def response(answer):
            if answer.status >= 500:
                self.findings.add(at(), "answer", f"{answer.status} {answer.request.method} {normal(answer.url)}")

        page.on("console", console)
        page.on("pageerror", lambda error: self.findings.add(at(), "script", str(error)))
        page.on("response", response)
        page.on("requestfailed", lambda request: self._failed(at(), request))

    def _failed(self, where, request):
        # A download, and a request that leaving the page ends, are no failures.
        if request.failure not in ("net::ERR_ABORTED", None):
            self.findings.add(where, "request", f"{request.failure} {normal(request.url)}")

    def look(self, page, name):
        """All checks of one page that is shown, in all views, with a screenshot of each."""
        for width, scheme in self.views:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme=scheme)
            where = f"{name} {width} {scheme}"
            page.screenshot(path=str(self.folder / f"{name}-{width}-{scheme}.png"), full_page=True, caret="initial")
            if (width, scheme) in self.judged:
                self._axe_check(page, where)
            wide = page.evaluate("document.documentElement.scrollWidth")
            self.findings.expect(wide <= width, where, "overflow", f"{normal(page.url)} is {wide} px wide in {width}")
            for text in page.evaluate(CLIPPED):
                self.findings.add(where, "clipped", text)
        for text in page.evaluate(STRUCTURE):
            self.findings.add(name, "structure", f"{normal(page.url)}: {text}")
        self._narrowest(page, name)
        self._keyboard(page, name)

    def _narrowest(self, page, name):
        # WCAG 1.4.10: no scrolling in two directions at 320 px.
        page.set_viewport_size({"width": 320, "height": HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        self.findings.expect(wide <= 320, name, "overflow", f"{normal(page.url)} is {wide} px wide in 320")
        page.set_viewport_size({"width": 1280, "height": HEIGHT})

    def _axe_check(self, page, where):
        self.findings.checks += 1
        result = self._axe.run(page, options=AXE_OPTIONS).response
        for violation in result["violations"]:
            for node in violation["nodes"]:
                self.findings.add(where, f"axe {violation['id']}", f"{violation['help']}: {node['html'][:160]}")
        # Without a verdict: about colours palette.py decides; anything else is a finding.
        for unsure in result["incomplete"]:
            if unsure["id"] in ("color-contrast", "target-size"):
                continue
            for node in unsure["nodes"]:
                self.findings.add(where, f"axe {unsure['id']}", f"no verdict, {unsure['help']}: {node['html'][:160]}")

    def _keyboard(self, page, name, most=80):
        """Every stop of the Tab key is in sight and has a ring."""
        page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
        seen = set()
        for _ in range(most):
            page.keyboard.press("Tab")
            stop = page.evaluate(FOCUSED)
            if stop is None or stop["key"] in seen:
                break
            seen.add(stop["key"])
            self.findings.expect(stop["isVisible"], name, "keyboard", f"{stop['name']}: focused out of sight")
            self.findings.expect(stop["hasRing"], name, "keyboard", f"{stop['name']}: focused without a ring")
        self.findings.expect(len(seen) > 0, name, "keyboard", "nothing to reach with the Tab key")


def normal(url):
    """An address without its host and with names in the place of ids, so that pages of one kind are one."""
    path = re.sub(r"^https?://[^/]+", "", url).split("#")[0]
    path, _, query = path.partition("?")
    parts = [":id" if re.search(r"\d", part) and "." not in part else part for part in path.split("/")]
    names = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
    return "/".join(parts) + ("?" + "&".join(names) if names else "")


@contextlib.contextmanager
def browser(findings, folder, views=VIEWS, judged=JUDGED):
    with sync_playwright() as playwright:
        opened = Browser(playwright, findings, folder, views, judged)
        try:
            yield opened
        finally:
            opened.close()
