"""What the customers' programs beside it share: HTTP as it was ten years ago, JSON taken to the letter, and collecting.

Whatever is not as the interface's document has it raises `Difference`; `run` prints it and exits with 1.
"""

import argparse
import http.client
import json
import re
import ssl
import sys
import time
import urllib.parse

CHINA_SECONDS = 8 * 3600
MOBILE = re.compile(r"1\d{10}|00\d{5,20}")


class Difference(Exception):
    """The server's answer is not what the document says."""


def require(condition, sentence):
    if not condition:
        raise Difference(sentence)


# ---------------------------------------------------------------- time


def china_time(form, moment=None):
    return time.strftime(form, time.gmtime((time.time() if moment is None else moment) + CHINA_SECONDS))


def epoch_ms():
    return int(time.time() * 1000)


def require_time(text, what, near=True):
    """`yyyy-MM-dd HH:mm:ss`, in China's time, of these days if `near`."""
    require(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text), "%s is no time: %r" % (what, text))
    moment = time.mktime(time.strptime(text + " UTC", "%Y-%m-%d %H:%M:%S %Z")) - time.timezone - CHINA_SECONDS
    require(not near or abs(moment - time.time()) < 3600, "%s is not China's time of now: %r" % (what, text))


# ---------------------------------------------------------------- HTTP


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def text(self, media_types=("application/json",)):
        """The body of an answer that must be HTTP 200, of one of these types, in UTF-8 and not compressed."""
        require(self.status == 200, "HTTP %d: %r" % (self.status, self.body[:200]))
        kind, _, parameters = self.headers.get("Content-Type", "").partition(";")
        require(kind.strip().lower() in media_types, "Content-Type is %r" % self.headers.get("Content-Type"))
        charset = re.search(r"charset\s*=\s*\"?([^\";\s]+)", parameters, re.I)
        require(not charset or charset.group(1).lower() == "utf-8", "the charset is not UTF-8: %s" % parameters)
        require("Content-Encoding" not in self.headers, "compressed though nobody asked for it")
        require(self.headers.get("Content-Length") == str(len(self.body)), "Content-Length is missing or wrong")
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            raise Difference("the body is not UTF-8: %r" % self.body[:200])

    def json(self):
        return parse_json(self.text())


class Server:
    """A base URL, such as http://127.0.0.1:8080."""

    def __init__(self, base, timeout=30):
        parts = urllib.parse.urlsplit(base)
        self.scheme, self.host, self.path, self.timeout = parts.scheme, parts.netloc, parts.path.rstrip("/"), timeout

    def request(self, method, path, body=b"", headers=()):
        if self.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(self.host, timeout=self.timeout, context=context)
        else:
            connection = http.client.HTTPConnection(self.host, timeout=self.timeout)
        try:
            connection.request(method, self.path + path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def post(self, path, body, content_type, headers=()):
        return self.request("POST", path, body, dict(headers, **{"Content-Type": content_type}))

    def post_json(self, path, value, headers=(), content_type="application/json"):
        return self.post(path, json.dumps(value, ensure_ascii=False).encode("utf-8"), content_type, headers)

    def post_form(self, path, pairs):
        body = urllib.parse.urlencode(pairs).encode("ascii")
        return self.post(path, body, "application/x-www-form-urlencoded")


# ---------------------------------------------------------------- JSON


def _object(pairs):
    value = dict(pairs)
    require(len(value) == len(pairs), "a name stands twice in an object: %r" % [name for name, _ in pairs])
    return value


def _constant(name):
    raise Difference("%s is not JSON" % name)


def parse_json(text, compact=True):
    """A JSON text; without white space between its tokens if `compact`."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except ValueError as error:
        raise Difference("not JSON (%s): %r" % (error, text[:200]))
    if compact:
        outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
        require(not re.search(r"\s", outside), "white space between the tokens: %r" % text[:200])
    return value


def fields(value, what, names, optional=(), ordered=True):
    """An object with exactly these names, in this order if `ordered`, each of its type (or one of a tuple).

    `names`: (name, type) pairs; `optional`: names that may be missing. bool never passes for int.
    """
    require(isinstance(value, dict), "%s is no object: %r" % (what, value))
    known = [name for name, _ in names]
    for name in value:
        require(name in known, "%s has an unknown field %s" % (what, name))
    for name, kind in names:
        if name not in value:
            require(name in optional, "%s lacks %s: %r" % (what, name, value))
            continue
        kinds = kind if isinstance(kind, tuple) else (kind,)
        fits = isinstance(value[name], kinds) and (bool in kinds or not isinstance(value[name], bool))
        require(fits, "%s: %s has the wrong type: %r" % (what, name, value[name]))
    if ordered:
        present = [name for name in known if name in value]
        require(list(value) == present, "%s: its fields come as %s" % (what, ", ".join(value)))
    return value


def entries(value, what, names, **options):
    require(isinstance(value, list), "%s is no array: %r" % (what, value))
    return [fields(entry, "%s[%d]" % (what, place), names, **options) for place, entry in enumerate(value)]


def require_mobile(text):
    require(MOBILE.fullmatch(text), "not a whole telephone number: %r" % text)


def segments(text):
    """How many segments a text is sent in."""
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)


# ---------------------------------------------------------------- programs


def show(value):
    print(json.dumps(value, ensure_ascii=False), flush=True)


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def collect(fetch, expected, within):
    """Calls `fetch`, which returns a list, until `expected` entries are there; then once more, for none may follow.

    Prints and returns them. `expected` None: calls until nothing comes.
    """
    found, deadline = [], time.monotonic() + within
    while True:
        part = fetch()
        for entry in part:
            show(entry)
        found += part
        if expected is None and not part:
            return found
        if expected is not None and len(found) >= expected:
            extra = fetch() if part else []
            require(len(found) + len(extra) == expected, "%d entries were expected, but %d came: %r"
                    % (expected, len(found) + len(extra), extra[:3]))
            return found
        if expected is not None and not part:
            require(time.monotonic() < deadline, "only %d of %d entries came within %g s"
                    % (len(found), expected, within))
            time.sleep(0.1)


def match(found, awaited, key, what="report"):
    """Each key of `awaited` has exactly one of `found`, and none of `found` is strange."""
    keys = [key(entry) for entry in found]
    doubled = {one for one in keys if keys.count(one) > 1}
    require(not doubled, "more than one %s for %r" % (what, sorted(doubled)[:3]))
    require(not set(keys) - set(awaited), "a %s for nothing: %r" % (what, sorted(set(keys) - set(awaited))[:3]))
    require(not set(awaited) - set(keys), "no %s for %r" % (what, sorted(set(awaited) - set(keys))[:3]))


class Program:
    """A customer's program: its credentials as options, then a command.

    `commands`: name → function(arguments). `send` gets --content and numbers; reports and replies get --expect,
    --within and --sent, a file with the lines that `send` printed.
    """

    def __init__(self, description, options, commands, send_options=()):
        self.commands = commands
        self.parser = argparse.ArgumentParser(description=description)
        self.parser.add_argument("--base", default="http://127.0.0.1:8080", help="where the server listens")
        for name, default in options:
            self.parser.add_argument("--" + name, default=default)
        subparsers = self.parser.add_subparsers(dest="command", required=True)
        for name in commands:
            parser = subparsers.add_parser(name)
            if name == "send":
                parser.add_argument("--content", action="append", required=True)
                parser.add_argument("mobiles", nargs="+")
                for option, default in send_options:
                    parser.add_argument("--" + option, default=default)
            if name in ("reports", "replies"):
                parser.add_argument("--expect", type=int)
                parser.add_argument("--within", type=float, default=30)
                parser.add_argument("--sent")
                parser.add_argument("--count", type=int, default=200, help="how many to ask for at a time")
            if name == "confirm":
                parser.add_argument("max_id")

    def run(self):
        arguments = self.parser.parse_args()
        try:
            self.commands[arguments.command](arguments)
        except Difference as difference:
            print("%s %s: %s" % (self.parser.prog, arguments.command, difference), file=sys.stderr)
            sys.exit(1)
        except (OSError, http.client.HTTPException) as error:
            print("%s: %s: %s" % (self.parser.prog, arguments.base, error), file=sys.stderr)
            sys.exit(2)
