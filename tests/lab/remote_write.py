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


def _zigzag(number):
    return _varint(number << 1 ^ number >> 63)


def _double(number):
    return struct.pack("<d", number)


def _sample(milliseconds, value):
    bits = struct.pack("<Q", STALE_BITS) if value is STALE else struct.pack("<d", value)
    return b"\x09" + bits + b"\x10" + _varint(milliseconds)


class Histogram:
    """A native histogram of integers (counts: ints) or of floats. spans: [(offset, length)]; counts:
    one a bucket; bounds: of custom buckets (schema -53); gauge: not a counter."""

    def __init__(self, schema, spans, counts, total, zero=(0.0, 0), bounds=(), gauge=False,
                 negative=((), ())):
        self.schema, self.spans, self.counts, self.sum = schema, spans, counts, total
        self.zero_threshold, self.zero_count = zero
        self.bounds, self.gauge, self.negative = bounds, gauge, negative

    def encode(self, milliseconds):
        everything = [*self.counts, *self.negative[1], self.zero_count]
        integers = all(isinstance(count, int) for count in everything)
        body = bytearray()
        body += b"\x08" + _varint(sum(everything)) if integers else b"\x11" + _double(sum(everything))
        body += b"\x19" + _double(self.sum) + b"\x20" + _zigzag(self.schema)
        body += b"\x29" + _double(self.zero_threshold)
        body += (b"\x30" + _varint(self.zero_count) if integers
                 else b"\x39" + _double(self.zero_count))
        for first, (spans, counts) in ((8, self.negative), (11, (self.spans, self.counts))):
            for offset, length in spans:
                body += _field(first, b"\x08" + _zigzag(offset) + b"\x10" + _varint(length))
            if integers:
                steps = [b - a for a, b in zip([0, *counts], counts)]
                body += _field(first + 1, b"".join(map(_zigzag, steps)))
            else:
                body += _field(first + 2, b"".join(map(_double, counts)))
        body += b"\x70\x03" if self.gauge else b""
        body += b"\x78" + _varint(milliseconds)
        if self.bounds:
            bounds = b"".join(map(_double, self.bounds))
            body += b"\x82\x01" + _varint(len(bounds)) + bounds
        return bytes(body)


def encode(series):
    """series: [(labels dict, [(milliseconds, value, STALE or Histogram)])] -> WriteRequest bytes."""
    request = bytearray()
    for labels, samples in series:
        body = bytearray()
        for name, value in sorted(labels.items()):
            body += _field(1, _field(1, name.encode()) + _field(2, value.encode()))
        for milliseconds, value in samples:
            if isinstance(value, Histogram):
                body += _field(4, value.encode(milliseconds))
            else:
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
