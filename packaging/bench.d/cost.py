"""What one message costs: processor time by stage, bytes on disk, calls for memory."""

import json
import os
import shutil
import struct
import subprocess
import sys

import appliance
from processes import Failure, Scene

HERE = os.path.dirname(os.path.abspath(__file__))


def stages(binary, messages):
    """Processor time by stage, in the program's own code without network; nanoseconds a message."""
    with Scene() as scene:
        return json.loads(appliance.run(
            binary, "bench", "stages", scene.path("stages"), "--messages", str(messages), "--json"))


def live(binary, seconds, concurrency):
    """Processor time of the whole appliance while single messages run through it, accepted only and end to end, and
    what their database takes on disk."""
    with Scene() as scene:
        running = appliance.Appliance(scene, binary, connections=concurrency + 10)
        accepted = appliance.accept_only(running, seconds, concurrency)
    with Scene() as scene:
        running = appliance.Appliance(scene, binary, connections=concurrency + 10)
        whole = running.bench(*appliance.time_arguments(seconds, concurrency))
        bytes_each = running.end() / max(1, whole["appliance_final_messages"])
    with Scene() as scene:
        running = appliance.Appliance(scene, binary)
        batch = appliance.batches(running, 200_000)
        batch_bytes_each = running.end() / max(1, batch["appliance_final_messages"])
    return {"accept_only": accepted, "whole": whole, "bytes": bytes_each, "batch_bytes": batch_bytes_each}


def allocations(binary, concurrency, messages=50_000):
    """Calls for memory: a request that is only accepted, and a message from request to final report."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Failure("no C compiler (cc, clang) is installed")
    with Scene() as scene:
        library, counter = scene.path("count.so"), scene.path("allocations")
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "count_allocations.c")],
            check=True)
        running = appliance.Appliance(
            scene, binary, connections=concurrency + 10,
            environment={"LD_PRELOAD": library, "YIZHAN_ALLOCATIONS": counter})

        def count():
            with open(counter, "rb") as file:
                return struct.unpack("=Q", file.read(8))[0]

        def measure(*arguments):
            before = count()
            found = running.bench("--messages", str(messages), "--concurrency", str(concurrency), *arguments)
            return (count() - before) / found["appliance_accepted_messages"]

        measure()
        whole = measure()
        running.admin("channel", "disable", "sim")
        accepted = measure("--drain-timeout", "0s")
        return {"request": accepted, "message": whole}


def measure(chosen):
    return {
        "stages": stages(chosen.binary, 100_000), "live": live(chosen.binary, chosen.seconds, chosen.concurrency),
        "allocations": allocations(chosen.binary, chosen.concurrency),
    }


def show(found):
    parts = found["stages"]["nanoseconds"]
    total = found["stages"]["sum_nanoseconds"] / 1000
    whole, accepted = found["live"]["whole"], found["live"]["accept_only"]
    lines = ["Processor time of a single message, µs"]

    def add(name, value, note=""):
        lines.append(f"  {name:<44}{value:>8.2f}  {note}".rstrip())

    for name, nanoseconds in parts.items():
        add(name, nanoseconds / 1000)
    add("sum of the stages", total, f"in groups of {found['stages']['group']}, without network")
    for name, result in (("live, accepted only", accepted), ("live, end to end", whole)):
        add(name, result["cpu_user_us"] + result["cpu_system_us"],
            f"user {result['cpu_user_us']:.2f}, kernel {result['cpu_system_us']:.2f}")
    sent = (parts[name] for name in parts if name != "collect")
    add("outside the stages, end to end", whole["cpu_user_us"] + whole["cpu_system_us"] - sum(sent) / 1000,
        "HTTP, kernel, scheduling; nothing is collected in that run")
    lines.append("Bytes on disk a message")
    add("single, reported", found["live"]["bytes"])
    add("batch of 1000, reported", found["live"]["batch_bytes"])
    lines.append("Calls for memory")
    add("a request that is only accepted", found["allocations"]["request"])
    add("a single message, end to end", found["allocations"]["message"])
    return "\n".join(lines)


def check(binary, limits):
    """Compares the calls for memory of the whole program with a file of limits; returns a sentence for each excess."""
    found = allocations(binary, 128)
    most = {}
    with open(limits, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words and words[1] != "-":
                most[words[0]] = float(words[1])
    for name, value in found.items():
        print(f"{name:<10}{value:>8.2f} allocations, at most {most[name]:g}")
    return [f"{name}: {value:.2f} allocations, the limit is {most[name]:g}"
            for name, value in found.items() if value > most[name]]


if __name__ == "__main__":
    excess = check(os.path.abspath(sys.argv[1]), sys.argv[2])
    print("\n".join(excess), file=sys.stderr, end="\n" if excess else "")
    sys.exit(1 if excess else 0)
