# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Regions whose Prometheus have recorded what reports ask for: every address of 127.0.0.0/8 is one of
them. `res3_used` has a series a pool, `all_used` one. For the cost of reports; started by reports.py.

usage: recorded_regions.py POOLS    prints `listening PORT`
"""
import asyncio
import functools
import json
import re
import socket
import sys
import urllib.parse

POOLS = int(sys.argv[1])
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
METRIC = re.compile(r"\b(res|all)\d+_(used|there)\b")


def value(metric, pool, at):
    if metric.endswith("_there"):
        return 1000
    day = at / 300 % 288
    return 500 + (pool * 37 + len(metric)) % 200 + abs(day - 144)


def series(metric):
    return [(f"p{n}" if metric.startswith("res") else None, n)
            for n in range(POOLS if metric.startswith("res") else 1)]


@functools.lru_cache(maxsize=512)
def answer(path, metric, stamps, start, end, step):
    result = []
    for pool, number in series(metric):
        labels = {"pool": pool} if pool else {}
        if path.endswith("query_range"):
            count = int((end - start) / step) + 1
            values = [[start + i * step, f"{value(metric, number, start + i * step):.6g}"]
                      for i in range(count)]
            result.append({"metric": labels, "values": values})
        else:
            of = end - 15 if stamps else value(metric, number, end)
            result.append({"metric": labels, "value": [end, f"{of:.6g}"]})
    kind = "matrix" if path.endswith("query_range") else "vector"
    return json.dumps({"status": "success",
                       "data": {"resultType": kind, "result": result}}).encode()


def body_of(request):
    head, _, form = request.partition(b"\r\n\r\n")
    target = head.split(b" ", 2)[1].decode()
    path, _, query = target.partition("?")
    asked = dict(urllib.parse.parse_qsl(query + "&" + form.decode()))
    metric = METRIC.search(asked.get("query", ""))
    end = float(asked.get("end") or asked.get("time") or 1)
    if metric is None:
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
            {"metric": {}, "value": [end, "1"]}]}}).encode()
    step = asked.get("step", "1")
    step = float(step[:-2]) / 1000 if step.endswith("ms") else float(step.rstrip("s"))
    return answer(path, metric.group(0), "timestamp" in asked["query"],
                  float(asked.get("start", end)), end, step)


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
            body = body_of(request)
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def main():
    listener = socket.create_server(("0.0.0.0", 0), backlog=1024)
    server = await asyncio.get_running_loop().create_server(Upstream, sock=listener)
    print(f"listening {listener.getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
