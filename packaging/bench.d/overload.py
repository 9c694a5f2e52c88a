"""An appliance at three times its capacity: whether it answers, how much memory it takes, and how soon after the end
it is as before."""

import datetime
import hashlib
import http.client
import json
import threading
import time

import appliance
from processes import Scene, resident_bytes
from rounds import say

FACTOR = 3
# An account may have 100 connections: several of them, with as many connections as they may have.
ACCOUNTS = [f"J1000{digit}" for digit in range(10)]
CONNECTIONS = 100 * len(ACCOUNTS)
# Has no part in the load, and sends a message now and then.
BYSTANDER = "J10099"
PROBE_SECONDS_MAX = 180
CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Sampler(threading.Thread):
    """Resident memory of a process, each second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.samples = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(1):
            self.samples.append(resident_bytes(self.pid))

    def stop(self):
        self.ended.set()
        self.join()
        return self.samples


def send_one(port, account):
    """One single message; the result code and the message's id."""
    stamp = datetime.datetime.now(CHINA).strftime("%m%d%H%M%S")
    digest = hashlib.md5(f"{account}00000000{appliance.PASSWORD}{stamp}".encode()).hexdigest()
    body = json.dumps({
        "userid": account, "pwd": digest, "mobile": "13800138000", "content": "probe", "timestamp": stamp,
        "custid": "probe",
    })
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/sms/v2/std/single_send", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        return answer["result"], answer.get("msgid")
    except (OSError, http.client.HTTPException, ValueError):
        return None, None
    finally:
        connection.close()


def send_and_wait(running, account, begun, is_over=lambda: False):
    """Seconds from `begun` until a single message was accepted, and until it was delivered."""
    accepted, message = None, None
    while time.monotonic() - begun < PROBE_SECONDS_MAX and not is_over():
        if message is None:
            result, found = send_one(running.front, account)
            if result == 0:
                accepted, message = time.monotonic() - begun, found
        elif json.loads(running.admin("message", "show", str(message), "--json"))["state"] == "delivered":
            return accepted, time.monotonic() - begun
        time.sleep(0.1)
    return accepted, None


class Bystander(threading.Thread):
    """Another customer, who sends one message after the other while the load lasts."""

    def __init__(self, running):
        super().__init__(daemon=True)
        self.running = running
        self.deliveries = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(1):
            _, delivered = send_and_wait(self.running, BYSTANDER, time.monotonic(), self.ended.is_set)
            if delivered is not None:
                self.deliveries.append(delivered)

    def stop(self):
        self.ended.set()
        self.join()
        return sorted(self.deliveries)


def measure(binary, seconds, concurrency, capacity_seconds=6):
    with Scene() as scene:
        running = appliance.Appliance(scene, binary, accounts=ACCOUNTS + [BYSTANDER])
        calm = running.bench(*appliance.time_arguments(capacity_seconds, concurrency))
        capacity = calm["end_to_end_per_second"]
        accounts = [word for account in ACCOUNTS for word in ("--account", account)]
        sampler = Sampler(running.pid)
        calm_bytes = resident_bytes(running.pid)
        bystander = Bystander(running)
        sampler.start()
        bystander.start()
        load = running.bench(
            "--rate", str(FACTOR * capacity), "--duration", f"{seconds}s", "--warmup", "0s",
            "--concurrency", str(CONNECTIONS), "--pipeline", "4", "--drain-timeout", "0s", *accounts)
        ended = time.monotonic() - load["ended_ms_ago"] / 1000
        samples, deliveries = sampler.stop(), bystander.stop()
        accepted, delivered = send_and_wait(running, BYSTANDER, ended)
        _, own = send_and_wait(running, ACCOUNTS[0], ended)
        running.admin("ledger", "verify")
        return {
            "capacity_per_second": capacity, "load": load, "calm_rss_bytes": calm_bytes, "rss_bytes": samples,
            "probe_accepted_seconds": accepted, "probe_delivered_seconds": delivered,
            "own_delivered_seconds": own, "bystander_seconds": deliveries,
        }


def is_flat(samples):
    """Whether the second half of the time took no more memory than the first, give or take a tenth."""
    middle = max(1, len(samples) // 2)
    return not samples[middle:] or max(samples[middle:]) <= 1.1 * max(samples[:middle])


def show(found):
    load = found["load"]
    offered = load["answered_requests"] + load["unanswered_requests"] + load["unsent_requests"]
    refused = ", ".join(f"{code} × {count:,}" for code, count in load["errors"].items()) or "none"
    megabytes = [sample >> 20 for sample in found["rss_bytes"]]
    lines = [
        f"capacity {found['capacity_per_second']:,} messages/s end to end; offered {FACTOR} times that",
        f"offered {offered:,} requests: {load['accepted_messages']:,} accepted, not accepted: {refused}",
        f"sent and without an answer {load['unanswered_requests']:,}; never sent, since all connections that the "
        f"accounts may have were waiting for answers: {load['unsent_requests']:,}",
    ]
    for name, prefix in (("accepted", "latency"), ("refused", "refusal_latency")):
        lines.append(f"{name}: " + ", ".join(
            f"{part} {load[f'{prefix}_{key}_us'] / 1000:,.1f} ms"
            for part, key in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"), ("max", "max"))))
    lines.append(f"memory {found['calm_rss_bytes'] >> 20} MB before; each second: " + " ".join(map(str, megabytes)))
    return "\n".join(lines)


def verdicts(judge, found):
    load = found["load"]
    lost = load["unanswered_requests"] + load["errors"].get("connection closed", 0)
    judge("overload: requests without an answer", f"{lost:,}", lost == 0, "none")
    slow = load["refusal_latency_p99_us"]
    judge("overload: p99 of the refusals", f"{slow / 1000:,.0f} ms", slow < 1_000_000, "under 1 s")
    samples = found["rss_bytes"] or [0]
    judge("overload: memory", f"{min(samples) >> 20} to {max(samples) >> 20} MB", is_flat(samples), "flat")
    waits = found["bystander_seconds"] or [float("inf")]
    median, longest = waits[len(waits) // 2], waits[-1]
    judge("overload: messages of another customer meanwhile, delivered", f"median {median:.1f} s, longest {longest:.1f} s",
          longest < 5, "within 5 s")
    for name, after in (("accepted", found["probe_accepted_seconds"]), ("delivered", found["probe_delivered_seconds"])):
        words = "never" if after is None else f"within {after:.1f} s"
        judge(f"overload: a single message after the end, {name}", words, after is not None and after < 5, "within 5 s")
    # It waits its turn: what its own customer sent before it goes out first.
    own = found["own_delivered_seconds"]
    words = "never" if own is None else f"within {own:.1f} s"
    say(f"overload: one of a customer with a backlog, delivered behind that: {words}")
