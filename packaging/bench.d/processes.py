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


def wait_until(what, condition, seconds):
    """Asks until `condition()` is true and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(0.02)


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
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name, *command):
        """Starts a program; what it prints goes to the file NAME.out."""
        with open(self.path(name + ".out"), "w", encoding="utf-8") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder
            )
        self.processes.append((name, process))
        return process

    def output(self, name):
        with open(self.path(name + ".out"), encoding="utf-8", errors="replace") as output:
            return output.read()

    def check(self):
        """Fails when one of the programs has ended."""
        for name, process in self.processes:
            if process.poll() is not None:
                raise Failure(f"{name} ended with {process.returncode}:\n{self.output(name)[-2000:]}")
        return True
