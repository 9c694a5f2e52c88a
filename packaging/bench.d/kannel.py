"""Kannel: wrk -> smsbox -> bearerbox (spool store) -> fakesmsc, and the delivery reports back to bearerbox."""

import json
import os
import re
import shutil
import string
import subprocess
import time
import urllib.request

from processes import Failure, Scene, free_ports, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"


def tool(name):
    """Debian has them in sbin, which is not on everybody's path."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if not found:
        raise Failure(f"{name} is not installed (packaging/install-deps bench)")
    return found


class Kannel:
    """One running Kannel in a scene."""

    def __init__(self, scene):
        self.scene = scene
        self.admin, self.box, self.carrier, self.send = free_ports(4)
        os.mkdir(scene.path("spool"))
        with open(os.path.join(HERE, "kannel.conf"), encoding="utf-8") as template:
            text = string.Template(template.read()).substitute(
                admin_port=self.admin, box_port=self.box, carrier_port=self.carrier, send_port=self.send,
                folder=scene.folder,
            )
        with open(scene.path("kannel.conf"), "w", encoding="utf-8") as file:
            file.write(text)
        scene.start("bearerbox", tool("bearerbox"), "-v", "4", scene.path("kannel.conf"))
        wait_until("bearerbox", lambda: scene.check() and self.status(), 10)
        # -v 1: without a line per message. -m 0: it only receives.
        scene.start(
            "fakesmsc", FAKESMSC, "-v", "1", "-H", "127.0.0.1", "-r", str(self.carrier), "-m", "0", "1 2 text x"
        )
        scene.start("smsbox", tool("smsbox"), "-v", "4", scene.path("kannel.conf"))
        wait_until("smsbox and fakesmsc", lambda: scene.check() and self.is_ready(), 10)

    def status(self):
        try:
            url = f"http://127.0.0.1:{self.admin}/status.txt?password=bench"
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def is_ready(self):
        status = self.status()
        return "(online" in status and re.search(r"smsbox:.*IP 127", status)

    def counts(self):
        """Messages that the carrier took, and reports that came back."""
        status = self.status()
        sent = re.search(r"^SMS: received \d+ .*sent (\d+)", status, re.M)
        reports = re.search(r"^DLR: received (\d+)", status, re.M)
        return (int(sent[1]), int(reports[1])) if sent and reports else (0, 0)

    def load(self, seconds, connections):
        """Runs wrk and waits for the last report. Rates a second."""
        started = time.monotonic()
        run = subprocess.run(
            [tool("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(HERE, "sendsms.lua"),
             f"http://127.0.0.1:{self.send}"],
            capture_output=True, text=True, check=False,
        )
        found = re.search(r"^RESULT (.*)$", run.stdout, re.M)
        if not found:
            raise Failure(f"wrk: {run.stdout}{run.stderr}")
        result = json.loads(found[1])
        self.scene.check()
        accepted = result["requests"] - result["refused"]
        reports, ended, last = 0, time.monotonic(), time.monotonic()
        # A request that wrk cut off at its end may have been accepted: the count stands still when all is done.
        while time.monotonic() - last < 1:
            count = self.counts()[1]
            if count != reports:
                reports, ended, last = count, time.monotonic(), time.monotonic()
            time.sleep(0.02)
        return {
            "accepted_per_second": accepted / result["microseconds"] * 1e6,
            "end_to_end_per_second": reports / (ended - started),
            "latency_p50_us": result["p50_us"], "latency_p99_us": result["p99_us"],
            "refused": result["refused"] + result["broken"],
        }


# A file system without a disk.
MEMORY = "/dev/shm"


def measure(seconds, connections, parent=None):
    """`parent`: where the spool is; by default on the file system that the appliance's state is on too."""
    with Scene(parent) as scene:
        return Kannel(scene).load(seconds, connections)


def best_connections(seconds=3):
    """The number of connections with which this Kannel is fastest here."""
    return max((16, 32, 64), key=lambda count: measure(seconds, count)["end_to_end_per_second"])
