"""A running appliance with a simulated carrier beside it, and `yizhan bench` against it."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import time

from processes import Failure, Scene, cpu_seconds, wait_until

ACCOUNT = "J10003"
PASSWORD = "111111"
# Enough for everything that a benchmark sends; in yuan.
BALANCE = "1000000000"
DATABASE = "yizhan.sqlite"


def run(binary, *arguments):
    """A command of the program; its output."""
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"yizhan {' '.join(arguments)}: {done.returncode} {done.stdout}{done.stderr}")
    return done.stdout


def listening_ports(scene, name):
    """The ports of a program's listeners, in the order printed, once it is ready."""
    def ready():
        lines = scene.output(name).splitlines()
        return lines[: lines.index("ready")] if "ready" in lines else scene.check() and None

    lines = wait_until(name, ready, 120, pause=0.002)
    return [int(found[1]) for line in lines if (found := re.search(r":(\d+)$", line))]


class Appliance:
    """One running appliance in a scene, with its accounts and a channel to a simulated carrier."""

    def __init__(self, scene, binary, state=None, accounts=(ACCOUNT,), connections=100, carrier=(), environment=None):
        """`state`: the folder of the database, by default a new one in the scene; `carrier`: further arguments of the
        simulator; `environment`: further variables of the appliance."""
        self.scene = scene
        self.binary = binary
        self.state = state or scene.path("state")
        self.environment = environment
        scene.start("carrier", binary, "simulate", "--listen", "127.0.0.1:0", *carrier)
        url = f"http://127.0.0.1:{listening_ports(scene, 'carrier')[0]}"
        is_new = not os.path.exists(os.path.join(self.state, DATABASE))
        self.serve()
        if is_new:
            for account in accounts:
                self.admin(
                    "account", "add", account, "--api-password", PASSWORD, "--allow-weak-password",
                    "--price", "0.029", "--balance", BALANCE)
            self.admin(
                "channel", "add", "sim", "--dialect", "operator-v2", "--url", url,
                "--user", "SIM001", "--password", "sim-secret", "--number", "10690012122")
        else:
            self.admin("channel", "set", "sim", "--url", url)
            self.admin("channel", "enable", "sim")
        for account in accounts:
            self.admin("account", "set", account, "--connections", str(connections))

    def serve(self):
        """Starts the program; sets how long it took to be ready."""
        started = time.monotonic()
        process = self.scene.start(
            "appliance", self.binary, "serve", "--state", self.state, "--listen", "front=127.0.0.1:0",
            "--listen", "callback=127.0.0.1:0", "--admin-socket", self.scene.path("admin.sock"),
            environment=self.environment)
        self.front = listening_ports(self.scene, "appliance")[0]
        self.ready_seconds = time.monotonic() - started
        self.pid = process.pid

    def restart(self):
        self.scene.end("appliance")
        self.serve()
        return self.ready_seconds

    def admin(self, *arguments):
        """A command to the running appliance; its output."""
        return run(self.binary, *arguments, "--admin-socket", self.scene.path("admin.sock"))

    def status(self):
        return json.loads(self.admin("status", "--json"))

    def since_start(self):
        return self.status()["since_start"]

    def bench(self, *arguments):
        """A load; what `yizhan bench --json` says of it, and the processor time that the appliance took for each
        message."""
        before = cpu_seconds(self.pid)
        output = self.admin("bench", "--url", f"http://127.0.0.1:{self.front}", "--json", *arguments)
        self.scene.check()
        result = json.loads(output)
        user, system = (after - start for after, start in zip(cpu_seconds(self.pid), before))
        messages = max(1, result["appliance_accepted_messages"])
        result["cpu_user_us"], result["cpu_system_us"] = user * 1e6 / messages, system * 1e6 / messages
        return result

    def end(self):
        """Ends the program; how many bytes its database takes when the write-ahead log is in the file."""
        self.scene.end("appliance")
        path = os.path.join(self.state, DATABASE)
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return os.path.getsize(path)

    def is_drained(self):
        """Whether every message that was accepted since the start is final."""
        counts = self.since_start()
        return counts["final_messages"] >= counts["accepted_messages"]

    def drain(self, seconds=300):
        wait_until("the last final report", self.is_drained, seconds, pause=0.2)


def time_arguments(seconds, concurrency):
    return ["--duration", f"{seconds}s", "--warmup", "1s", "--concurrency", str(concurrency)]


def single(appliance, seconds, concurrency):
    """Single messages end to end as fast as they go, then at half that rate."""
    full = appliance.bench(*time_arguments(seconds, concurrency))
    rate = max(1, full["end_to_end_per_second"] // 2)
    return full, appliance.bench(*time_arguments(seconds, concurrency), "--rate", str(rate))


def accept_only(appliance, seconds, concurrency):
    """Single messages to an appliance whose channel is off, so that they only wait."""
    appliance.admin("channel", "disable", "sim")
    return appliance.bench(*time_arguments(seconds, concurrency), "--drain-timeout", "0s")


def batches(appliance, messages):
    """Batches of 1000, counted: they are accepted so much faster than reported that a time would say nothing."""
    return appliance.bench("--mode", "batch", "--concurrency", "16", "--messages", str(messages))


def floor(binary, seconds, concurrency):
    """The same requests to a server that answers a constant: what HTTP alone takes here."""
    with Scene() as scene:
        process = scene.start("floor", binary, "bench", "floor", "--listen", "127.0.0.1:0")
        port = listening_ports(scene, "floor")[0]
        before = cpu_seconds(process.pid)
        result = json.loads(run(
            binary, "bench", "--answers-only", "--json", "--url", f"http://127.0.0.1:{port}",
            *time_arguments(seconds, concurrency)))
        scene.check()
        user, system = (after - start for after, start in zip(cpu_seconds(process.pid), before))
        requests = max(1, result["answered_requests"])
        result["cpu_user_us"], result["cpu_system_us"] = user * 1e6 / requests, system * 1e6 / requests
        return result
