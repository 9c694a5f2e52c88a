#!/usr/bin/python3
"""A client of the administration protocol, written from Sources/AdminProtocol/PROTOCOL.md and admin.proto alone.

    admin_client.py [--proto FILE] SOCKET_PATH COMMAND...

A COMMAND is `hello`, which prints the server's welcome, or the name of a call in `Request`, with its message as JSON
behind an equals sign where it needs one:

    admin_client.py /run/yizhan/admin.sock hello status_show account_list 'account_show={"id":"J10003"}'

Every command prints one line: {"<name of the result>": {...}} or {"error": {...}}; keys are the schema's and 64-bit
integers are strings, as Protocol Buffers' JSON has them. Lists are followed to their last page, one line a page.
Exit code: 0, or 1 when an answer was an error, 2 for wrong arguments, 3 without python3-protobuf or protoc, 4 when the
connection fails or what comes is not the protocol.
"""

import argparse
import importlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

FRAME_LIMIT = 1 << 20


def fail(code, sentence):
    print("admin_client: " + sentence, file=sys.stderr)
    sys.exit(code)


try:
    from google.protobuf import json_format
except ImportError:
    fail(3, "the Python package google.protobuf is missing: apt-get install python3-protobuf")


def load_schema(proto):
    """The generated module of `proto`, compiled into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["protoc", "-I", os.path.dirname(proto), "--python_out", folder, proto]
        try:
            subprocess.run(command, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            fail(3, "protoc cannot compile the schema (apt-get install protobuf-compiler): %s" % error)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(os.path.basename(proto).replace(".proto", "_pb2"))
        finally:
            sys.path.remove(folder)


class Connection:
    def __init__(self, path, schema, timeout=30):
        self.schema = schema
        self.last_id = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the server closed the connection")
            data += part
        return data

    def exchange(self, envelope):
        """Sends `envelope` and returns the envelope that answers it."""
        self.last_id += 1
        envelope.request_id = self.last_id
        body = envelope.SerializeToString()
        self.socket.sendall(struct.pack(">I", len(body)) + body)
        (length,) = struct.unpack(">I", self.receive_exactly(4))
        if length > FRAME_LIMIT:
            raise ValueError("a frame of %d bytes is too long" % length)
        answer = self.schema.Envelope.FromString(self.receive_exactly(length))
        if answer.request_id != self.last_id and answer.WhichOneof("body") != "error":
            raise ValueError("the answer belongs to another request")
        return answer

    def hello(self):
        envelope = self.schema.Envelope()
        envelope.hello.protocol_min = 2
        envelope.hello.protocol_max = 2
        envelope.hello.software = "admin_client.py"
        return self.exchange(envelope)

    def call(self, name, values):
        envelope = self.schema.Envelope()
        call = getattr(envelope.request, name)
        call.SetInParent()
        json_format.ParseDict(values, call)
        return self.exchange(envelope)


def render(message):
    return json_format.MessageToDict(message, including_default_value_fields=True, preserving_proto_field_name=True)


def show(answer):
    """Prints an answer; its message, or None for an error."""
    kind = answer.WhichOneof("body")
    if kind == "response":
        result = answer.response.WhichOneof("result")
        if result is None:
            raise ValueError("a response without a result")
        message = getattr(answer.response, result)
        print(json.dumps({result: render(message)}, ensure_ascii=False))
        return message
    if kind in ("welcome", "error"):
        message = getattr(answer, kind)
        print(json.dumps({kind: render(message)}, ensure_ascii=False))
        return message if kind == "welcome" else None
    raise ValueError("an answer of kind %s" % kind)


def follow(connection, name, values):
    """Does a call, page after page; whether all went well."""
    while True:
        message = show(connection.call(name, values))
        if message is None:
            return False
        cursor = getattr(message, "next_cursor", "")
        if not cursor:
            return True
        values = dict(values, cursor=cursor)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="A client of yizhan's administration protocol.")
    parser.add_argument("--proto", default=os.path.join(here, "../../Sources/AdminProtocol/admin.proto"))
    parser.add_argument("socket")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    schema = load_schema(os.path.abspath(arguments.proto))

    commands = []
    for command in arguments.command:
        name, _, text = command.partition("=")
        if name != "hello" and name not in schema.Request.DESCRIPTOR.fields_by_name:
            fail(2, "there is no call %s" % name)
        try:
            commands.append((name, json.loads(text) if text else {}))
        except ValueError as error:
            fail(2, "%s: %s" % (name, error))

    well = True
    try:
        connection = Connection(arguments.socket, schema)
        welcome = connection.hello()
        if welcome.WhichOneof("body") != "welcome":
            show(welcome)
            sys.exit(1)
        for name, values in commands:
            well = (show(welcome) is not None if name == "hello" else follow(connection, name, values)) and well
    except json_format.ParseError as error:
        fail(2, str(error))
    except (OSError, ValueError) as error:
        fail(4, "%s: %s" % (arguments.socket, error))
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
