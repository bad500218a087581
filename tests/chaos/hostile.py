#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""One server that is every hostile upstream: the first part of a request's path names the mode
(/U6.nan/api/v1/query), /good1 and /good2 are honest. Probes and status/config are answered by all.

usage: hostile.py [--port N] [--tls DIR]    prints `listening PORT` and with --tls `tls NAME PORT`
The modes are in tests/chaos/modes.py; what TLS can get wrong in tests/chaos/tls.py.
"""
import asyncio
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from chaos import modes, tls, wire  # noqa: E402

CONFIG = '{"status":"success","data":{"yaml":"global: {scrape_interval: 15s}\\n"}}'


class Request:
    """What the modes look at."""

    def __init__(self, path, form):
        self.path = path
        one = {name: values[-1] for name, values in form.items()}
        self.query = one.get("query", "")
        self.is_matrix = path.endswith("/query_range") or "[" in self.query
        self.start = float(one.get("start") or one.get("time") or 0)
        self.end = float(one.get("end") or self.start)
        self.step = float(one.get("step") or 15)
        self.time = one.get("time") or one.get("start") or "1"
        self.is_probe = self.query.startswith("vector(1)")


def honest(request, value):
    path = request.path
    if path.endswith("/labels"):
        return '{"status":"success","data":["__name__","a"]}'
    if path.endswith("/values"):
        return '{"status":"success","data":["b"]}'
    if path.endswith("/series"):
        return '{"status":"success","data":[{"__name__":"m","a":"b"}]}'
    if path.endswith("/metadata"):
        return '{"status":"success","data":{"m":[{"type":"gauge","help":"","unit":""}]}}'
    if path.endswith("/rules"):
        return '{"status":"success","data":{"groups":[]}}'
    return modes.right(request, value=f'"{value}"')


def answer_of(name, request):
    if request.is_probe:
        return [wire.reply(wire.answer(wire.series({}, request.time)))]
    if request.path.endswith("/status/config"):
        return [wire.reply(CONFIG)]
    if name.startswith("good"):
        return [wire.reply(honest(request, name[4:]))]
    return modes.MODES[name].function(request)


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    target = head[0].split(" ")[1]
    fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip()
              for line in head[1:] if ":" in line}
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    path, _, query = target.partition("?")
    form = urllib.parse.parse_qs(query)
    if fields.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form.update(urllib.parse.parse_qs(body.decode()))
    request = Request(path, form)
    if path.endswith("/read"):
        # Remote read asks for a time range in a message; the last instant of it will do.
        request.time = str(asyncio.now_of_queries)
    return path.split("/")[1], request


async def serve(reader, writer):
    try:
        while True:
            name, request = await read_request(reader)
            for piece in answer_of(name, request):
                if piece is modes.CLOSE:
                    return
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                    continue
                writer.write(piece)
                await writer.drain()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
        pass
    finally:
        writer.close()


async def main():
    options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    asyncio.now_of_queries = float(options.get("--now", 1_768_440_000))
    server = await asyncio.start_server(serve, "127.0.0.1", int(options.get("--port", 0)))
    if "--tls" in options:
        for name, port in await tls.listen(pathlib.Path(options["--tls"]), serve):
            print(f"tls {name} {port}", flush=True)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
