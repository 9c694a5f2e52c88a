#!/usr/bin/python3
"""A customer of dialect 000 in OAuth 2 token mode, written from its seed and WIRE.md alone.

    enterprise_oauth2.py --base URL --client-id ID --client-secret SECRET --account ACCOUNT --password PASSWORD
                         [--style bearer] token | send --content TEXT MOBILE… | reports | replies | refusals

--style bare (the default: the token alone, the signature in lower case over the plain password) or bearer (`Bearer`
before the token, the signature in upper case over the password's MD5).
"""

import hashlib

import strict
from enterprise import SEND_OPTIONS, Enterprise
from strict import fields, require

OPTIONS = (
    ("client-id", "client"), ("client-secret", "secret"), ("account", "J10003"), ("password", "111111"),
    ("style", "bare"),
)


def md5(text):
    return hashlib.md5(text.encode("utf-8")).hexdigest()


def ask_token(arguments, **changed):
    """The answer to a request for a token."""
    body = {
        "grant_type": "client_credentials", "client_id": arguments.client_id,
        "client_secret": arguments.client_secret,
    }
    answer = strict.Server(arguments.base).post_json("/oauth2/token", dict(body, **changed)).json()
    require(isinstance(answer, dict), "the answer is no object")
    if answer.get("status") == "0":
        fields(answer, "the answer", (("status", str), ("access_token", str), ("expires_in", str)))
        require(answer["expires_in"].isdigit() and int(answer["expires_in"]) > 0, "expires_in is no number of seconds")
        require(len(answer["access_token"]) >= 32, "the token is short")
    else:
        fields(answer, "the answer", (("status", str), ("error", str)))
        require(answer["status"] == "1", "status is %(status)r" % answer)
    return answer


def token(arguments):
    answer = ask_token(arguments)
    require(answer["status"] == "0", "no token: %r" % answer)
    return answer["access_token"]


def customer(arguments, access_token=None, account=None, password=None, skew_ms=0):
    access_token = token(arguments) if access_token is None else access_token
    account = arguments.account if account is None else account
    password = arguments.password if password is None else password
    server = strict.Server(arguments.base)

    def call(function, body):
        stamp = str(strict.epoch_ms() + skew_ms)
        bearer = arguments.style == "bearer"
        signature = md5("%s|%s|%s" % (account, md5(password) if bearer else password, stamp))
        headers = {
            "Authorization": "Bearer " + access_token if bearer else access_token,
            "signature": signature.upper() if bearer else signature, "timeStamp": stamp, "account": account,
        }
        return server.post_json("/oauth2/sms/" + function, body, headers)

    return Enterprise(call, False)


def refusals(arguments):
    for error, changed in (
        ("invalid_client", {"client_secret": "wrong"}), ("invalid_client", {"client_id": "nobody"}),
        ("unsupported_grant_type", {"grant_type": "password"}), ("invalid_request", {"grant_type": ""}),
    ):
        answer = ask_token(arguments, **changed)
        require(answer.get("error") == error, "%s was expected, %r came" % (error, answer))
        strict.show(answer)
    good = token(arguments)
    customer(arguments, good).refusals()
    for code, changed in (
        ("10", {"access_token": "0" * 64}), ("10", {"access_token": ""}), ("2", {"password": "wrong"}),
        ("2", {"skew_ms": -600_000}), ("2", {"skew_ms": 600_000}),
    ):
        customer(arguments, **dict({"access_token": good}, **changed)).refused(code, ["13800138000"], "测试")
    customer(arguments, "0" * 64).list_refused("10")


strict.Program(__doc__, OPTIONS, {
    "token": lambda arguments: strict.show(ask_token(arguments)),
    "send": lambda arguments: customer(arguments).send(arguments),
    "reports": lambda arguments: customer(arguments).reports(arguments),
    "replies": lambda arguments: customer(arguments).replies(arguments),
    "refusals": refusals,
}, SEND_OPTIONS).run()
