#!/usr/bin/python3
"""A customer of dialect 002, written from its seed and WIRE.md alone.

    operator_v2.py --base URL --account USERID --password PASSWORD [--format json|xml|form] [--auth md5|plain|apikey]
                   [--names std|newer] send --content TEXT… MOBILE… | reports | replies | balance | refusals | selftest

One text to one number is single_send, one text to several batch_send, as many texts as numbers multi_send. --names
newer: the family's later names of the same operations, whose content is percent-encoded UTF-8.
"""

import hashlib
import json
import re
import urllib.parse
import xml.etree.ElementTree
from xml.sax.saxutils import escape

import strict
from strict import fields, require

OPTIONS = (
    ("account", "J10003"), ("password", "111111"), ("format", "json"), ("auth", "md5"), ("names", "std"),
    ("api-key", ""),
)
SEND_OPTIONS = (("exno", ""), ("custid", ""), ("exdata", ""), ("svrtype", ""), ("multimt", "array"))
STRIDE = 17179869184
MSGID = re.compile(r"[1-9]\d{0,18}")
SEND_ANSWER = (("result", int), ("msgid", str), ("custid", str))
REPORT = (
    ("msgid", str), ("custid", str), ("pknum", int), ("pktotal", int), ("mobile", str), ("spno", str), ("exno", str),
    ("stime", str), ("rtime", str), ("status", int), ("errcode", str), ("errdesc", str), ("exdata", str),
)
REPLY = (("msgid", str), ("mobile", str), ("spno", str), ("exno", str), ("rtime", str), ("content", str))
BALANCE = (("result", int), ("chargetype", int), ("balance", int), ("money", str))
ROOTS = {"get_mo": "mo", "get_rpt": "rpt", "get_balance": "fee"}
TYPES = {"json": "application/json", "xml": "text/xml", "form": "application/x-www-form-urlencoded"}


def digest(userid, password, stamp):
    return hashlib.md5((userid.upper() + "00000000" + password + stamp).encode("utf-8")).hexdigest()


def credentials(arguments):
    if arguments.auth == "apikey":
        return {"apikey": arguments.api_key}
    if arguments.auth == "plain":
        return {"userid": arguments.account, "pwd": arguments.password}
    stamp = strict.china_time("%m%d%H%M%S")
    pwd = digest(arguments.account, arguments.password, stamp)
    return {"userid": arguments.account, "pwd": pwd, "timestamp": stamp}


def encoded(arguments, text):
    return urllib.parse.quote_plus(text.encode("utf-8" if arguments.names == "newer" else "gbk"))


def element(name, value):
    if isinstance(value, list):
        inner = "".join(element("mt", one) for one in value)
    elif isinstance(value, dict):
        inner = "".join(element(*pair) for pair in value.items())
    else:
        inner = escape(str(value))
    return "<%s>%s</%s>" % (name, inner, name)


def request_body(arguments, operation, values):
    """The body in the format that was chosen, as the samples have it."""
    if arguments.format == "json":
        return json.dumps(values, ensure_ascii=False).encode("utf-8")
    if arguments.format == "xml":
        # The documents' own prolog, whose values have no quotes.
        root = ROOTS.get(operation, "mt") + "req"
        return ("<?xml version=1.0 encoding=utf-8?>\n" + element(root, values)).encode("utf-8")
    pairs = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        for name, value in values.items()
    }
    # As the samples: what is percent-encoded already goes as it is, and so does the JSON of multimt.
    return "&".join("%s=%s" % pair for pair in pairs.items()).encode("utf-8")


def from_xml(text, operation):
    """The answer's XML as what its JSON would have been: result, then fields, then lists."""
    try:
        root = xml.etree.ElementTree.fromstring(text.encode("utf-8"))
    except xml.etree.ElementTree.ParseError as error:
        raise strict.Difference("not XML (%s): %r" % (error, text[:200]))
    require(root.tag == ROOTS.get(operation, "mt") + "rsp", "the root is %s" % root.tag)
    numbers = {"result", "pknum", "pktotal", "status", "chargetype", "balance"}

    def value(node):
        if node.tag in ("mos", "rpts"):
            require(all(child.tag == node.tag[:-1] for child in node), "a strange list: %s" % node.tag)
            return [plain(child) for child in node]
        require(not len(node), "%s has elements within" % node.tag)
        content = node.text or ""
        if node.tag in numbers:
            require(re.fullmatch(r"-?\d+", content), "%s is no number: %r" % (node.tag, content))
            return int(content)
        return content

    def plain(parent):
        names = [child.tag for child in parent]
        require(len(set(names)) == len(names), "a field stands twice: %s" % names)
        return {child.tag: value(child) for child in parent}

    return plain(root)


def call(arguments, operation, names, values, body=None, content_type=None):
    """The answer of an operation, with msgid as text, as everybody needs it who has only doubles for numbers."""
    name = operation
    if arguments.names == "newer" and operation.endswith("_send"):
        name = "send_" + operation[:-5]
    body = request_body(arguments, operation, dict(credentials(arguments), **values)) if body is None else body
    content_type = TYPES[arguments.format] if content_type is None else content_type
    answer = strict.Server(arguments.base).post("/sms/v2/std/" + name, body, content_type)
    if arguments.format == "xml":
        value = from_xml(answer.text(("text/xml", "application/xml")), operation)
    else:
        # A wide-spread client makes strings of msgids in this way: no space after the colon, never the last key.
        value = strict.parse_json(re.sub(r'"msgid":(\d{1,}).', r'"msgid":"\1",', answer.text()))
    fields(value, "the answer", names)
    for identity in [value.get("msgid")] + [one.get("msgid") for one in value.get("rpts") or value.get("mos") or []]:
        good = identity is None or MSGID.fullmatch(identity) and int(identity) < 1 << 63
        require(good or identity == "0" and value["result"] != 0, "msgid is %r" % identity)
    return value


def submit(arguments, operation, values):
    answer = call(arguments, operation, SEND_ANSWER, values)
    if answer["result"] != 0:
        require(answer["msgid"] == "0" and answer["custid"] == "", "a refusal has ids: %r" % answer)
    return answer


def send(arguments):
    texts, mobiles = arguments.content, arguments.mobiles
    extras = {
        name: getattr(arguments, name) for name in ("svrtype", "exno", "custid", "exdata") if getattr(arguments, name)
    }
    if len(texts) > 1:
        require(len(texts) == len(mobiles), "as many texts as numbers, or one text")
        entries = [
            dict({"mobile": mobile, "content": encoded(arguments, text)}, **extras)
            for mobile, text in zip(mobiles, texts)
        ]
        as_text = arguments.multimt == "string" and arguments.format == "json"
        answer = submit(arguments, "multi_send", {"multimt": json.dumps(entries) if as_text else entries})
    else:
        operation = "single_send" if len(mobiles) == 1 else "batch_send"
        values = {"mobile": ",".join(mobiles), "content": encoded(arguments, texts[0])}
        answer = submit(arguments, operation, dict(values, **extras))
        texts = texts * len(mobiles)
    require(answer["result"] == 0, "refused with result %(result)d" % answer)
    require(answer["custid"], "custid is empty")
    require(not arguments.custid or answer["custid"] == arguments.custid, "custid came back as %(custid)r" % answer)
    for place, (mobile, text) in enumerate(zip(mobiles, texts)):
        total = strict.segments(text)
        strict.show({
            "mobile": mobile, "custid": answer["custid"], "pktotal": total, "exno": arguments.exno,
            "exdata": arguments.exdata,
            "msgids": [str(int(answer["msgid"]) + place + number * STRIDE) for number in range(total)],
        })


def listed(arguments, operation, name, names, values, limit):
    answer = call(arguments, operation, (("result", int), (name, list)), values)
    require(answer["result"] == 0, "refused with result %(result)d" % answer)
    require(len(answer[name]) <= limit, "more than %d came" % limit)
    for entry in strict.entries(answer[name], name, names):
        strict.require_mobile(entry["mobile"])
        strict.require_time(entry["rtime"], "rtime")
        require(re.fullmatch(r"\d{1,20}", entry["spno"]), "spno is %(spno)r" % entry)
        require(entry["spno"].endswith(entry["exno"]), "spno %(spno)s does not end with exno %(exno)s" % entry)
    return answer[name]


def check_report(entry):
    strict.require_time(entry["stime"], "stime")
    require(1 <= entry["pknum"] <= entry["pktotal"], "segment %(pknum)d of %(pktotal)d" % entry)
    require((entry["status"] == 0) == (entry["errcode"] == "DELIVRD"), "status %(status)d with %(errcode)s" % entry)
    require(entry["errcode"], "errcode is empty")


def match_reports(found, lines):
    """The rules 3.3: by msgid, and by custid, number and segment."""
    expected = {identity: (line, place + 1) for line in lines for place, identity in enumerate(line["msgids"])}
    strict.match(found, list(expected), lambda entry: entry["msgid"])
    for entry in found:
        line, number = expected[entry["msgid"]]
        require(entry["pknum"] == number, "pknum is %(pknum)d for msgid %(msgid)s" % entry)
        for name in ("mobile", "custid", "pktotal", "exno", "exdata"):
            require(entry[name] == line[name], "%s was %r, reported %r" % (name, line[name], entry[name]))


def reports(arguments):
    def fetch():
        # As a number in JSON; in the other formats it is text anyway.
        found = listed(arguments, "get_rpt", "rpts", REPORT, {"retsize": arguments.count}, min(arguments.count, 500))
        for entry in found:
            check_report(entry)
        return found

    found = strict.collect(fetch, arguments.expect, arguments.within)
    if arguments.sent:
        match_reports(found, strict.read_lines(arguments.sent))


def decoded(content):
    """The text of a reply, whose content is percent-encoded UTF-8."""
    is_encoded = content.isascii() and not re.search(r"%(?![0-9A-Fa-f]{2})", content)
    require(is_encoded, "content is not encoded: %r" % content)
    try:
        return urllib.parse.unquote_plus(content, "utf-8", "strict")
    except UnicodeDecodeError:
        raise strict.Difference("content is not UTF-8: %r" % content)


def replies(arguments):
    def fetch():
        found = listed(arguments, "get_mo", "mos", REPLY, {"retsize": str(arguments.count)}, min(arguments.count, 200))
        return [dict(entry, content=decoded(entry["content"])) for entry in found]

    strict.collect(fetch, arguments.expect, arguments.within)


def balance(arguments):
    answer = call(arguments, "get_balance", BALANCE, {})
    require(answer["result"] == 0, "refused with result %(result)d" % answer)
    require(re.fullmatch(r"-?\d+\.\d{6}", answer["money"]), "money is %(money)r" % answer)
    require(answer["chargetype"] in (0, 1), "chargetype is %(chargetype)d" % answer)
    if answer["chargetype"] == 0:
        require(answer["money"] == "0.000000", "counted in messages, but money is %(money)s" % answer)
    else:
        require(answer["balance"] == 0, "counted in money, but balance is %(balance)d" % answer)
    strict.show(answer)


def refusals(arguments):
    good = {"mobile": "13800138000", "content": encoded(arguments, "测试")}
    many = ",".join("138%08d" % place for place in range(1001))
    cases = [
        (-100001, "single_send", dict(good, pwd="0" * 32)), (-100004, "single_send", dict(good, custid="a b")),
        (-100011, "single_send", dict(good, content=encoded(arguments, "长" * 1001))),
        (-100014, "batch_send", dict(good, mobile=many)), (-100106, "single_send", dict(good, content="")),
        (-100252, "single_send", dict(good, svrtype="x" * 11)), (-100252, "single_send", dict(good, svrtype="a-b")),
        (-100253, "single_send", dict(good, custid="c" * 65)), (-100014, "multi_send", {"multimt": [good] * 101}),
    ]
    for code, operation, values in cases:
        answer = submit(arguments, operation, values)
        require(answer["result"] == code, "%d was expected for %.80r, %r came" % (code, values, answer))
        strict.show({"operation": operation, "result": code})
    broken = {"json": (b'{"userid":', -100093), "xml": (b"<?xml version=1.0?><mtreq><userid>", -100091)}
    if arguments.format in broken:
        body, code = broken[arguments.format]
        answer = call(arguments, "single_send", SEND_ANSWER, {}, body)
        require(answer["result"] == code, "%d was expected for a broken body, %r came" % (code, answer))
    if arguments.format == "json":
        answer = call(arguments, "single_send", SEND_ANSWER, good, content_type="image/png")
        require(answer["result"] == -100100, "-100100 was expected for a picture, %r came" % answer)
    # A list's refusal has an empty text where the list would be, and the balance is nothing.
    empty = [] if arguments.format == "xml" else ""
    for operation, name in (("get_mo", "mos"), ("get_rpt", "rpts")):
        names = (("result", int), (name, (str, list)))
        answer = call(arguments, operation, names, {"pwd": "0" * 32})
        require(answer == {"result": -100001, name: empty}, "a refused %s: %r" % (operation, answer))
    answer = call(arguments, "get_balance", BALANCE, {"pwd": "0" * 32})
    wanted = {"result": -100001, "chargetype": 0, "balance": 0, "money": "0.000000"}
    require(answer == wanted, "a refused get_balance: %r" % answer)


def selftest(arguments):
    require(digest("J10003", "111111", "0803192020") == "26dad7f364507df18f3841cc9c4ff94d", "rule 3.1")
    require(digest("j10003", "111111", "0803192020") == "26dad7f364507df18f3841cc9c4ff94d", "rule 3.1, lower case")
    strict.show({"selftest": "passed"})


if __name__ == "__main__":
    strict.Program(__doc__, OPTIONS, {
        "send": send, "reports": reports, "replies": replies, "balance": balance, "refusals": refusals,
        "selftest": selftest,
    }, SEND_OPTIONS).run()
