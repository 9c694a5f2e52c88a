"""Walks all links that a visitor sees, one page of each kind, and looks at each."""
import re
from collections import Counter, deque

from browser import normal

# Not pages: files, and what ends the session.
SKIPPED = re.compile(r"/(logout|export|download|files?|rejected)(/|$|\?)|\.(csv|xlsx|svg|txt|css|js)(\?|$)")

LINKS = """() => [...document.querySelectorAll("a[href]")]
  .filter((link) => !link.hasAttribute("download") && link.origin === location.origin)
  .map((link) => link.href.split("#")[0])"""


def label(kind, role):
    name = re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-") or "root"
    return f"{role}-{name.removeprefix('portal-')}"[:80]


class Crawler:
    def __init__(self, browser, base, role, a_kind=1, most=150):
        self.browser, self.base, self.role = browser, base, role
        self.a_kind, self.most = a_kind, most
        self.kinds = Counter()
        self.paths = []

    def walk(self, page, start="/portal/", look=True):
        """From `start`, breadth first. Returns the kinds of pages found."""
        findings = self.browser.findings
        waiting, known = deque([self.base + start]), {self.base + start}
        while waiting and len(self.paths) < self.most:
            address = waiting.popleft()
            kind = normal(address)
            if self.kinds[kind] >= self.a_kind:
                continue
            self.kinds[kind] += 1
            answer = page.goto(address)
            if not findings.expect(
                answer is not None and answer.status == 200, self.role, "link",
                f"{kind} answers {answer.status if answer else 'nothing'}"):
                continue
            self.paths.append(address)
            if look:
                self.browser.look(page, label(kind, self.role))
            for link in page.evaluate(LINKS):
                if link in known or SKIPPED.search(link) or not link.startswith(self.base + "/portal/"):
                    continue
                known.add(link)
                waiting.append(link)
        findings.expect(len(self.paths) < self.most, self.role, "link", f"more than {self.most} kinds of pages")
        return set(self.kinds)
