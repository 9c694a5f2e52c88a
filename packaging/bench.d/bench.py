"""Runs what is chosen and prints what it found; started by packaging/bench."""

import argparse
import json
import os
import signal
import sys

import cost
import memory
import overload
import pushes
import rounds
import stored
from processes import Failure

MEMORY_TARGET = 300 << 20
IN_FLIGHT = 1_000_000
RESTART_SECONDS = 1
STORED = 20_000_000


def options():
    parser = argparse.ArgumentParser(
        prog="packaging/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures yizhan on this machine, and Kannel beside it. Only the loopback is used.",
        epilog="""Without one of the modes below it runs the rounds: single messages end to end and at half that rate,
batches of 1000, Kannel; then the memory of 1,000,000 messages in flight. A mode is run instead of
them; with --all they are run too. The medians of the rounds count.""")
    parser.add_argument("--binary", help=argparse.SUPPRESS)
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    common = parser.add_argument_group("rounds")
    common.add_argument("--rounds", type=int, default=3, help="alternating rounds (3)")
    common.add_argument("--seconds", type=int,
                        help="measured seconds of each load (6; of the overload 60); 100,000 messages in batches for "
                             "each of them")
    common.add_argument("--concurrency", type=int, default=128, help="connections of the single messages (128)")
    common.add_argument("--kannel-connections", type=int, help="of wrk; by default the best of 16, 32 and 64")
    common.add_argument("--skip-kannel", action="store_true", help="measure yizhan alone")
    common.add_argument("--skip-memory", action="store_true", help="leave the messages in flight out")
    common.add_argument("--floor", action="store_true",
                        help="in each round also a bare HTTP server that answers a constant, and an appliance that "
                             "only accepts")
    modes = parser.add_argument_group("modes")
    modes.add_argument("--overload", action="store_true", help="three times the capacity, and the time after it")
    modes.add_argument("--cost", action="store_true",
                       help="what a message costs: processor time by stage, bytes on disk, calls for memory")
    modes.add_argument("--pushes", action="store_true", help="reports pushed to 100 customers' addresses at once")
    modes.add_argument("--stored", type=int, metavar="N",
                       help="single messages on an empty store and on one with N finished messages, which it makes; "
                            "record queries, start-up")
    modes.add_argument("--store-dir", metavar="DIR", help="keep that store in DIR, and use it if it is there")
    modes.add_argument("--all", action="store_true", help="everything, with 20,000,000 stored messages")
    chosen = parser.parse_args()
    if chosen.all:
        chosen.floor = chosen.overload = chosen.cost = chosen.pushes = True
        chosen.stored = chosen.stored or STORED
    if chosen.stored is not None and chosen.stored < 1:
        parser.error("--stored takes a number above 0")
    if chosen.store_dir:
        chosen.store_dir = os.path.abspath(chosen.store_dir)
    chosen.runs_rounds = chosen.all or not (chosen.overload or chosen.cost or chosen.pushes or chosen.stored)
    chosen.overload_seconds = chosen.seconds or 60
    chosen.seconds = chosen.seconds or 6
    return chosen


def judge(what, value, reached, target):
    rounds.say(f"{what}: {value} (target {target}: {'reached' if reached else 'NOT reached'})")


def measure_rounds(chosen):
    found = {"rounds": rounds.run(chosen)}
    if not chosen.skip_memory:
        for key, submits in (("in_flight", True), ("waiting", False)):
            found[key] = memory.measure(chosen.binary, IN_FLIGHT, submits)
    rounds.say(f"\n{os.cpu_count()} processors, {chosen.rounds} rounds of {chosen.seconds} s\n\n"
               f"{rounds.table(found['rounds'])}\n")
    rounds.verdicts(judge, found["rounds"])
    for key, name in (("in_flight", "at the carrier, not reported"), ("waiting", "waiting for a channel")):
        if key in found:
            peak, seconds = found[key]["rss_peak_bytes"], found[key]["restart_seconds"]
            judge(f"memory with {found[key]['messages']:,} {name}",
                  f"{found[key]['rss_bytes'] >> 20} MB, {peak >> 20} MB at most", peak < MEMORY_TARGET,
                  f"under {MEMORY_TARGET >> 20} MB")
            judge("  restart to ready with them", f"{seconds:.2f} s", seconds < RESTART_SECONDS, "under 1 s")
    return found


def measure_overload(chosen):
    found = overload.measure(chosen.binary, chosen.overload_seconds, chosen.concurrency)
    rounds.say(f"\nOverload for {chosen.overload_seconds} s\n\n{overload.show(found)}\n")
    overload.verdicts(judge, found)
    return found


def measure_stored(chosen):
    found = stored.measure(chosen)
    rounds.say(f"\n{chosen.stored:,} stored messages, {chosen.rounds} rounds of {chosen.seconds} s\n\n"
               f"{stored.show(found)}\n")
    stored.verdicts(judge, found)
    return found


def measure_cost(chosen):
    found = cost.measure(chosen)
    rounds.say(f"\n{cost.show(found)}")
    return found


def measure_pushes(chosen):
    found = pushes.measure(chosen.binary)
    rounds.say("")
    pushes.verdicts(judge, found)
    return found


def main():
    # Ended by a signal, the processes are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = options()
    found = {}
    try:
        if chosen.runs_rounds:
            found.update(measure_rounds(chosen))
        modes = (("cost", measure_cost), ("stored", measure_stored), ("overload", measure_overload),
                 ("pushes", measure_pushes))
        for mode, measure in modes:
            if getattr(chosen, mode):
                found[mode] = measure(chosen)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=2)


if __name__ == "__main__":
    main()
