"""The same figures on an empty store and on one with many finished messages, in alternating rounds; record queries
and start-up."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import appliance
import rounds
from processes import Failure, Scene

FIGURES = "filled.json"
# Of what an empty store does.
SHARE = 0.9
QUERY_SECONDS = 0.1
READY_SECONDS = 1
QUERIES = 5


def fill(binary, folder, messages):
    """Fills a folder, unless an earlier run has; what is known of it."""
    known = os.path.join(folder, FIGURES)
    if os.path.exists(known):
        with open(known, encoding="utf-8") as file:
            found = json.load(file)
        if found["messages"] == messages:
            rounds.say(f"{folder} holds {messages:,} messages already")
            return found
        raise Failure(f"{folder} holds {found['messages']:,} messages, not {messages:,}: choose another --store-dir")
    rounds.say(f"filling {folder} with {messages:,} messages")
    done = subprocess.run(
        [binary, "bench", "fill", folder, "--messages", str(messages), "--json"],
        stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"yizhan bench fill: {done.returncode}")
    found = json.loads(done.stdout)
    with open(known, "w", encoding="utf-8") as file:
        file.write(done.stdout)
    rounds.say(f"{found['messages_per_second']:,} messages/s, "
               f"{found['database_bytes'] / messages:.0f} bytes on disk for each")
    return found


def loads(running, chosen):
    """The loads of one round; at its end nothing waits."""
    full, half = appliance.single(running, chosen.seconds, chosen.concurrency)
    accepted = appliance.accept_only(running, chosen.seconds, chosen.concurrency)
    running.admin("channel", "enable", "sim")
    running.drain()
    return {"single": full, "half": half, "accept_only": accepted}


def measure(chosen):
    parent = chosen.store_dir or tempfile.mkdtemp(prefix="yizhan-store-")
    try:
        filled = fill(chosen.binary, parent, chosen.stored)
        found = {"filled": filled, "ready_seconds": [], "empty": {}, "stored": {}}
        # Once before, so that what the file system has to catch up with is done, and the queries find it as they
        # would after a night.
        found["queries"] = queries(chosen, parent, filled)
        for number in range(1, chosen.rounds + 1):
            for name, state in (("empty", None), ("stored", parent)):
                with Scene() as scene:
                    running = appliance.Appliance(
                        scene, chosen.binary, state=state, connections=chosen.concurrency + 10)
                    if state:
                        found["ready_seconds"].append(running.ready_seconds)
                    for row, result in loads(running, chosen).items():
                        found[name].setdefault(row, []).append(result)
                        rounds.tell(number, f"{name} {row}", result)
        return found
    finally:
        if not chosen.store_dir:
            shutil.rmtree(parent, ignore_errors=True)


def queries(chosen, state, filled):
    """Seconds of record queries, the start of the command included; None where this program has none."""
    with Scene() as scene:
        running = appliance.Appliance(scene, chosen.binary, state=state)
        message = json.loads(running.admin("message", "show", str(filled["messages"] // 2), "--json"))
        asked = {
            "a message": ("message", "show", str(message["msgid"])),
            "by number": ("message", "list", "--number", message["mobile"]),
            "by day": ("message", "list", "--day", filled["sample_day"], "--account", filled["accounts"][0]),
        }
        has_list = " list " in appliance.run(chosen.binary, "message", "--help")
        return {
            name: timed(running, *arguments, "--json") if has_list or arguments[1] != "list" else None
            for name, arguments in asked.items()
        }


def timed(running, *arguments):
    """The slowest of some tries."""
    slowest = 0
    for _ in range(QUERIES):
        started = time.monotonic()
        running.admin(*arguments)
        slowest = max(slowest, time.monotonic() - started)
    return slowest


def show(found):
    names = {"single": "single", "half": "single at half rate", "accept_only": "accept only"}
    merged, titles = {}, {}
    for key, name in names.items():
        for store in ("empty", "stored"):
            merged[f"{store} {key}"] = found[store][key]
            titles[f"{store} {key}"] = f"{name}, {store}"
    return rounds.table(merged, titles)


def verdicts(judge, found):
    filled = found["filled"]
    rounds.say(f"store of {filled['messages']:,} messages: {filled['database_bytes'] >> 20:,} MB, "
               f"{filled['database_bytes'] / filled['messages']:.0f} bytes each; filled with "
               f"{filled['messages_per_second']:,} messages/s")

    def compare(what, row, key, is_rate=True):
        empty, full = (statistics.median(result[key] for result in found[store][row]) for store in ("empty", "stored"))
        share = full / max(1, empty) if is_rate else empty / max(1, full)
        judge(f"{what}, stored against empty", f"{share:.2f}", share >= SHARE, f"{SHARE}")

    compare("single messages end to end", "single", "end_to_end_per_second")
    compare("accept only", "accept_only", "accepted_per_second")
    slow = statistics.median(result["latency_p99_us"] for result in found["stored"]["half"]) / 1000
    judge("p99 at half rate, stored", f"{slow:.1f} ms", slow < 20, "under 20 ms")
    compare("p99 at half rate (its inverse)", "half", "latency_p99_us", is_rate=False)
    for name, seconds in found["queries"].items():
        if seconds is None:
            rounds.say(f"record query {name}: this program has none")
        else:
            judge(f"record query {name}", f"{seconds * 1000:.0f} ms", seconds < QUERY_SECONDS, "under 100 ms")
    ready = max(found["ready_seconds"])
    judge("start to ready, stored", f"{ready:.2f} s", ready < READY_SECONDS, "under 1 s")
