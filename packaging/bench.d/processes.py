"""Processes of a benchmark: started in a folder of their own, ended without fail."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Failure(Exception):
    """The benchmark cannot go on; the text says why."""


def wait_until(what, condition, seconds, pause=0.02):
    """Asks until `condition()` is true and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(pause)


def free_ports(count):
    """Ports of the loopback that nobody has: for programs that cannot be told to choose one."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def cpu_seconds(pid):
    """What a process has used of the processors: in itself, and in the kernel on its behalf."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / ticks, int(fields[12]) / ticks


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="utf-8") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class Scene:
    """A folder and the processes that work in it; both are gone at the end of a `with`."""

    def __init__(self, parent=None):
        """`parent`: where the folder is made; by default where temporary files are."""
        self.parent = parent

    def __enter__(self):
        # What an earlier load has left for the disk to write is not this one's burden.
        os.sync()
        self.folder = tempfile.mkdtemp(prefix="yizhan-bench-", dir=self.parent)
        self.processes = []
        return self

    def __exit__(self, *_):
        for _, process in reversed(self.processes):
            self._end(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name, *command, environment=None):
        """Starts a program; what it prints goes to the file NAME.out."""
        with open(self.path(name + ".out"), "w", encoding="utf-8") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder,
                env={**os.environ, **(environment or {})},
            )
        self.processes.append((name, process))
        return process

    def end(self, name):
        """Ends one program and forgets it."""
        for each in [each for each in self.processes if each[0] == name]:
            self._end(each[1])
            self.processes.remove(each)

    def output(self, name):
        with open(self.path(name + ".out"), encoding="utf-8", errors="replace") as output:
            return output.read()

    def check(self):
        """Fails when one of the programs has ended."""
        for name, process in self.processes:
            if process.poll() is not None:
                raise Failure(f"{name} ended with {process.returncode}:\n{self.output(name)[-2000:]}")
        return True
