#!/usr/bin/python3
"""A customer of dialect 000 in plain JSON mode, written from its seed and WIRE.md alone.

    enterprise_json.py --base URL --user-id ID --account ACCOUNT --password PASSWORD
                       send --content TEXT MOBILE… | reports | replies | refusals
"""

import hashlib

import strict
from enterprise import SEND_OPTIONS, Enterprise

OPTIONS = (("user-id", "1001"), ("account", "J10003"), ("password", "111111"))


def customer(arguments, user_id=None, account=None, password=None):
    def given(value, usual):
        return usual if value is None else value

    secret = given(password, arguments.password)
    headers = {
        "userid": given(user_id, arguments.user_id), "account": given(account, arguments.account),
        "password": hashlib.md5(secret.encode("utf-8")).hexdigest() if secret else "",
    }
    server = strict.Server(arguments.base)
    return Enterprise(lambda function, body: server.post_json("/json/sms/" + function, body, headers), True)


def refusals(arguments):
    customer(arguments).refusals()
    wrong = (
        ("2", {"password": "wrong"}), ("2", {"account": "NOBODY"}), ("1", {"account": ""}), ("1", {"password": ""}),
    )
    for code, changed in wrong:
        customer(arguments, **changed).refused(code, ["13800138000"], "测试")
    customer(arguments, account="NOBODY").list_refused("2")


strict.Program(__doc__, OPTIONS, {
    "send": lambda arguments: customer(arguments).send(arguments),
    "reports": lambda arguments: customer(arguments).reports(arguments),
    "replies": lambda arguments: customer(arguments).replies(arguments),
    "refusals": refusals,
}, SEND_OPTIONS).run()
