"""Runs the samples of the interfaces' page, exactly as they are shown, where this machine has the language: each has to
be answered that its message is accepted."""
import os
import pathlib
import shutil
import subprocess

# What an answer that accepts contains.
ACCEPTED = {
    "operator-v2": '"result":0,', "enterprise-oauth2": '"code":"0"', "enterprise-json": '"code":"0"',
    "api-v1": '"code":"00"', "guodu": '"ResultCode":"03"', "yixintong": '"code":0,',
}
# Language: file, commands in that folder.
RUN = {
    "curl": ("sample.sh", [["bash", "sample.sh"]]),
    "Python": ("sample.py", [["/usr/bin/python3", "sample.py"]]),
    "PHP": ("sample.php", [["php", "sample.php"]]),
    "Node": ("sample.mjs", [["node", "sample.mjs"]]),
    "Go": ("main.go", [["go", "run", "main.go"]]),
    "Java": ("Sample.java", [["java", "Sample.java"]]),
    "C#": ("sample.cs", [["mcs", "-r:System.Net.Http", "sample.cs"], ["mono", "sample.exe"]]),
    "Swift": ("main.swift", [["swiftc", "-swift-version", "6", "-o", "sample", "main.swift"], ["./sample"]]),
}
TIME_LIMIT = 240


def check(page, base, folder, secrets, findings):
    """`page` is logged in as the account's user; `secrets` are the variables that the samples read."""
    ran, missing = 0, set()
    for dialect, accepted in ACCEPTED.items():
        page.goto(f"{base}/portal/api/{dialect}")
        names = page.locator("#samples .tabset > label").all_inner_texts()
        texts = [code.text_content() for code in page.locator("#samples .panel code").all()]
        if not findings.expect(sorted(names) == sorted(RUN), f"api/{dialect}", "samples", f"languages {names}"):
            continue
        for name, text in zip(names, texts):
            file, commands = RUN[name]
            if any(not shutil.which(command[0]) for command in commands if not command[0].startswith("./")):
                missing.add(name)
                continue
            where = pathlib.Path(folder) / f"{dialect}-{name}"
            where.mkdir(parents=True, exist_ok=True)
            (where / file).write_text(text)
            answer = run(commands, where, secrets)
            findings.expect(accepted in answer, f"api/{dialect}", "samples", f"{name} is answered {answer[-300:]!r}")
            ran += 1
    print(f"samples: {ran} run" + (f", not here: {', '.join(sorted(missing))}" if missing else ""))


def run(commands, where, secrets):
    for command in commands:
        try:
            done = subprocess.run(
                command, cwd=where, env={**os.environ, **secrets}, capture_output=True, text=True, timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return f"nothing within {TIME_LIMIT} s"
        if done.returncode:
            return done.stderr or done.stdout or f"exit code {done.returncode}"
    return done.stdout
