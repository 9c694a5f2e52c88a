#!/usr/bin/python3
"""A customer's server for what is pushed to it in dialects 001, 002 and 003, written from the seeds and WIRE.md alone.

    push_receiver.py --dialect api-v1|operator-v2|guodu --to FILE [--listen ADDRESS:PORT]
                     [--fail-first N] [--slow SECONDS] [--account USERID --password PASSWORD]
                     [--seqid-as number|text|camel]

Prints `push ADDRESS:PORT` and `ready`. Every push is checked to the letter and appended to FILE as one JSON line:
{"at_ms", "path", "kind": "report"|"reply", "answered": HTTP status, "seqid", "entries"} or {"difference": sentence};
one that differs is refused. The first N pushes are refused with HTTP 500 (and written down with that status).
"""

import argparse
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

import operator_v2
import strict
from strict import fields, require

API_REPORT = (("sendId", str), ("mobile", str), ("times", str), ("status", str))
API_REPLY = (("mobile", str), ("content", str), ("times", str), ("extNo", (str, int)))
GUODU_REPORT = (("msg", str), ("mobile", str), ("msgId", str), ("reportTime", str), ("status", int))
GUODU_REPLY = (("mobile", str), ("content", str), ("moTime", str), ("spNumber", str))
PUSH_NAMES = ("userid", "pwd", "timestamp", "cmd", "seqid")


class Push:
    def __init__(self, kind, entries, seqid=None, command=None):
        self.kind, self.entries, self.seqid, self.command = kind, entries, seqid, command


def read_api_v1(arguments, content_type, body):
    require(content_type == "application/json", "Content-Type is %s" % content_type)
    entry = strict.parse_json(body.decode("utf-8"))
    require(isinstance(entry, dict), "one report or reply is an object")
    if "sendId" in entry:
        fields(entry, "the report", API_REPORT)
        # The push spells success so, and clients compare literally.
        require(entry["status"] not in ("", "DELIVER"), "status is %(status)r in a push" % entry)
        require(entry["sendId"], "sendId is empty")
    else:
        fields(entry, "the reply", API_REPLY)
    strict.require_mobile(entry["mobile"])
    strict.require_time(entry["times"], "times")
    return Push("report" if "sendId" in entry else "reply", [entry])


def read_guodu(arguments, content_type, body):
    require(content_type == "application/json", "Content-Type is %s" % content_type)
    value = strict.parse_json(body.decode("utf-8"))
    require(isinstance(value, list) and 1 <= len(value) <= 250, "1 to 250 entries make a packet")
    is_report = isinstance(value[0], dict) and "msgId" in value[0]
    for entry in strict.entries(value, "the packet", GUODU_REPORT if is_report else GUODU_REPLY):
        strict.require_mobile(entry["mobile"])
        strict.require_time(entry["reportTime" if is_report else "moTime"], "the time")
    return Push("report" if is_report else "reply", value)


def read_operator_v2(arguments, content_type, body):
    if content_type == "application/json":
        values = strict.parse_json(body.decode("utf-8"))
    else:
        require(content_type == "application/x-www-form-urlencoded", "Content-Type is %s" % content_type)
        pairs = urllib.parse.parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, encoding="utf-8", errors="strict")
        values = dict(pairs)
        require(len(values) == len(pairs), "a parameter stands twice")
    is_report = values.get("cmd") == "RPT_REQ"
    require(is_report or values.get("cmd") == "MO_REQ", "cmd is %r" % values.get("cmd"))
    name = "rpts" if is_report else "mos"
    require(list(values) == list(PUSH_NAMES) + [name], "the parameters are %s" % ", ".join(values))
    require(values["userid"] == arguments.account, "userid is %(userid)r" % values)
    expected = operator_v2.digest(arguments.account, arguments.password, values["timestamp"])
    require(values["pwd"] == expected, "pwd is not that of rule 3.1")
    require(re.fullmatch(r"[1-9]\d*", str(values["seqid"])), "seqid is %(seqid)r" % values)
    text = values[name]
    text = json.dumps(text, separators=(",", ":")) if isinstance(text, list) else text
    found = strict.parse_json(re.sub(r'"msgid":(\d{1,}).', r'"msgid":"\1",', text))
    require(isinstance(found, list) and 1 <= len(found) <= (500 if is_report else 100), "too few or many entries")
    for entry in strict.entries(found, name, operator_v2.REPORT if is_report else operator_v2.REPLY):
        strict.require_mobile(entry["mobile"])
        strict.require_time(entry["rtime"], "rtime")
        if is_report:
            operator_v2.check_report(entry)
        else:
            entry["content"] = operator_v2.decoded(entry["content"])
    return Push("report" if is_report else "reply", found, int(values["seqid"]), "RPT" if is_report else "MO")


READERS = {"api-v1": read_api_v1, "operator-v2": read_operator_v2, "guodu": read_guodu}


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def note(self, line):
        with self.server.lock:
            self.server.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.server.file.flush()

    def answer(self, status, body):
        data = body.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def accepted(self, push, result):
        """What the dialect's sender wants to hear; the document gives 001 and 003 no body."""
        if push.command is None:
            return "OK"
        seqid = str(push.seqid) if self.server.arguments.seqid_as == "text" else push.seqid
        name = "seqId" if self.server.arguments.seqid_as == "camel" else "seqid"
        return json.dumps({"cmd": push.command + "_RESP", name: seqid, "result": result})

    def do_POST(self):
        arguments, line = self.server.arguments, {"at_ms": strict.epoch_ms(), "path": self.path}
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.server.lock:
            self.server.pushes += 1
            refused = self.server.pushes <= arguments.fail_first
        time.sleep(arguments.slow)
        try:
            content_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            push = READERS[arguments.dialect](arguments, content_type, body)
        except (strict.Difference, ValueError) as difference:
            self.note(dict(line, difference=str(difference), body=body.decode("utf-8", "replace")[:2000]))
            self.answer(400, '{"difference":true}')
            return
        status = 500 if refused else 200
        self.note(dict(line, kind=push.kind, answered=status, seqid=push.seqid, entries=push.entries))
        self.answer(status, self.accepted(push, -100999 if refused else 0))


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", choices=sorted(READERS), required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--fail-first", type=int, default=0)
    parser.add_argument("--slow", type=float, default=0)
    parser.add_argument("--account", default="J10003")
    parser.add_argument("--password", default="111111")
    parser.add_argument("--seqid-as", choices=("number", "text", "camel"), default="number")
    arguments = parser.parse_args()
    host, _, port = arguments.listen.rpartition(":")
    server = Server((host, int(port)), Receiver)
    server.arguments, server.lock, server.pushes = arguments, threading.Lock(), 0
    with open(arguments.to, "a", encoding="utf-8") as server.file:
        print("push %s:%d\nready" % server.server_address[:2], flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
