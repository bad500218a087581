#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that spoils what the server answers: netem is not everywhere, and this knows bodies.

usage: proxy.py HOST PORT    prints `listening PORT`; each line on stdin sets the mode:
  pass | delay MS JITTER_MS [SHARE] | reset | reset_mid | close_mid | drip BYTES_PER_SECOND
"""
import asyncio
import random
import socket
import struct
import sys

mode = ["pass"]


def reset(writer):
    """RST instead of FIN."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def answer(reader, writer):
    """From the server to the client, spoiled."""
    while True:
        data = await reader.read(65536)
        name = mode[0]
        if not data:
            break
        if name == "delay":
            share = float(mode[3]) if len(mode) > 3 else 1.0
            if random.random() < share:
                await asyncio.sleep((float(mode[1]) + random.uniform(-1, 1) * float(mode[2])) / 1000)
        elif name in ("reset_mid", "close_mid"):
            # Past the head, inside the body.
            at = data.find(b"\r\n\r\n")
            cut = (at + 4 + len(data)) // 2 if at >= 0 else len(data) // 2
            writer.write(data[:cut])
            await writer.drain()
            if name == "reset_mid":
                reset(writer)
            break
        elif name == "drip":
            at = data.find(b"\r\n\r\n") + 4
            writer.write(data[:at])
            for byte in data[at:]:
                await asyncio.sleep(1 / float(mode[1]))
                writer.write(bytes([byte]))
                await writer.drain()
            continue
        writer.write(data)
        await writer.drain()


async def ask(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def serve(host, port, reader, writer):
    if mode[0] == "reset":
        reset(writer)
        return
    try:
        from_server, to_server = await asyncio.open_connection(host, port)
    except OSError:
        reset(writer)
        return
    tasks = [asyncio.ensure_future(ask(reader, to_server)),
             asyncio.ensure_future(answer(from_server, writer))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for end in (writer, to_server):
            end.close()


async def control():
    global mode
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        mode = line.decode().split()
        print(f"mode {' '.join(mode)}", flush=True)


async def main():
    host, port = sys.argv[1], int(sys.argv[2])
    server = await asyncio.start_server(lambda r, w: serve(host, port, r, w), "127.0.0.1", 0)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await control()


if __name__ == "__main__":
    asyncio.run(main())
