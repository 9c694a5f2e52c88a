"""A fresh appliance with a simulated carrier beside it, and `yizhan bench` against it."""

import json
import re
import subprocess
import time

from processes import Failure, Scene, wait_until

# Enough for everything that a benchmark sends; in yuan.
BALANCE = "1000000000"


class Appliance:
    """One running appliance in a scene, with account J10003 and a channel."""

    def __init__(self, scene, binary, concurrency):
        self.scene = scene
        self.binary = binary
        scene.start("carrier", binary, "simulate", "--listen", "127.0.0.1:0")
        scene.start(
            "appliance", binary, "serve", "--state", scene.path("state"), "--listen", "front=127.0.0.1:0",
            "--listen", "callback=127.0.0.1:0", "--admin-socket", scene.path("admin.sock"),
        )
        carrier = self._ports("carrier")[0]
        self.front = self._ports("appliance")[0]
        self.admin("account", "add", "J10003", "--api-password", "111111", "--price", "0.029", "--balance", BALANCE)
        self.admin("account", "set", "J10003", "--connections", str(max(100, concurrency + 10)))
        self.admin(
            "channel", "add", "sim", "--dialect", "operator-v2", "--url", f"http://127.0.0.1:{carrier}",
            "--user", "SIM001", "--password", "sim-secret", "--number", "10690012122",
        )

    def _ports(self, name):
        """The ports of the listeners, in the order printed."""
        def ready():
            self.scene.check()
            lines = self.scene.output(name).splitlines()
            return lines[: lines.index("ready")] if "ready" in lines else None

        return [int(found[1]) for line in wait_until(name, ready, 30) if (found := re.search(r":(\d+)$", line))]

    def admin(self, *arguments):
        """A command; its output."""
        run = subprocess.run(
            [self.binary, *arguments, "--admin-socket", self.scene.path("admin.sock")],
            capture_output=True, text=True, check=False,
        )
        if run.returncode != 0:
            raise Failure(f"yizhan {' '.join(arguments)}: {run.returncode} {run.stdout}{run.stderr}")
        return run.stdout

    def status(self):
        return json.loads(self.admin("status", "--json"))

    def bench(self, *arguments):
        output = self.admin("bench", "--url", f"http://127.0.0.1:{self.front}", "--json", *arguments)
        self.scene.check()
        return json.loads(output)


def measure(binary, seconds, concurrency, *arguments):
    with Scene() as scene:
        appliance = Appliance(scene, binary, concurrency)
        result = appliance.bench("--duration", f"{seconds}s", "--concurrency", str(concurrency), *arguments)
        appliance.admin("ledger", "verify")
        return result


def measure_memory(binary, messages, seconds=300):
    """Resident memory with so many messages at the carrier and no report of any: at most, and settled."""
    with Scene() as scene:
        appliance = Appliance(scene, binary, 16)
        result = appliance.bench(
            "--mode", "batch", "--messages", str(messages), "--number-ending", "0002", "--concurrency", "16",
            "--drain-timeout", "0s",
        )
        peak = result["rss_peak_bytes"]

        def submitted():
            nonlocal peak
            status = appliance.status()
            peak = max(peak, status["rss_bytes"])
            time.sleep(0.2)
            return status["since_start"]["submitted_messages"] >= messages

        wait_until(f"{messages} messages submitted", submitted, seconds)
        time.sleep(2)
        status = appliance.status()
        waiting = status["since_start"]["accepted_messages"] - status["since_start"]["final_messages"]
        return {"waiting": waiting, "rss_bytes": status["rss_bytes"], "rss_peak_bytes": peak}
