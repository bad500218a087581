# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Child processes that never outlive the test: own process group, killed at exit, on signals, and by
the kernel should this process be killed outright."""
import atexit
import ctypes
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

_running = []
_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class StartError(Exception):
    """A server did not come up; the text holds the end of its log."""


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def stop_all():
    # Ask all first, so that slow ones shut down side by side.
    for daemon in _running:
        daemon.ask_to_stop()
    for daemon in reversed(list(_running)):
        daemon.stop()


def _on_signal(number, _frame):
    # Not sys.exit from deep inside a request only: atexit runs stop_all.
    sys.exit(128 + number)


atexit.register(stop_all)


def install_signal_handlers():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _on_signal)


def free_port():
    """A port of 127.0.0.1 that was free a moment ago, for programs that cannot report port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """One child process with its log in a file.

    Start only from the main thread: the kernel's death signal follows the starting thread.
    """

    LISTENING = re.compile(r"a^")  # subclasses: a log line that gives away the port, as group 1
    STOP_SECONDS = 10

    def __init__(self, name, directory):
        self.name = name
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log_path = self.directory / f"{name}.log"
        self.process = None
        self.port = 0

    def argv(self):
        raise NotImplementedError

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def stdin(self):
        """What the child reads."""
        return subprocess.DEVNULL

    def launch(self):
        with open(self.log_path, "ab") as log:
            self._log_from = log.tell()
            self.process = subprocess.Popen(
                [str(word) for word in self.argv()], stdin=self.stdin(), stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_parent)
        _running.append(self)
        return self

    def log_since_launch(self):
        data = self.log_path.read_bytes()[self._log_from:]
        return data.decode("utf-8", "replace")

    def wait_port(self, timeout=30):
        """Learns the port from the log; restarts keep it."""
        deadline = time.monotonic() + timeout
        while not self.port:
            match = self.LISTENING.search(self.log_since_launch())
            if match:
                self.port = int(match.group(1))
                return self
            self.check_alive()
            if time.monotonic() > deadline:
                self.fail(f"did not say its port within {timeout} s")
            time.sleep(0.02)
        return self

    def check_alive(self):
        if self.process.poll() is not None:
            self.fail(f"exited with {self.process.returncode}")

    def fail(self, what):
        tail = "\n".join(self.log_since_launch().splitlines()[-15:])
        raise StartError(f"{self.name}: {what}\n{tail}")

    def signal_group(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def freeze(self):
        """SIGSTOP: connections are still accepted by the kernel and never answered. Returns when it
        has stopped: on a busy machine threads go on answering until one of them took the signal."""
        self.signal_group(signal.SIGSTOP)
        deadline = time.monotonic() + self.STOP_SECONDS
        while not self.has_stopped():
            self.check_alive()
            if time.monotonic() > deadline:
                self.fail(f"did not freeze within {self.STOP_SECONDS} s")
            time.sleep(0.001)

    def has_stopped(self):
        """Whether no thread of it runs, frozen."""
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            try:
                state = (task / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:  # a thread that ended meanwhile
                continue
            if state not in "TtZX":
                return False
        return True

    def thaw(self):
        self.signal_group(signal.SIGCONT)

    def ask_to_stop(self):
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self.signal_group(signal.SIGTERM)

    def stop(self):
        """Polite first, then not. Returns the exit code."""
        if self.process is None:
            return None
        self.ask_to_stop()
        try:
            self.process.wait(self.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.signal_group(signal.SIGKILL)
            self.process.wait()
        if self in _running:
            _running.remove(self)
        return self.process.returncode

    def cpu_seconds(self):
        """User and system time of the process so far."""
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def peak_rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024
