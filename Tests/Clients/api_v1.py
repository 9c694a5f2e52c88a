#!/usr/bin/python3
"""A customer of dialect 001, written from its seed and WIRE.md alone.

    api_v1.py --base URL --account ACCOUNT --password PASSWORD
              send --content TEXT MOBILE… | reports | replies | balance | refusals
"""

import hashlib
import time

import strict
from strict import fields, require

OPTIONS = (("account", "J10003"), ("password", "111111"))
SEND_OPTIONS = (("task-id", ""), ("ext-no", ""))
REPORT = (("sendId", str), ("status", str), ("times", str), ("mobile", str), ("extNo", str))
REPLY = (("mobile", str), ("content", str), ("times", str), ("extNo", int))
POLL_LIMIT = 2000


def call(arguments, function, **values):
    account, password = values.pop("account", arguments.account), values.pop("password", arguments.password)
    pairs = [("account", account), ("pwd", hashlib.md5(password.encode("utf-8")).hexdigest())]
    pairs += [(name, value) for name, value in values.items() if value]
    answer = strict.Server(arguments.base).post_form("/api/v1/" + function, pairs).json()
    require(isinstance(answer, dict) and isinstance(answer.get("code"), str), "code is no string: %r" % answer)
    optional = () if answer["code"] == "00" else ("data",)
    fields(answer, "the answer", (("code", str), ("data", (dict, list, str, type(None))), ("message", str)), optional)
    require(answer["message"], "message is empty")
    if answer["code"] == "00":
        require(answer["message"] == "成功", "message is %(message)r" % answer)
    else:
        require(not answer.get("data") or answer["data"] == {"taskId": ""}, "a refusal has data: %r" % answer)
    return answer


def accepted(arguments, function, **values):
    answer = call(arguments, function, **values)
    require(answer["code"] == "00", "refused with code %(code)s: %(message)s" % answer)
    return answer["data"]


def send(arguments):
    data = accepted(
        arguments, "send", taskId=arguments.task_id, mobiles=",".join(arguments.mobiles),
        content=arguments.content[0], extNo=arguments.ext_no)
    fields(data, "data", (("taskId", str),))
    require(data["taskId"], "taskId is empty")
    require(not arguments.task_id or data["taskId"] == arguments.task_id, "taskId came back as %(taskId)r" % data)
    for mobile in arguments.mobiles:
        strict.show({"mobile": mobile, "taskId": data["taskId"], "extNo": arguments.ext_no})


def reports(arguments):
    def fetch():
        found = strict.entries(accepted(arguments, "report"), "data", REPORT)
        require(len(found) <= POLL_LIMIT, "more than 2000 at a time")
        for entry in found:
            strict.require_mobile(entry["mobile"])
            strict.require_time(entry["times"], "times")
            # The poll spells success so, and clients compare literally.
            require(entry["status"] not in ("", "DELIVRD"), "status is %(status)r in a poll" % entry)
            require(not entry["extNo"] or entry["extNo"].isdigit(), "extNo is %(extNo)r" % entry)
        return found

    found = strict.collect(fetch, arguments.expect, arguments.within)
    if arguments.sent:
        sent = {(line["taskId"], line["mobile"]): line["extNo"] for line in strict.read_lines(arguments.sent)}
        strict.match(found, list(sent), lambda entry: (entry["sendId"], entry["mobile"]))
        for entry in found:
            require(entry["extNo"] == sent[entry["sendId"], entry["mobile"]], "another extNo: %r" % entry)


def replies(arguments):
    def fetch():
        found = strict.entries(accepted(arguments, "mo"), "data", REPLY)
        require(len(found) <= POLL_LIMIT, "more than 2000 at a time")
        for entry in found:
            strict.require_mobile(entry["mobile"])
            strict.require_time(entry["times"], "times")
        return found

    strict.collect(fetch, arguments.expect, arguments.within)


def balance(arguments):
    data = accepted(arguments, "queryBalance")
    fields(data, "data", (("balance", (int, float)), ("payment", int), ("paymentName", str)))
    require(data["payment"] in (0, 1), "payment is %(payment)r" % data)
    names = ("预付",) if data["payment"] == 0 else ("后付", "后附")
    require(data["paymentName"] in names, "paymentName is %(paymentName)r" % data)
    strict.show(data)


def refusals(arguments):
    good = {"mobiles": "13800138000", "content": "测试"}
    many = ",".join("138%08d" % place for place in range(3001))
    for code, changed in (
        ("01", {"mobiles": ""}), ("01", {"extNo": "-5"}), ("01", {"extNo": "a1"}), ("02", {"password": "wrong"}),
        ("02", {"account": "NOBODY"}), ("05", {"mobiles": many}), ("06", {"content": ""}),
        ("06", {"content": "长" * 1001}),
    ):
        answer = call(arguments, "send", **dict(good, **changed))
        require(answer["code"] == code, "code %s was expected for %.60r, %r came" % (code, changed, answer))
        strict.show(answer)
    for function in ("report", "mo", "queryBalance"):
        answer = call(arguments, function, account="NOBODY")
        require(answer["code"] == "02", "code 02 was expected of %s, %r came" % (function, answer))
    # The caller's key: what is repeated is refused, and nothing is sent for it.
    task = "again-%d" % time.time_ns()
    accepted(arguments, "send", taskId=task, **good)
    answer = call(arguments, "send", taskId=task, **good)
    require(answer["code"] == "07", "a repeated taskId: %r" % answer)
    strict.show({"mobile": good["mobiles"], "taskId": task, "extNo": ""})


strict.Program(__doc__, OPTIONS, {
    "send": send, "reports": reports, "replies": replies, "balance": balance, "refusals": refusals,
}, SEND_OPTIONS).run()
