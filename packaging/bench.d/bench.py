"""Runs the rounds and prints the table; started by packaging/bench."""

import argparse
import json
import os
import signal
import statistics
import sys

import appliance
import kannel
from processes import Failure

RATIO_TARGET = 3
BATCH_ACCEPTED_TARGET = 100_000
BATCH_END_TO_END_TARGET = 30_000
MEMORY_TARGET = 500 << 20
WAITING = 1_000_000
BATCH_MESSAGES_PER_SECOND = 100_000


def options():
    parser = argparse.ArgumentParser(prog="packaging/bench", description="Measures yizhan, and Kannel beside it.")
    parser.add_argument("--binary", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds, of which the medians count")
    parser.add_argument("--seconds", type=int, default=10,
                        help="measured seconds of each load; 100,000 messages in batches for each of them")
    parser.add_argument("--concurrency", type=int, default=64, help="connections of the single messages")
    parser.add_argument("--kannel-connections", type=int, help="of wrk; by default the best of 16, 32 and 64")
    parser.add_argument("--skip-kannel", action="store_true", help="measure yizhan alone")
    parser.add_argument("--skip-memory", action="store_true", help="leave the waiting messages out")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    return parser.parse_args()


def say(text):
    print(text, flush=True)


def errors(result):
    return "" if not result["errors"] else f"  errors {result['errors']}"


def run_rounds(chosen):
    rows = {"kannel": [], "kannel_in_memory": [], "single": [], "batch": []}
    connections = chosen.kannel_connections
    if not chosen.skip_kannel and not connections:
        connections = kannel.best_connections()
        say(f"Kannel is fastest here with {connections} connections")
    for number in range(1, chosen.rounds + 1):
        if not chosen.skip_kannel:
            for row, parent in (("kannel", None), ("kannel_in_memory", kannel.MEMORY)):
                found = kannel.measure(chosen.seconds, connections, parent)
                rows[row].append(found)
                say(f"round {number}  {row}  {found['accepted_per_second']:,.0f} accepted/s, "
                    f"{found['end_to_end_per_second']:,.0f}/s end to end"
                    + (f", {found['refused']} refused" if found["refused"] else ""))
        # Batches are accepted so much faster than they are reported that they are counted, not timed.
        count = str(BATCH_MESSAGES_PER_SECOND * chosen.seconds)
        for mode, used, more in (("single", chosen.concurrency, []), ("batch", 16, ["--messages", count])):
            found = appliance.measure(chosen.binary, chosen.seconds, used, "--mode", mode, *more)
            rows[mode].append(found)
            say(f"round {number}  {mode}  {found['accepted_per_second']:,} accepted/s, "
                f"{found['end_to_end_per_second']:,}/s end to end"
                + ("" if found["drained"] else ", not all final") + errors(found))
    return rows


def table(rows):
    lines = []

    def add(title, source, key, scale=1.0, form="{:,.0f}"):
        values = [result[key] * scale for result in rows[source]]
        if values:
            lines.append([title] + [form.format(value) for value in values + [statistics.median(values)]])

    for row, name in (("kannel", "Kannel"), ("kannel_in_memory", "Kannel, spool in memory")):
        add(f"{name}, accepted/s", row, "accepted_per_second")
        add(f"{name}, end to end/s", row, "end_to_end_per_second")
        add(f"{name}, p50 ms", row, "latency_p50_us", 1e-3, "{:.1f}")
        add(f"{name}, p99 ms", row, "latency_p99_us", 1e-3, "{:.1f}")
    for mode, name in (("single", "single"), ("batch", "batch of 1000")):
        add(f"yizhan {name}, accepted/s", mode, "accepted_per_second")
        add(f"yizhan {name}, end to end/s", mode, "end_to_end_per_second")
        add(f"yizhan {name}, p50 ms", mode, "latency_p50_us", 1e-3, "{:.1f}")
        add(f"yizhan {name}, p99 ms", mode, "latency_p99_us", 1e-3, "{:.1f}")
        add(f"yizhan {name}, p99.9 ms", mode, "latency_p999_us", 1e-3, "{:.1f}")
        add(f"yizhan {name}, MB at most", mode, "rss_peak_bytes", 1 / (1 << 20))
    count = max(len(line) for line in lines) - 2
    lines.insert(0, [""] + [f"round {number}" for number in range(1, count + 1)] + ["median"])
    width = max(len(line[0]) for line in lines)
    return "\n".join(f"{line[0]:<{width}}" + "".join(f"{cell:>12}" for cell in line[1:]) for line in lines)


def median(rows, source, key):
    return statistics.median(result[key] for result in rows[source])


def verdicts(rows, memory):
    found = []

    def judge(what, value, reached, target):
        found.append(f"{what}: {value} (target {target}: {'reached' if reached else 'NOT reached'})")

    if rows["kannel"]:
        for key, name in (("end_to_end_per_second", "end to end"), ("accepted_per_second", "accepted")):
            ratio = median(rows, "single", key) / median(rows, "kannel", key)
            judge(f"single messages {name}, yizhan / Kannel", f"{ratio:.1f}", ratio >= RATIO_TARGET, f"{RATIO_TARGET}")
            ratio = median(rows, "single", key) / median(rows, "kannel_in_memory", key)
            found.append(f"  and to a Kannel whose spool is in memory: {ratio:.1f}")
    accepted = median(rows, "batch", "accepted_per_second")
    judge("batches accepted/s", f"{accepted:,.0f}", accepted >= BATCH_ACCEPTED_TARGET, f"{BATCH_ACCEPTED_TARGET:,}")
    final = median(rows, "batch", "end_to_end_per_second")
    judge("batches end to end/s", f"{final:,.0f}", final >= BATCH_END_TO_END_TARGET, f"{BATCH_END_TO_END_TARGET:,}")
    if memory:
        judge(f"memory with {memory['waiting']:,} waiting", f"{memory['rss_bytes'] >> 20} MB, "
              f"{memory['rss_peak_bytes'] >> 20} MB at most", memory["rss_peak_bytes"] < MEMORY_TARGET,
              f"under {MEMORY_TARGET >> 20} MB")
    return found


def main():
    # Ended by a signal, the processes are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = options()
    try:
        rows = run_rounds(chosen)
        memory = None if chosen.skip_memory else appliance.measure_memory(chosen.binary, WAITING)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    say(f"\n{os.cpu_count()} processors, {chosen.rounds} rounds of {chosen.seconds} s\n\n{table(rows)}\n")
    for verdict in verdicts(rows, memory):
        say(verdict)
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump({**rows, "memory": memory}, file, indent=2)


if __name__ == "__main__":
    main()
