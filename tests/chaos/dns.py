#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A name service that fails on request. Knows one name a region: r0.chaos is the region's address.

usage: dns.py ADDRESS V4_OF_R0,V6_OF_R0 ...    each line on stdin sets the mode:
  good | both | servfail | empty | silent | many | private
"""
import asyncio
import ipaddress
import struct
import sys

mode = "good"
hosts = [pair.split(",") for pair in sys.argv[2:]]


def record(address):
    packed = ipaddress.ip_address(address).packed
    kind = 1 if len(packed) == 4 else 28
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(packed)) + packed


def answer(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    question = query[12:at + 5]
    known = labels[0][1:].isdigit() and int(labels[0][1:]) < len(hosts)
    v4, v6 = hosts[int(labels[0][1:])] if known else ("", "")
    code, records = 0, []
    if mode == "servfail":
        code = 2
    elif not known:
        code = 3
    elif mode == "private":
        records = [record("10.255.255.1")] if kind == 1 else []
    elif mode == "many":  # as many as fit a datagram
        records = [record(f"10.254.{i // 250}.{i % 250 + 1}") for i in range(25)] + [record(v4)]
        records = records if kind == 1 else []
    elif mode in ("good", "both") and kind == 1:
        records = [record(v4)]
    elif mode == "both" and kind == 28:
        records = [record(v6)]
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0)
    return head + question + b"".join(records)


class Server(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        if mode != "silent":
            self.transport.sendto(answer(data), addr)


async def main():
    global mode
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Server, local_addr=(sys.argv[1], 53))
    print("listening 53", flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        mode = line.decode().strip()
        print(f"mode {mode}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
