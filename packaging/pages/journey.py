"""A newcomer's whole way, with and without script: import a file, see the cost, send, watch it be delivered, find it,
send one again, export and open the export with another program, read the bill, add a sub-account, be refused."""
import csv
import io
import re
import time

import openpyxl
import xlwt

from house import PRICE_MICRO

TEXT = "{姓名}您好，您的车辆{车牌}本月通行费共{金额}元，已从绑定账户扣款。"
SIGNATURE = "【通渝科技】"
# Name, number as an office writes it, plate, amount. Of the numbers one is repeated and one is none; the simulated
# carrier fails those that end with 0001.
ROWS = [
    ("张三", 13800131234, "渝A12345", "23.50"), ("李四", "+86 138-0013-2345", "渝B00001", "118.00"),
    ("王五六七", "13800130001", "渝CM9100", "9.00"), ("赵六", "138 0013 1234", "渝D88888", "1.00"),
    ("钱七" * 20, "13800133456", "渝F00007", "5.25"), ("孙八", "1380013", "渝G1", "2.00"),
]
SENT = [ROWS[0], ROWS[1], ROWS[2], ROWS[4]]
WAIT = 30


def write_file(path):
    """A merged title above the header, as offices have it; .xlsx or .xls by the path's ending."""
    heading, header = "通行账单 11 月", ("姓名", "手机", "车牌", "金额")
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append([heading])
        sheet.merge_cells("A1:D1")
        sheet.append(header)
        for row in ROWS:
            sheet.append(row)
        book.save(path)
        return
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("11月")
    sheet.write_merge(0, 0, 0, 3, heading)
    for line, row in enumerate([header, *ROWS]):
        for column, value in enumerate(row):
            sheet.write(line + 1, column, value)
    book.save(str(path))


def segments(text):
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)


def yuan(micro):
    whole, rest = divmod(micro, 1_000_000)
    fraction = f"{rest:06}".rstrip("0").ljust(3, "0")
    return f"{whole:,}.{fraction}"


def price():
    """Segments and micro-yuan of what is sent, reckoned without the program."""
    texts = [SIGNATURE + TEXT.replace("{姓名}", name).replace("{车牌}", plate).replace("{金额}", fee)
             for name, _, plate, fee in SENT]
    count = sum(segments(text) for text in texts)
    return count, count * PRICE_MICRO


class Journey:
    """`page` is logged in as a user with all rights of the account; `script` says whether it runs scripts."""

    def __init__(self, browser, page, base, folder, script, file):
        self.findings, self.page, self.base, self.folder = browser.findings, page, base, folder
        self.script, self.file = script, file
        self.name = f"journey {file.suffix} {'with' if script else 'without'} script"

    def expect(self, holds, text):
        return self.findings.expect(holds, self.name, "journey", text)

    def go(self, path):
        return self.page.goto(f"{self.base}/portal/{path}")

    def text(self):
        return self.page.locator("main").inner_text()

    def wait_for(self, pattern, what):
        """With script the page changes by itself; without it is loaded again, as its refresh does."""
        deadline = time.monotonic() + WAIT
        while not re.search(pattern, self.text()):
            if time.monotonic() > deadline:
                self.expect(False, f"{what}: no {pattern!r} within {WAIT} s on {self.page.url}")
                return False
            self.page.wait_for_timeout(500)
            if not self.script:
                self.page.reload()
        return self.expect(True, what)

    def press(self, button):
        """Submits with a button, and says yes when it asks."""
        self.page.once("dialog", lambda dialog: dialog.accept())
        button.click()
        self.page.wait_for_load_state()

    def walk(self):
        batch = self.send()
        if batch:
            self.find_and_resend()
        self.export()
        self.bill()

    # Sending

    def send(self):
        page = self.page
        self.go("send")
        page.locator("[name=text]").fill(TEXT)
        page.locator("[name=file]").set_input_files(self.file)
        self.press(page.locator("main form button[type=submit]"))
        if not self.wait_for("这样理解对吗", "the import is read"):
            return False
        shown = self.text()
        self.expect("手机" in page.locator("[name=col] option:checked").inner_text(), "the column of numbers is found")
        self.expect(self.file.name in shown, "the file's name is shown")
        self.press(page.locator("button[value=use]"))
        count, micro = price()
        if not self.wait_for("发送 ", "the check page"):
            return False
        shown = self.text()
        figures = dict(zip(page.locator(".figures dt").all_inner_texts(), page.locator(".figures dd").all_inner_texts()))
        self.expect(figures.get("收件人", "").split()[:1] == [str(len(SENT))], f"recipients {figures.get('收件人')}")
        self.expect(figures.get("计费条", "").split()[:1] == [str(count)], f"segments {figures.get('计费条')}, not {count}")
        self.expect(yuan(micro) in shown, f"the amount {yuan(micro)} is not on the check page")
        again = page.locator("main input[type=checkbox]")
        if again.count():  # The same text went to the same numbers in the journey before.
            again.first.check()
        self.press(page.locator("main form[method=post] button").last)
        self.batch = page.url
        # One fails; the others are delivered.
        ended = self.wait_for(rf"成功\s*{len(SENT) - 1}", "the batch is delivered")
        page.go_back()
        page.goto(self.batch)
        return ended

    # Finding

    def find_and_resend(self):
        page = self.page
        self.go("records")
        page.locator("[name=n]").fill("13800130001")
        self.press(page.locator("form.filters button").first)
        self.expect("13800130001" not in page.url, f"the number stands in the address {page.url}")
        rows = page.locator("tbody tr")
        if not self.expect(rows.count() >= 1, "the failed message is not found by its number"):
            return
        self.expect("失败" in rows.first.inner_text(), f"its state: {rows.first.inner_text()[:80]}")
        before = rows.count()
        rows.first.locator("[name=m]").check()
        self.press(page.locator("button[value=resend]"))
        self.expect("可重发" in self.text(), f"no page before sending again: {page.url}")
        self.press(page.locator("main form[method=post] button").last)
        self.go("records")
        page.locator("[name=n]").fill("13800130001")
        self.press(page.locator("form.filters button").first)
        self.expect(page.locator("tbody tr").count() == before + 1, "sent again, there is not one message more")

    # Exports

    def export(self):
        page = self.page
        for kind in ("xlsx", "csv"):
            self.go("records")
            everything = page.locator("form[action$='/export'] button[value=" + kind + "]")
            if not self.expect(everything.count() == 1, f"no button to export all as {kind}"):
                continue
            self.press(everything)
            self.go("tasks")
            link = page.locator("a[href$='/file']").first
            deadline = time.monotonic() + WAIT
            while not link.count() and time.monotonic() < deadline:
                page.wait_for_timeout(500)
                page.reload()
            if not self.expect(link.count() > 0, f"the export as {kind} does not end"):
                continue
            with page.expect_download() as download:
                link.click()
            path = self.folder / f"{self.name.replace(' ', '-')}.{kind}"
            download.value.save_as(path)
            rows = self.read(path, kind)
            numbers = [cell for row in rows for cell in row if re.fullmatch(r"1\d{2}(\d|\*){4}\d{4}", str(cell))]
            self.expect(len(numbers) >= len(SENT), f"{kind}: {len(numbers)} numbers in {len(rows)} rows")
            formulas = [cell for row in rows for cell in row if str(cell)[:1] in "=+-@" and len(str(cell)) > 1]
            self.expect(not formulas, f"{kind}: cells that a program reckons: {formulas[:3]}")

    @staticmethod
    def read(path, kind):
        if kind == "csv":
            text = path.read_bytes()
            return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]

    # The bill

    def bill(self):
        self.go("bills")
        self.expect(self.page.locator("tbody tr").count() >= 1, "the bill has no day")
        answer = self.go("bills/statement")
        self.expect(answer.status == 200, f"the month's statement answers {answer.status}")


def sub_account(browser, page, base):
    """A sub-account is added; a price below the parent's or a taken name is refused with what was typed kept."""
    findings = browser.findings

    def expect(holds, text):
        return findings.expect(holds, "journey sub-account", "journey", text)

    page.goto(f"{base}/portal/accounts/new")
    page.locator("[name=id]").fill("坏 名字")
    page.locator("main form[method=post] button").last.click()
    page.wait_for_load_state()
    expect(page.title().startswith("错误："), f"the title after an error: {page.title()}")
    expect(page.locator("#errors").count() == 1, "no summary of errors")
    expect(page.locator("[name=id]").input_value() == "坏 名字", "what was typed is gone")
    page.locator("[name=id]").fill("J10003-02")
    page.locator("[name=api_password]").fill("Jk3-99xQ-sub-account")
    page.locator("main form[method=post] button").last.click()
    page.wait_for_load_state()
    expect("/accounts/J10003-02" in page.url, f"not added: {page.locator('main').inner_text()[:200]}")


def refused(browser, page, base, paths):
    """What this user may not see is answered 403 or 404, on a page of ours."""
    for path in paths:
        answer = page.goto(base + path)
        browser.findings.expect(
            answer.status in (403, 404), "journey refused", "journey", f"{path} answers {answer.status}")
        browser.findings.expect(
            page.locator("h1").count() == 1, "journey refused", "journey", f"{path} shows no page of ours")
