# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A client that leaves: how long until what was asked for it upstream is given up."""
import socket
import statistics
import threading
import time

from chaos import wire
from lab.api import wait_until
from lab.servers import Synoptic

ROUNDS = 20


class Waiting:
    """An upstream that answers probes, and of everything else tells when its asker hung up."""

    def __init__(self):
        self.asked = threading.Semaphore(0)
        self.left = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            while data := connection.recv(65536):
                if b"vector%281%29" in data:
                    connection.sendall(wire.reply(wire.answer(wire.series({}, "1"))))
                    continue
                self.asked.release()
                while connection.recv(65536):
                    pass
                self.left.append(time.monotonic())
                return


def measure(lab):
    """Seconds from the client's leaving to the upstream's seeing it: median and most."""
    upstream = Waiting()
    config = {"regions": [{"name": "waits", "shards": [{
        "replicas": [{"url": upstream.url}], "read": "query"}]}]}
    synoptic = lab.add(Synoptic(lab.directory / "left", config, name="left")).start()
    took = []
    for nth in range(ROUNDS):
        client = socket.create_connection(("127.0.0.1", synoptic.port))
        client.sendall(b"GET /api/v1/query?query=sum(m)&partial=require HTTP/1.1\r\nHost: x\r\n\r\n")
        assert upstream.asked.acquire(timeout=5), "the upstream was not asked"
        begin = time.monotonic()
        client.close()
        wait_until(lambda nth=nth: len(upstream.left) > nth, 5, "the upstream is left", 0.002)
        took.append(upstream.left[nth] - begin)
    synoptic.stop()
    return statistics.median(took), max(took)
