"""The same pages without script: nothing that needs script shows, everything else is there."""
from crawl import label
from browser import normal


def check(browser, page, base, paths, role):
    """`page` is one whose script is off, logged in; `paths` are those that the walk with script has found."""
    findings = browser.findings
    page.set_viewport_size({"width": 360, "height": 800})
    for address in paths:
        kind = normal(address)
        where = label(kind, f"{role}-plain")
        answer = page.goto(address)
        findings.expect(
            answer is not None and answer.status == 200, where, "without script",
            f"{kind} answers {answer.status if answer else 'nothing'}")
        shown = page.locator("[data-script]:visible").count()
        findings.expect(shown == 0, where, "without script", f"{kind}: {shown} elements that need script are shown")
        disabled = page.locator("form[method=post] button[disabled]:visible").count()
        findings.expect(disabled == 0, where, "without script", f"{kind}: {disabled} buttons are off")
        # A page that polls has to refresh by itself.
        if page.locator("[data-refresh]").count():
            content = page.content()
            findings.expect(
                'http-equiv="refresh"' in content, where, "without script", f"{kind} polls, but does not refresh")
        page.screenshot(path=str(browser.folder / f"{where}.png"), full_page=True, caret="initial")
