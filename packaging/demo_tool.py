"""What packaging/demo leaves to Python: the texts, their encoding, and the counting of what curl collected.

requests CSV DIR             writes DIR/batch_send.json and multi_send.json: the fields behind the credentials
accepted DIR OP REPLY        notes the message ids that the reply gives to the recipients of that request
progress DIR                 one line: how many are delivered, failed, waiting
table DIR CREDIT             the table; exit 1 unless the ledger says the same
sign SP KEY SECRET ID BODY   the x-sign of a request of dialect 004 whose JSON body is BODY
"""
import csv
import hashlib
import json
import pathlib
import sys
from collections import Counter
from decimal import Decimal
from urllib.parse import quote_from_bytes, quote_plus

NOTICE = (
    "【通渝科技】尊敬的ETC用户：因内环快速路真武山隧道检修，今晚23时至次日6时实行交通管制，"
    "途经车辆请按现场标志绕行慈母山隧道，通行费按实际行驶路径计收。给您带来不便，敬请谅解。详情请拨打客服热线12122。"
)
PERSONAL = "【通渝科技】{name}您好，您的车辆{plate}本月通行费共{fee}元，已从绑定账户扣款。"
EXPLAINED = "明细可在小程序“通行记录”中查询，发票将于次月5日前发送至预留邮箱；如有疑问请在30日内致电12122，我们将尽快核实处理。"
SEGMENT_STRIDE = 1 << 34  # message ids of the segments of one message lie this far apart


def segments(text):
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)


def encoded(text):
    return quote_from_bytes(text.encode("gbk"), safe="")


def requests(csv_path, folder):
    with open(csv_path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    notices = [row for row in rows if row["kind"] == "notice"]
    personal = [row for row in rows if row["kind"] == "personal"]
    texts = [PERSONAL.format(**row) + (EXPLAINED if Decimal(row["fee"]) > 100 else "") for row in personal]
    fields = {
        "batch_send": {
            "mobile": ",".join(row["mobile"] for row in notices), "content": encoded(NOTICE), "custid": "notice-1",
        },
        "multi_send": {
            "multimt": [
                {"mobile": row["mobile"], "content": encoded(text), "custid": "bill-1"}
                for row, text in zip(personal, texts)
            ]
        },
    }
    for operation, value in fields.items():
        # Without the braces: the credentials come first in the same object.
        (folder / f"{operation}.json").write_text(json.dumps(value, separators=(",", ":"))[1:-1])
    plan = {"batch_send": [segments(NOTICE)] * len(notices), "multi_send": [segments(text) for text in texts]}
    (folder / "plan.json").write_text(json.dumps(plan))


def accepted(folder, operation, reply):
    reply = json.loads(reply)
    if reply["result"] != 0:
        sys.exit(f"{operation} was refused: {reply['result']}")
    plan = json.loads((folder / "plan.json").read_text())[operation]
    with open(folder / "accepted.txt", "a") as file:
        for place, count in enumerate(plan):
            print(reply["msgid"] + place, count, file=file)


def outcomes(folder):
    """Message id → (its segments, its final code or None while a segment has no report)."""
    codes = {}
    path = folder / "reports.jsonl"
    for line in path.read_text().splitlines() if path.exists() else []:
        for report in json.loads(line)["rpts"] or []:
            if report["msgid"] in codes:
                sys.exit(f"two reports for {report['msgid']}")
            codes[report["msgid"]] = report["errcode"]
    result = {}
    for line in (folder / "accepted.txt").read_text().splitlines():
        msgid, count = map(int, line.split())
        found = {codes.pop(msgid + place * SEGMENT_STRIDE, None) for place in range(count)}
        failures = sorted(found - {None, "DELIVRD"})
        result[msgid] = (count, None if None in found else failures[0] if failures else "DELIVRD")
    if codes:
        sys.exit(f"reports for messages that nobody sent: {sorted(codes)}")
    return result


def progress(folder):
    found = Counter(code for _, code in outcomes(folder).values())
    waiting, delivered = found.pop(None, 0), found.pop("DELIVRD", 0)
    print(f"{delivered} delivered, {found.total()} failed, {waiting} waiting")


def table(folder, credit):
    messages, parts = Counter(), Counter()
    for count, code in outcomes(folder).values():
        name = "waiting" if code is None else "delivered" if code == "DELIVRD" else f"failed {code}"
        for name in ("sent", name):
            messages[name] += 1
            parts[name] += count
    failed = sorted(name for name in messages if name.startswith("failed"))
    print(f"\n{'':<20}{'messages':>10}{'segments':>10}")
    for name in ["sent", "delivered", *failed, "waiting"]:
        print(f"{name:<20}{messages[name]:>10}{parts[name]:>10}")
    balance = json.loads((folder / "balance.json").read_text())
    ledger = json.loads((folder / "ledger.json").read_text())
    charged = Decimal(credit) - Decimal(balance["money"])
    by_ledger = Decimal(credit) - Decimal(ledger["money_micro"]) / 1_000_000
    agrees = ledger["sound"] and charged == by_ledger
    print(f"{'charged, yuan':<20}{charged:>20.6f}   (get_balance)")
    print(f"{'ledger verify':<20}{by_ledger:>20.6f}   ({ledger['entries']} entries)  "
          + ("agrees" if agrees else "DOES NOT AGREE"))
    return 0 if agrees else 1


def sm3(data):
    """GB/T 32905, in hexadecimal; by hashlib where its OpenSSL has it."""
    if "sm3" in hashlib.algorithms_available:
        try:
            return hashlib.new("sm3", data).hexdigest()
        except ValueError:  # a library that knows it by name only
            pass
    word = 0xFFFFFFFF

    def turn(x, count):
        count %= 32
        return (x << count | x >> (32 - count)) & word if count else x

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\0" * (-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[start + at:start + at + 4], "big") for at in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            early = j < 16
            ss1 = turn(turn(a, 12) + e + turn(0x79CC4519 if early else 0x7A879D8A, j) & word, 7)
            ff = a ^ b ^ c if early else a & b | a & c | b & c
            gg = e ^ f ^ g if early else e & f | ~e & g
            tt1 = ff + d + (ss1 ^ turn(a, 12)) + (w[j] ^ w[j + 4]) & word
            tt2 = gg + h + ss1 + w[j] & word
            a, b, c, d = tt1, a, turn(b, 9), c
            e, f, g, h = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]
    return "".join(f"{value:08x}" for value in state)


def sign(sp_code, app_key, app_secret, request_id, body):
    """x-sign (dialect 004): the parameters sorted by name, encoded as a whole as Java's URLEncoder does it."""
    query = "&".join(f"{name}={value}" for name, value in sorted(json.loads(body).items()))
    encoded = quote_plus(query, safe="*").replace("~", "%7E")
    return sm3((sp_code + app_key + app_secret + encoded + request_id).encode())


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "requests":
        requests(rest[0], pathlib.Path(rest[1]))
    elif command == "accepted":
        accepted(pathlib.Path(rest[0]), *rest[1:])
    elif command == "progress":
        progress(pathlib.Path(rest[0]))
    elif command == "table":
        sys.exit(table(pathlib.Path(rest[0]), rest[1]))
    elif command == "sign":
        print(sign(*rest))
    else:
        sys.exit(__doc__)
