# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Regions in network namespaces: addresses, routes and drops are real. Needs root, ip and nft."""
import os
import re
import subprocess
import sys

from lab.process import Daemon
from lab.servers import Prometheus


def run(*words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()[:300]}")


def why_not():
    """Why namespaces cannot be made here; empty: they can."""
    name = f"syn{os.getpid()}probe"
    try:
        run("ip", "netns", "add", name)
        run("ip", "netns", "exec", name, "nft", "add", "table", "inet", "probe")
        return ""
    except OSError as error:
        return str(error)
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


class Namespace:
    """One region's network: a veth pair to the outside, and nftables inside."""

    def __init__(self, index):
        self.name = f"syn{os.getpid()}r{index}"
        outside, inside = f"sy{os.getpid() % 10000}o{index}", f"sy{os.getpid() % 10000}i{index}"
        net = os.getpid() % 100 + 100
        self.v4, self.v6 = f"10.{net}.{index}.2", f"fd13:{net}:{index}::2"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", self.name)
        run("ip", "addr", "add", f"10.{net}.{index}.1/24", "dev", outside)
        run("ip", "-6", "addr", "add", f"fd13:{net}:{index}::1/64", "dev", outside, "nodad")
        run("ip", "link", "set", outside, "up")
        for words in (["addr", "add", f"{self.v4}/24", "dev", inside],
                      ["-6", "addr", "add", f"{self.v6}/64", "dev", inside, "nodad"],
                      ["link", "set", inside, "up"], ["link", "set", "lo", "up"]):
            run("ip", "-n", self.name, *words)
        self.clear()

    def rules(self, text):
        run("ip", "netns", "exec", self.name, "nft", "-f", "-", text=(
            "table inet chaos\ndelete table inet chaos\ntable inet chaos {\n"
            "chain in { type filter hook input priority 0; %s }\n}\n" % text))

    def clear(self):
        self.rules("")

    def black_hole(self):
        self.rules("meta l4proto tcp drop;")

    def black_hole_v6(self):
        self.rules("ip6 nexthdr tcp drop;")

    def reset(self):
        self.rules("meta l4proto tcp reject with tcp reset;")

    def lose(self, percent):
        self.rules(f"meta l4proto tcp numgen random mod 100 < {percent} drop;")

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)


class RegionalPrometheus(Prometheus):
    """In a namespace, at a port of its choosing."""

    def __init__(self, name, directory, binary, namespace, port):
        super().__init__(name, directory, binary)
        self.namespace, self.port = namespace, port

    @property
    def url(self):
        return f"http://{self.namespace.v4}:{self.port}"

    def argv(self):
        words = ["--web.listen-address=[::]:%d" % self.port
                 if str(word).startswith("--web.listen-address") else word
                 for word in super().argv()]
        return ["ip", "netns", "exec", self.namespace.name, *words]


class Commanded(Daemon):
    """A script of ours that takes its modes on stdin."""

    LISTENING = re.compile(r"listening (\d+)")

    def __init__(self, name, directory, script, *words):
        super().__init__(name, directory)
        self.words = [sys.executable, script, *words]

    def argv(self):
        return self.words

    def stdin(self):
        read_end, self.pipe = os.pipe()
        return read_end

    def mode(self, text):
        os.write(self.pipe, (text + "\n").encode())
