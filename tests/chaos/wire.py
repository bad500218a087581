# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The bytes that hostile upstreams are made of: HTTP responses, JSON answers, Protobuf, frames of
remote read, snappy. Written by hand, because no library writes what is wrong."""
import functools
import json
import struct
import zlib

JSON = "application/json"
STREAMED = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
PROTOBUF = "application/x-protobuf"


def head(status=200, kind=JSON, length=None, extra=""):
    text = f"HTTP/1.1 {status} X\r\n"
    if kind:
        text += f"Content-Type: {kind}\r\n"
    text += "Transfer-Encoding: chunked\r\n" if length is None else f"Content-Length: {length}\r\n"
    return (text + extra + "\r\n").encode()


def reply(body, status=200, kind=JSON, extra=""):
    body = body.encode() if isinstance(body, str) else body
    return head(status, kind, len(body), extra) + body


def chunk(data):
    data = data.encode() if isinstance(data, str) else data
    return b"%x\r\n" % len(data) + data + b"\r\n"


LAST_CHUNK = b"0\r\n\r\n"


def answer(result, kind="vector", more=""):
    """A success of the query API; `result`: the text of the array."""
    return f'{{"status":"success","data":{{"resultType":"{kind}","result":[{result}]}}{more}}}'


def series(labels, t, value='"1"', kind="vector"):
    text = labels if isinstance(labels, str) else json.dumps(labels)
    point = f"[{t},{value}]"
    where = f'"value":{point}' if kind == "vector" else f'"values":[{point}]'
    return f'{{"metric":{text},{where}}}'


# --- Protobuf -----------------------------------------------------------------------------------


def varint(value):
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def number_field(number, value):
    return varint(number << 3) + varint(value)


def label(name, value):
    name, value = (part.encode() if isinstance(part, str) else part for part in (name, value))
    return field(1, field(1, name) + field(2, value))


def xor_chunk(t_ms, value):
    """A Prometheus XOR chunk of one sample."""
    zigzag = (t_ms << 1) ^ (t_ms >> 63)
    return struct.pack(">H", 1) + varint(zigzag) + struct.pack(">d", value)


def chunk_message(t_ms, data, kind=1):
    return field(2, number_field(1, t_ms) + number_field(2, t_ms) + number_field(3, kind)
                 + field(4, data))


def read_response(*chunked_series):
    """A ChunkedReadResponse; each argument: the bytes of a ChunkedSeries."""
    return b"".join(field(1, one) for one in chunked_series)


@functools.cache
def _crc_table():
    table = []
    for index in range(256):
        for _ in range(8):
            index = index >> 1 ^ (0x82F63B78 if index & 1 else 0)
        table.append(index)
    return table


def crc32c(data):
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def frame(data, length=None, crc=None):
    return (varint(len(data) if length is None else length)
            + struct.pack(">I", crc32c(data) if crc is None else crc) + data)


def snappy(data):
    """Literals only."""
    out = varint(len(data))
    for at in range(0, len(data), 60):
        piece = data[at:at + 60]
        out += bytes([(len(piece) - 1) << 2]) + piece
    return out


# --- gzip ---------------------------------------------------------------------------------------


def gzip(data, times=1):
    """`times`: so often the data is repeated inside."""
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([coder.compress(data) for _ in range(times)] + [coder.flush()])
