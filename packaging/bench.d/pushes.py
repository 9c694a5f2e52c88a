"""Reports pushed to 100 customers' addresses at once, in each dialect that pushes."""

import json

import appliance
from processes import Scene
from rounds import say

ENDPOINTS = 100
# Reports for each address. Of api-v1 each is a request of its own, tried once.
REPORTS = {"operator-v2": 5000, "guodu": 5000, "api-v1": 500}
TARGET = 20_000


def measure(binary):
    found = {}
    for dialect, reports in REPORTS.items():
        with Scene() as scene:
            found[dialect] = json.loads(appliance.run(
                binary, "bench", "pushes", scene.path("pushes"), "--accounts", str(ENDPOINTS),
                "--reports", str(reports), "--dialect", dialect, "--json"))
    return found


def verdicts(judge, found):
    for dialect in ("operator-v2", "guodu"):
        rate = found[dialect]["reports_per_second"]
        judge(f"pushes to {ENDPOINTS} addresses, {dialect}", f"{rate:,}/s", rate >= TARGET, f"{TARGET:,}/s")
    say(f"pushes to {ENDPOINTS} addresses, api-v1, a request for each: {found['api-v1']['reports_per_second']:,}/s")
