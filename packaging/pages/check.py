#!/usr/bin/env python3
"""Looks at every page of the portal in a browser. Started by packaging/pages/run; the exit code is 1 with any finding.

Without --address it starts the program itself, with data worth looking at."""
import argparse
import contextlib
import pathlib
import shutil
import sys
import time

import journey
import palette
import plain
import samples
import script
from browser import VIEWS, browser
from crawl import Crawler
from findings import Findings
from house import ACCOUNT, SECRETS, house
from playwright.sync_api import Error

FIRST = "Yizhan-pages-2026"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=".build/debug/yizhan", help="the program (default: %(default)s)")
    parser.add_argument("--folder", default=".build/pages", help="for screenshots and the state (default: %(default)s)")
    parser.add_argument("--all-views", action="store_true", help="axe in all four combinations of width and scheme")
    parser.add_argument("--script-only", action="store_true", help="only what needs no program: script and palette")
    parser.add_argument("--language", default="zh-CN", help="of the browser (default: %(default)s)")
    return parser.parse_args()


def enter(page, base, link, name):
    """Follows the link of a new user and gives itself a password; ends on the first page. Works without script."""
    page.goto(base + link)
    for field in page.locator("main input[type=password]").all():
        field.fill(FIRST)
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    if "/login" in page.url:
        log_in(page, base, name)


def log_in(page, base, name):
    if "/login" not in page.url:
        page.goto(f"{base}/portal/login")
    if name:
        page.locator("input[name=name]").fill(name)
    page.locator("input[type=password]").fill(FIRST)
    page.locator("main form button:not([type=button])").first.click()
    page.wait_for_load_state()


def visit(opened, base, name, link, start, role):
    """A user's whole visit: pages before the login, first password, all pages with and without script."""
    findings = opened.findings
    with opened.visitor() as page:
        if role == "customer":
            for path in ("/portal/login", link):
                page.goto(base + path)
                opened.look(page, path.strip("/").replace("/", "-")[:20] + "-before")
            missing = page.goto(f"{base}/portal/nothing-here")
            findings.expect(missing.status in (302, 303, 404, 200), role, "answer", f"{missing.status} for no page")
        enter(page, base, link, name)
        findings.expect("/login" not in page.url, role, "login", f"the new user ends at {page.url}")
        crawler = Crawler(opened, base, role)
        kinds = crawler.walk(page, start)
        refused = page.goto(f"{base}/portal/nothing-here")
        if findings.expect(refused.status == 404, role, "answer", f"{refused.status} for no page"):
            opened.look(page, f"{role}-404")
    with opened.visitor(script=False) as page:
        log_in(page, base, name)
        findings.expect("/login" not in page.url, role, "without script", "cannot log in")
        plain.check(opened, page, base, crawler.paths, role)
    print(f"{role}: {len(kinds)} kinds of pages")
    return kinds


def attempt(findings, steps):
    """A way that ends at an element that is not there is a finding, and what follows goes on."""
    try:
        steps()
    except Error as error:
        findings.add("journey", "journey", " ".join(str(error).split())[:300])


# Pages that the links must lead to, whatever else there is.
EXPECTED = {
    "customer": ("/portal/", "/portal/send", "/portal/records", "/portal/replies", "/portal/bills", "/portal/users",
                 "/portal/accounts", "/portal/templates", "/portal/tasks", "/portal/api", "/portal/me"),
    "operator": ("/portal/operator", "/portal/operator/customers", "/portal/operator/channels",
                 "/portal/operator/routes", "/portal/operator/templates", "/portal/operator/inbound",
                 "/portal/operator/records", "/portal/operator/finance", "/portal/operator/users",
                 "/portal/operator/audit", "/portal/operator/settings"),
}


def main():
    chosen = arguments()
    folder = pathlib.Path(chosen.folder)
    shutil.rmtree(folder, ignore_errors=True)
    findings, began = Findings(), time.monotonic()
    palette.check((script.ASSETS / "portal.css").read_text(), findings)
    options = {"judged": VIEWS} if chosen.all_views else {}
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(browser(findings, folder / "shots", **options))
        script.check(opened)
        if not chosen.script_only:
            served = stack.enter_context(house(chosen.binary, folder / "house"))
            served.fill()
            users = {
                "customer": ("zhangmin", served.user("zhangmin", "--account", ACCOUNT), "/portal/"),
                "operator": ("liwei", served.user("liwei", "--operator"), "/portal/operator"),
            }
            for role, (name, link, start) in users.items():
                kinds = visit(opened, served.base, name, link, start, role)
                for path in EXPECTED[role]:
                    findings.expect(
                        any(kind.split("?")[0] == path for kind in kinds), role, "link", f"nothing leads to {path}")
            for with_script, ending in ((True, ".xlsx"), (False, ".xls")):
                file = folder / f"通行账单1127{ending}"
                journey.write_file(file)
                with opened.visitor(script=with_script) as page:
                    log_in(page, served.base, "zhangmin")
                    attempt(findings, journey.Journey(opened, page, served.base, folder, with_script, file).walk)
            with opened.visitor() as page:
                log_in(page, served.base, "zhangmin")
                attempt(findings, lambda: journey.sub_account(opened, page, served.base))
                journey.refused(opened, page, served.base, EXPECTED["operator"])
                samples.check(page, served.base, folder / "samples", SECRETS, findings)
    seconds = time.monotonic() - began
    print(f"\n{findings.checks} checks in {seconds:.0f} s, screenshots in {folder / 'shots'}")
    if len(findings):
        print(f"{len(findings)} findings:\n{findings.summary()}")
        sys.exit(1)
    print("no finding")


if __name__ == "__main__":
    main()
