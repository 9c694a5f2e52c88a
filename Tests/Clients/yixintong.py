#!/usr/bin/python3
"""A customer of dialect 004, written from its seed and WIRE.md alone.

    yixintong.py --base URL --sp-code CODE --app-key KEY --app-secret SECRET [--encoder java|javascript]
                 send --content TEXT MOBILE… | reports | replies | confirm MAXID | refusals | selftest
"""

import random
import time
import urllib.parse

import sm3
import strict
from strict import fields, require

OPTIONS = (("sp-code", "100001"), ("app-key", "J10003"), ("app-secret", "secret"), ("encoder", "java"))
SEND_OPTIONS = (("serial-number", ""), ("template-id", "0"), ("type", "1"))
REPORT = (("serialNumber", str), ("userNumber", str), ("result", int))
REPLY = (("callMdn", str), ("content", str), ("replyTime", str), ("userNumber", str))
TYPE = "application/json;charset=UTF-8"


def encoded(text, encoder):
    """As Java's URLEncoder writes it, or JavaScript's encodeURIComponent."""
    if encoder == "java":
        return urllib.parse.quote_plus(text, safe="*").replace("~", "%7E")
    return urllib.parse.quote(text, safe="!~*'()")


def signature(sp_code, app_key, app_secret, body, request_id, encoder):
    query = "&".join("%s=%s" % (name, body[name]) for name in sorted(body))
    return sm3.hexdigest((sp_code + app_key + app_secret + encoded(query, encoder) + request_id).encode("utf-8"))


def request_id(skew_ms=0):
    return "%d%06d" % (strict.epoch_ms() + skew_ms, random.randrange(1_000_000))


def serial_number():
    """20 digits: the time to the microsecond without its century, and two of chance."""
    now = time.time_ns() // 1000
    return strict.china_time("%y%m%d%H%M%S", now // 1_000_000) + "%06d%02d" % (now % 1_000_000, random.randrange(100))


def call(arguments, path, body, identity=None, app_secret=None, **changed_headers):
    identity = identity or request_id()
    signed = signature(
        arguments.sp_code, arguments.app_key, app_secret or arguments.app_secret, body, identity, arguments.encoder)
    headers = {
        "x-sp-code": arguments.sp_code, "x-app-key": arguments.app_key, "x-request-id": identity, "x-sign": signed,
    }
    headers.update({name.replace("_", "-"): value for name, value in changed_headers.items()})
    headers = {name: value for name, value in headers.items() if value}
    server = strict.Server(arguments.base)
    if body:
        answer = server.post_json(path, body, headers, TYPE).json()
    else:
        answer = server.post(path, b"", TYPE, headers).json()
    # The samples have these fields in different orders; no client depends on one.
    fields(answer, "the answer", (
        ("data", (dict, list, type(None))), ("code", int), ("msg", str), ("ok", bool), ("succ", bool),
    ), optional=("data", "succ"), ordered=False)
    # Older clients look at succ.
    require(answer["ok"] == answer.get("succ", answer["ok"]) == (answer["code"] == 0), "ok, succ, code: %r" % answer)
    require(answer["msg"], "msg is empty")
    return answer


def accepted(arguments, path, body):
    answer = call(arguments, path, body)
    require(answer["code"] == 0, "refused with code %(code)d: %(msg)s" % answer)
    return answer.get("data")


def message(arguments, mobiles, content, serial=None):
    return {
        "type": arguments.type, "userNumber": ",".join(mobiles), "templateId": arguments.template_id,
        "messageContent": content, "serialNumber": serial or serial_number(),
    }


def send(arguments):
    body = message(arguments, arguments.mobiles, arguments.content[0], arguments.serial_number)
    data = accepted(arguments, "/api/sms/send", body)
    fields(data, "data", (
        ("taskId", str), ("succ", bool), ("failList", (str, list)),
    ), optional=("succ", "failList"), ordered=False)
    require(data["taskId"], "taskId is empty")
    require(not data.get("failList"), "numbers were refused: %r" % data)
    for mobile in arguments.mobiles:
        strict.show({"serialNumber": body["serialNumber"], "userNumber": mobile, "taskId": data["taskId"]})


def reports(arguments):
    def fetch():
        found = strict.entries(accepted(arguments, "/info/sms/report", {}), "data", REPORT)
        for entry in found:
            strict.require_mobile(entry["userNumber"])
        return found

    found = strict.collect(fetch, arguments.expect, arguments.within)
    if arguments.sent:
        awaited = [(line["serialNumber"], line["userNumber"]) for line in strict.read_lines(arguments.sent)]
        strict.match(found, awaited, lambda entry: (entry["serialNumber"], entry["userNumber"]))


def query(arguments):
    """The replies that wait, and the maxId that confirms them."""
    data = accepted(arguments, "/info/sms/reply/query", {})
    fields(data, "data", (("apiSmsReplyBoList", list), ("maxId", str)))
    for entry in strict.entries(data["apiSmsReplyBoList"], "apiSmsReplyBoList", REPLY):
        strict.require_mobile(entry["userNumber"])
        strict.require_time(entry["replyTime"], "replyTime")
        require(entry["callMdn"].isdigit(), "callMdn is %(callMdn)r" % entry)
    require(not data["apiSmsReplyBoList"] or data["maxId"].isdigit(), "maxId is %(maxId)r" % data)
    return data["apiSmsReplyBoList"], data["maxId"]


def confirm(arguments, max_id):
    answer = call(arguments, "/info/sms/reply/confirm", {"maxId": max_id})
    require(answer["code"] == 0, "refused with code %(code)d: %(msg)s" % answer)
    require(not answer.get("data"), "the confirmation has data: %r" % answer)


def replies(arguments):
    def fetch():
        found, max_id = query(arguments)
        if found:
            again, same_id = query(arguments)
            require(again[:len(found)] == found, "a query consumed what was not confirmed")
            require(int(same_id) >= int(max_id), "maxId went back from %s to %s" % (max_id, same_id))
            confirm(arguments, max_id)
            require(found[0] not in query(arguments)[0], "what was confirmed came again")
        return found

    strict.collect(fetch, arguments.expect, arguments.within)


def refusals(arguments):
    arguments.type, arguments.template_id = "1", "0"
    good = message(arguments, ["13800138000"], "测试")
    path = "/api/sms/send"
    cases = (
        (35, good, {"app_secret": "wrong"}), (35, good, {"x_sign": "0" * 64}),
        (507, good, {"identity": request_id(-301_000)}),
        (2, good, {"x_app_key": "NOBODY"}), (3, good, {"x_sp_code": "999999"}), (505, good, {"x_sign": ""}),
        (505, good, {"x_app_key": ""}), (505, dict(good, userNumber=""), {}), (505, dict(good, messageContent=""), {}),
        (39, dict(good, type="2"), {}), (14, dict(good, serialNumber="12a"), {}),
        (14, dict(good, serialNumber="1" * 33), {}),
        (9, dict(good, userNumber=",".join("138%08d" % place for place in range(1001))), {}),
    )
    for code, body, changed in cases:
        answer = call(arguments, path, body, **changed)
        require(answer["code"] == code, "%d was expected for %r %.80r, %r came" % (code, changed, body, answer))
        strict.show(answer)
    # A replay is refused, and so is a serial number that was seen.
    identity = request_id()
    require(call(arguments, path, good, identity)["code"] == 0, "the first of two was refused")
    require(call(arguments, path, good, identity)["code"] == 35, "a replayed x-request-id was taken")
    require(call(arguments, path, good)["code"] == 15, "a repeated serialNumber was taken")
    strict.show({"serialNumber": good["serialNumber"], "userNumber": "13800138000"})


def selftest(arguments):
    require(sm3.hexdigest(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", "SM3 of abc")
    require(sm3.hexdigest(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
            "SM3 of 64 bytes")
    body = {"messageContent": "测试 a", "templateId": "0", "userNumber": "13800138000"}
    for encoder, expected in (
        ("java", "9220c6a25b1d74fd2a11254354d6bf0ae9b324f60e1d6c8e95d52ed180702496"),
        ("javascript", "7990fca5a2b08c9a279053b8ab7ddb626973338f7f6aae7fc832e639011d69a5"),
    ):
        made = signature("100001", "admin", "secret", body, "1700000000000123456", encoder)
        require(made == expected, "the x-sign of %s is %s" % (encoder, made))
    require(encoded("a ~*-._!'()", "java") == "a+%7E*-._%21%27%28%29", "Java's encoder")
    strict.show({"selftest": "passed"})


strict.Program(__doc__, OPTIONS, {
    "send": send, "reports": reports, "replies": replies, "refusals": refusals, "selftest": selftest,
    "confirm": lambda arguments: confirm(arguments, arguments.max_id),
}, SEND_OPTIONS).run()
