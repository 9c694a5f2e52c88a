"""The memory that messages take which are not finished, and how long a restart takes with them."""

import time

import appliance
from processes import Scene, resident_bytes, wait_until


def measure(binary, messages, submits):
    """Resident memory with so many messages accepted, at most and settled: at a carrier that has not reported any yet,
    or waiting for a channel. Then the time of a restart."""
    carrier = ("--report-delay", "24h") if submits else ()
    with Scene() as scene:
        running = appliance.Appliance(scene, binary, carrier=carrier)
        if not submits:
            running.admin("channel", "disable", "sim")
        load = running.bench(
            "--mode", "batch", "--messages", str(messages), "--concurrency", "16", "--drain-timeout", "0s")
        peak = load["rss_peak_bytes"]

        def is_settled():
            nonlocal peak
            peak = max(peak, resident_bytes(running.pid))
            counts = running.since_start()
            return counts["submitted_messages" if submits else "accepted_messages"] >= messages

        wait_until(f"{messages} messages", is_settled, 300, pause=0.2)
        time.sleep(2)
        counts = running.since_start()
        found = {
            "messages": counts["accepted_messages"] - counts["final_messages"],
            "rss_bytes": resident_bytes(running.pid), "rss_peak_bytes": max(peak, resident_bytes(running.pid)),
        }
        found["restart_seconds"] = running.restart()
        return found
