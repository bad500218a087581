# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Thousands of upstreams in one process: every address of 127.0.0.0/8 is one, and all give the same
small answer; asked for samples they tell of scrapes without a gap, so that all replicas are whole. For
the cost of a fan-out; started by federate.py.

usage: many_regions.py    prints `listening PORT`
"""
import asyncio
import re
import socket

BODY = (b'{"status":"success","data":{"resultType":"vector","result":'
        b'[{"metric":{},"value":[%s,"1"]}]}}')
SCRAPES = (b'{"status":"success","data":{"resultType":"matrix","result":'
           b'[{"metric":{"__name__":"up","job":"m"},"values":[%s]}]}}')
RANGE = re.compile(rb"%5B(\d+)ms%5D")
TIME = re.compile(rb"[?&\r\n]time=([0-9.]+)")
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def scrapes(end, range_ms):
    last = int(float(end)) // 15 * 15
    first = last - int(range_ms) // 1000
    return b",".join(b'[%d,"1"]' % at for at in range(first // 15 * 15 + 15, last + 1, 15))


class Upstream(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = LENGTH.search(self.buffer[:end])
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.buffer) < whole:
                return
            request, self.buffer = self.buffer[:whole], self.buffer[whole:]
            time = TIME.search(request)
            at = time.group(1) if time else b"1"
            samples = RANGE.search(request)
            body = SCRAPES % scrapes(at, samples.group(1)) if samples else BODY % at
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def main():
    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    server = await asyncio.get_running_loop().create_server(Upstream, sock=listener)
    print(f"listening {listener.getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
