# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes samples into a running Prometheus at chosen times, stale markers included: what OpenMetrics
text cannot carry. Remote write 1.0 by hand: a small Protobuf, and Snappy with literals only."""
import struct

from .api import Client

# The NaN that marks a series as gone, by its bits.
STALE_BITS = 0x7FF0000000000002
STALE = object()


def _varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number, data):
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _sample(milliseconds, value):
    bits = struct.pack("<Q", STALE_BITS) if value is STALE else struct.pack("<d", value)
    return b"\x09" + bits + b"\x10" + _varint(milliseconds)


def encode(series):
    """series: [(labels dict, [(milliseconds, value or STALE)])] -> WriteRequest bytes."""
    request = bytearray()
    for labels, samples in series:
        body = bytearray()
        for name, value in sorted(labels.items()):
            body += _field(1, _field(1, name.encode()) + _field(2, value.encode()))
        for milliseconds, value in samples:
            body += _field(2, _sample(milliseconds, value))
        request += _field(1, bytes(body))
    return bytes(request)


def snappy(data):
    out = bytearray(_varint(len(data)))
    for begin in range(0, len(data), 65536):
        piece = data[begin:begin + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)


def write(url, series):
    answer = Client(url).request(
        "POST", "/api/v1/write", body=snappy(encode(series)),
        headers={"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
                 "X-Prometheus-Remote-Write-Version": "0.1.0"})
    assert answer.status in (200, 204), f"remote write: HTTP {answer.status}: {answer.text}"
