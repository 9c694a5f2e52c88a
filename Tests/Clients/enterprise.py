"""What the two modes of dialect 000 share: bodies, answers and collecting. Written from seed 000 part 二 and WIRE.md."""

import strict
from strict import fields, require

MESSAGE = (("message", str), ("mobile", str), ("returnstatus", str), ("smsid", str))
REPORT = (
    ("mobile", str), ("taskid", str), ("status", str), ("receivetime", str), ("errorcode", str), ("extno", str),
    ("smsid", str),
)
REPLY = (("mobile", str), ("taskid", str), ("content", str), ("receivetime", str), ("extno", str))
SEND_OPTIONS = (("extno", ""), ("smsid", ""), ("send-time", ""))


class Enterprise:
    """`call(function, body)` posts JSON to /oauth2/sms/… or /json/sms/… with the mode's headers."""

    def __init__(self, call, has_remainpoint):
        self.call = call
        self.names = [("code", str), ("taskID", str), ("messages", list)]
        if has_remainpoint:
            self.names.append(("remainpoint", str))

    def submit(self, mobiles, content, **more):
        body = dict({"mobile": ",".join(mobiles), "content": content}, **more)
        answer = fields(self.call("send", body).json(), "the answer", self.names, optional=("remainpoint",))
        for message in strict.entries(answer["messages"], "messages", MESSAGE, optional=("smsid",)):
            good = answer["code"] == "0"
            require(message["returnstatus"] == ("Success" if good else "Faild"),
                    "returnstatus %r though code is %r" % (message["returnstatus"], answer["code"]))
            require(message["message"], "a message says nothing: %r" % message)
        return answer

    def send(self, arguments):
        more = {"sendTime": arguments.send_time, "extno": arguments.extno, "smsid": arguments.smsid}
        content = arguments.content[0]
        answer = self.submit(arguments.mobiles, content, **{name: value for name, value in more.items() if value})
        require(answer["code"] == "0", "refused with code %s: %r" % (answer["code"], answer["messages"]))
        require(answer["taskID"], "taskID is empty")
        require([message["mobile"] for message in answer["messages"]] == arguments.mobiles,
                "the answer names other numbers: %r" % answer["messages"])
        if len(self.names) == 4:
            require(answer.get("remainpoint", "").isdigit(), "remainpoint is no number: %r" % answer.get("remainpoint"))
        for message in answer["messages"]:
            require(message["message"] == "提交成功", "message is %r" % message["message"])
            if arguments.smsid:
                require(message.get("smsid") == arguments.smsid, "another smsid came back: %r" % message)
            strict.show({
                "mobile": message["mobile"], "taskid": answer["taskID"], "smsid": message.get("smsid", ""),
                "extno": arguments.extno, "remainpoint": answer.get("remainpoint"),
            })

    def listed(self, function, name, names, count):
        answer = self.call(function, {"statusNum": count}).json()
        fields(answer, "the answer", (("error", str), ("remark", str), (name, list)))
        require(answer["error"] == "0", "refused with error %s: %s" % (answer["error"], answer["remark"]))
        require(answer["remark"] == "成功", "remark is %r" % answer["remark"])
        require(len(answer[name]) <= int(count), "more than statusNum came")
        for entry in strict.entries(answer[name], name, names):
            strict.require_mobile(entry["mobile"])
            strict.require_time(entry["receivetime"], "receivetime")
        return answer[name]

    def reports(self, arguments):
        def fetch():
            # A string, as the document types it.
            found = self.listed("report", "returnsms", REPORT, str(arguments.count))
            for entry in found:
                require(entry["status"] in ("10", "20"), "status is %r" % entry["status"])
                require(entry["errorcode"], "errorcode is empty")
                require((entry["status"] == "10") == (entry["errorcode"] == "DELIVRD"),
                        "status %(status)s does not go with %(errorcode)s" % entry)
            return found

        found = strict.collect(fetch, arguments.expect, arguments.within)
        if arguments.sent:
            sent = {(line["taskid"], line["mobile"]): line for line in strict.read_lines(arguments.sent)}
            strict.match(found, list(sent), lambda entry: (entry["taskid"], entry["mobile"]))
            for entry in found:
                line = sent[entry["taskid"], entry["mobile"]]
                require(entry["smsid"] == line["smsid"], "smsid was %(smsid)r" % line + ", reported %(smsid)r" % entry)
                require(entry["extno"] == line["extno"], "extno was %(extno)r" % line + ", reported %(extno)r" % entry)

    def replies(self, arguments):
        def fetch():
            # A number, which other clients send.
            return self.listed("mo", "callbox", REPLY, arguments.count)

        strict.collect(fetch, arguments.expect, arguments.within)

    def refused(self, code, mobiles, content, **more):
        answer = self.submit(mobiles, content, **more)
        require(answer["code"] == code, "code %s was expected, %s came" % (code, answer["code"]))
        reasons = [message["message"] for message in answer["messages"]]
        strict.show({"code": code, "reason": reasons[0] if reasons else ""})

    def refusals(self):
        """What any account is refused, by the table of WIRE.md."""
        self.refused("4", [], "测试")
        self.refused("7", ["13800138000"], "")
        self.refused("7", ["13800138000"], "长" * 1001)
        self.refused("6", ["138%08d" % place for place in range(1001)], "测试")
        self.refused("4", ["13800138000"], "测试", sendTime="tomorrow")

    def list_refused(self, error):
        for function, name in (("report", "returnsms"), ("mo", "callbox")):
            answer = fields(self.call(function, {"statusNum": "1"}).json(), "the answer",
                            (("error", str), ("remark", str), (name, list)), optional=(name,))
            require(answer["error"] == error, "error %s was expected, %s came" % (error, answer["error"]))
            require(answer["remark"] and not answer.get(name), "a refusal must say why and give nothing: %r" % answer)
