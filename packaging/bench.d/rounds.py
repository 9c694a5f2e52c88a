"""Alternating rounds of everything that is compared with one another, and the table of their figures."""

import statistics

import appliance
import kannel
from processes import Scene

BATCH_MESSAGES_PER_SECOND = 100_000


def errors(result):
    return "" if not result["errors"] else f"  errors {result['errors']}"


def say(text):
    print(text, flush=True)


def tell(number, row, found):
    text = f"round {number}  {row}  {found['accepted_per_second']:,.0f} accepted/s"
    if "end_to_end_per_second" in found:
        text += f", {found['end_to_end_per_second']:,.0f}/s end to end"
    text += f", p99 {found['latency_p99_us'] / 1000:.1f} ms"
    if found.get("refused"):
        text += f", {found['refused']} refused"
    if found.get("unsent_requests"):
        text += f", {found['unsent_requests']} not sent"
    say(text + errors(found) if "errors" in found else text)


# As many as leave neither the bare server nor the appliance idle.
FLOOR_CONNECTIONS = 256


def run(chosen):
    rows = {row: [] for row in ("kannel", "kannel_in_memory", "floor", "accept_only", "single", "half", "batch")}
    connections = chosen.kannel_connections
    if not chosen.skip_kannel and not connections:
        connections = kannel.best_connections()
        say(f"Kannel is fastest here with {connections} connections")

    def note(number, row, found):
        rows[row].append(found)
        tell(number, row, found)

    for number in range(1, chosen.rounds + 1):
        if not chosen.skip_kannel:
            note(number, "kannel", kannel.measure(chosen.seconds, connections))
            note(number, "kannel_in_memory", kannel.measure(chosen.seconds, connections, kannel.MEMORY))
        if chosen.floor:
            note(number, "floor", appliance.floor(chosen.binary, chosen.seconds, FLOOR_CONNECTIONS))
            with Scene() as scene:
                running = appliance.Appliance(scene, chosen.binary, connections=FLOOR_CONNECTIONS + 10)
                note(number, "accept_only", appliance.accept_only(running, chosen.seconds, FLOOR_CONNECTIONS))
        with Scene() as scene:
            running = appliance.Appliance(scene, chosen.binary, connections=chosen.concurrency + 10)
            full, half = appliance.single(running, chosen.seconds, chosen.concurrency)
            note(number, "single", full)
            note(number, "half", half)
            running.admin("ledger", "verify")
        with Scene() as scene:
            running = appliance.Appliance(scene, chosen.binary)
            note(number, "batch", appliance.batches(running, BATCH_MESSAGES_PER_SECOND * chosen.seconds))
            running.admin("ledger", "verify")
    return rows


NAMES = {
    "kannel": "Kannel", "kannel_in_memory": "Kannel, spool in memory", "floor": "bare HTTP",
    "accept_only": "accept only", "single": "single", "half": "single at half rate", "batch": "batch of 1000",
}


def table(rows, names=None):
    """`names`: of the rows, by key; a row is a list of results, one a round."""
    lines = []

    def add(title, results, key, scale=1.0, form="{:,.0f}"):
        values = [result[key] * scale for result in results if key in result]
        if values:
            lines.append([title] + [form.format(value) for value in values + [statistics.median(values)]])

    for row, name in (names or NAMES).items():
        results = rows.get(row, [])
        add(f"{name}, accepted/s", results, "accepted_per_second")
        add(f"{name}, end to end/s", results, "end_to_end_per_second")
        for key, title in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9")):
            add(f"{name}, {title} ms", results, f"latency_{key}_us", 1e-3, "{:.2f}")
        add(f"{name}, MB at most", results, "rss_peak_bytes", 1 / (1 << 20))
        for result in results:
            if "cpu_user_us" in result:
                result["cpu_us"] = result["cpu_user_us"] + result["cpu_system_us"]
        add(f"{name}, CPU µs each", results, "cpu_us", 1, "{:.1f}")
    count = max(len(line) for line in lines) - 2
    lines.insert(0, [""] + [f"round {number}" for number in range(1, count + 1)] + ["median"])
    width = max(len(line[0]) for line in lines)
    return "\n".join(f"{line[0]:<{width}}" + "".join(f"{cell:>12}" for cell in line[1:]) for line in lines)


def median(rows, source, key):
    return statistics.median(result[key] for result in rows[source])


def verdicts(judge, rows):
    if rows["kannel"]:
        ratio = median(rows, "single", "end_to_end_per_second") / median(rows, "kannel", "end_to_end_per_second")
        judge("single messages end to end, yizhan / Kannel", f"{ratio:.1f}", ratio >= 5, "5")
        for source, key, name in (
            ("kannel", "accepted_per_second", "accepted, yizhan / Kannel"),
            ("kannel_in_memory", "end_to_end_per_second", "end to end, to a Kannel whose spool is in memory"),
            ("kannel_in_memory", "accepted_per_second", "accepted, to a Kannel whose spool is in memory"),
        ):
            say(f"  {name}: {median(rows, 'single', key) / median(rows, source, key):.1f}")
    slow = median(rows, "half", "latency_p99_us") / 1000
    judge("single messages at half rate, p99", f"{slow:.1f} ms", slow < 20, "under 20 ms")
    if rows["floor"]:
        share = median(rows, "accept_only", "accepted_per_second") / median(rows, "floor", "accepted_per_second")
        judge("accept only / bare HTTP", f"{share:.2f}", share >= 0.5, "0.5")
    accepted = median(rows, "batch", "accepted_per_second")
    judge("batches accepted/s", f"{accepted:,.0f}", accepted >= 150_000, "150,000")
    final = median(rows, "batch", "end_to_end_per_second")
    judge("batches end to end/s", f"{final:,.0f}", final >= 40_000, "40,000")
