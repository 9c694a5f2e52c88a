#!/usr/bin/python3
"""A customer of dialect 003, written from its seed and WIRE.md alone.

    guodu.py --base URL --account OPERID --password OPERPASS send --content TEXT… MOBILE… | refusals

One text to one number, one text to several, or as many texts (--content repeated) as numbers: a text for each. There is
no poll: reports and replies come to push_receiver.py.
"""

import urllib.parse

import strict
from strict import fields, require

OPTIONS = (("account", "J10003"), ("password", "111111"))
SEND_OPTIONS = (("append-id", ""), ("send-time", ""), ("encoding", "utf-8"))


def encoded(text, encoding):
    """`utf-8` as the document wants it; what clients do instead: `gbk`, `raw`, `twice`."""
    if encoding == "raw":
        return text
    if encoding == "twice":
        return urllib.parse.quote_plus(urllib.parse.quote_plus(text))
    return urllib.parse.quote_plus(text.encode(encoding))


def call(arguments, **values):
    body = {
        "OperID": arguments.account, "OperPass": arguments.password, "SendTime": "", "AppendID": "", "DesMobile": "",
        "Content": "",
    }
    answer = strict.Server(arguments.base).post_json("/HttpQuickProcess/submitJson", dict(body, **values)).json()
    require(isinstance(answer, dict) and isinstance(answer.get("ResultCode"), str), "no ResultCode: %r" % answer)
    if answer["ResultCode"] in ("00", "01", "03"):
        fields(answer, "the answer", (("ResultCode", str), ("MsgId", str)))
        require(answer["MsgId"], "MsgId is empty")
    else:
        fields(answer, "the answer", (("ResultCode", str),))
    return answer


def send(arguments):
    parts = [encoded(text, arguments.encoding) for text in arguments.content]
    personal = len(parts) > 1
    require(not personal or len(parts) == len(arguments.mobiles), "as many texts as numbers, or one text")
    # A personalised Content is the encoded texts, with commas between them, encoded once more as a whole.
    content = urllib.parse.quote_plus(",".join(parts)) if personal else parts[0]
    answer = call(
        arguments, DesMobile=",".join(arguments.mobiles), Content=content, SendTime=arguments.send_time,
        AppendID=arguments.append_id)
    expected = "01" if personal else "03" if len(arguments.mobiles) == 1 else "00"
    require(answer["ResultCode"] == expected, "ResultCode %s was expected, %r came" % (expected, answer))
    for mobile in arguments.mobiles:
        strict.show({"mobile": mobile, "msgId": answer["MsgId"]})


def refusals(arguments):
    good = {"DesMobile": "13800138000", "Content": encoded("测试", "utf-8")}
    many = ",".join("138%08d" % place for place in range(501))
    for code, changed in (
        ("04", {"OperID": "NOBODY"}), ("05", {"OperPass": "wrong"}), ("06", {"DesMobile": many}),
        ("07", {"SendTime": "tomorrow"}), ("07", {"SendTime": "20261341000000"}), ("08", {"Content": ""}),
        ("09", {"DesMobile": ""}), ("10", {"AppendID": "12a"}), ("10", {"AppendID": "1" * 20}),
    ):
        answer = call(arguments, **dict(good, **changed))
        require(answer["ResultCode"] == code, "%s was expected for %.60r, %r came" % (code, changed, answer))
        strict.show(answer)


strict.Program(__doc__, OPTIONS, {"send": send, "refusals": refusals}, SEND_OPTIONS).run()
