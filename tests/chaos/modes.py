# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What hostile upstreams answer: U1 to U20, one function a variant.

Each takes the request and yields bytes to send or seconds to wait; CLOSE ends the connection.
"""
import json

from chaos import wire
from chaos.wire import answer, chunk, field, frame, head, label, reply, series

CLOSE = object()
MODES = {}

MiB = 1 << 20
# What a driver asks a variant for.
STEPS, RANGE, RAW, READ, SERIES, LABELS, VALUES, METADATA, RULES = (
    "steps", "range", "raw", "read", "series", "labels", "values", "metadata", "rules")


class Mode:
    def __init__(self, name, kind, expect, function, require):
        self.name, self.kind, self.expect, self.function = name, kind, expect, function
        self.require = require  # the driver asks with partial=require


def mode(name, kind=STEPS, expect="missing", require=False):
    """expect: missing (the region is named as missing), answers (its answer is right), either of
    these, fails (the query does, because no answer would be true, and names the region)."""
    def add(function):
        MODES[name] = Mode(name, kind, expect, function, require)
        return function
    return add


def bodies(prefix, kind, expect, variants):
    """Variants that are one body each: text, or a function of the request."""
    for name, body in variants.items():
        def answer_with(request, body=body):
            made = body(request) if callable(body) else body
            yield made if isinstance(made, bytes) and made.startswith(b"HTTP/") else reply(made)
        MODES[f"{prefix}.{name}"] = Mode(f"{prefix}.{name}", kind, expect, answer_with, False)


def right(request, labels=None, value='"1"', **more):
    """What an honest server answers the drivers' questions."""
    kind = "matrix" if request.is_matrix else "vector"
    return answer(series({"a": "b"} if labels is None else labels, request.time, value, kind), kind,
                  **more)


# --- U1: without end ----------------------------------------------------------------------------


def endless(first, again):
    def send(_request):
        yield head() + chunk(first)
        while True:
            yield chunk(again)
    return send


mode("U1.array")(endless('{"status":"success","data":{"resultType":"vector","result":[',
                         '{"metric":{"a":"b"},"value":[1,"1"]},' * 1500))
mode("U1.white_space")(endless('{"status":', " \n" * 30_000))
mode("U1.string")(endless('{"status":"success","error":"', "x" * 60_000))
mode("U1.points", RANGE)(endless(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[',
    '[1,"1"],' * 7000))


@mode("U1.headers")
def _(_request):
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: and more\r\n" * 3000


@mode("U1.interim")
def _(_request):
    while True:
        yield b"HTTP/1.1 102 Processing\r\n\r\n" * 2000


@mode("U1.chunk_extension")
def _(_request):
    yield head() + b"5;x="
    while True:
        yield b"y" * 60_000


@mode("U1.trailers")
def _(request):
    yield head() + chunk(right(request)) + b"0\r\n"
    while True:
        yield b"X-More: and more\r\n" * 3000


# --- U2, U3: what unpacks to much ---------------------------------------------------------------

_BOMB = wire.gzip(b"0" * MiB, 256)
_SPACES = wire.gzip(b" " * MiB, 256)


def gzipped(body):
    return lambda _request: reply(body, extra="Content-Encoding: gzip\r\n")


bodies("U2", STEPS, "missing", {
    "gzip_bomb": gzipped(_BOMB),
    "gzip_bomb_of_spaces": gzipped(_SPACES),
    "nested": lambda r: reply(wire.gzip(wire.gzip(right(r).encode())),
                              extra="Content-Encoding: gzip, gzip\r\n"),
    "unknown": lambda r: reply(right(r), extra="Content-Encoding: zstd\r\n"),
    "bad_crc": lambda r: reply(wire.gzip(right(r).encode())[:-8] + b"\0" * 8,
                               extra="Content-Encoding: gzip\r\n"),
    "cut": lambda r: reply(wire.gzip(right(r).encode())[:-12], extra="Content-Encoding: gzip\r\n"),
    "not_gzip": gzipped(b"{}"),
})


def samples(body):
    return lambda _request: reply(body, kind=wire.PROTOBUF, extra="Content-Encoding: snappy\r\n")


bodies("U3", READ, "missing", {
    "claims_4_gib": samples(b"\xff\xff\xff\xff\x0f\x00"),
    "claims_100_mib": samples(wire.varint(100 * MiB) + b"\0" * 1024),
    "claims_more_than_64_bits": samples(b"\xff" * 11),
    "claims_0_with_more": samples(b"\x00" + b"\x04ab"),
    "dense": samples(wire.varint(200 * MiB) + b"\x00a" + b"\xfe\x01\x00" * (200 * MiB // 64)),
})

# --- U4, U5: remote read ------------------------------------------------------------------------


def honest_read(request, labels=label("a", "b")):
    ms = int(float(request.time) * 1000)
    return wire.read_response(labels + wire.chunk_message(ms, wire.xor_chunk(ms, 1.0)))


def chunk_now(request, data, kind=1):
    """A frame with one chunk of the time that is asked for."""
    ms = int(float(request.time) * 1000)
    return frame(wire.read_response(label("a", "b") + wire.chunk_message(ms, data, kind)))


def streamed(make):
    return lambda request: reply(make(request), kind=wire.STREAMED)


bodies("U4", READ, "missing", {
    "length_2_63": streamed(lambda r: wire.varint(1 << 63) + b"\0" * 100),
    "length_1_gib": streamed(lambda r: wire.varint(1 << 30) + b"\0" * 100_000),
    "wrong_checksum": streamed(lambda r: frame(honest_read(r), crc=1)),
    "length_without_end": streamed(lambda r: b"\x80" * 1000),
    "cut": streamed(lambda r: frame(honest_read(r))[:-1]),
    "xor_of_nothing": streamed(lambda r: chunk_now(r, b"\xff\xff")),
    "xor_of_garbage": streamed(lambda r: chunk_now(r, b"\x00\x09" + b"\xa5\x5a\xff" * 99)),
    "unknown_chunk": streamed(lambda r: frame(wire.read_response(
        label("a", "b") + wire.chunk_message(1, b"\0" * 20, kind=99)))),
})
bodies("U4", READ, "answers", {"honest": streamed(lambda r: frame(honest_read(r)))})
bodies("U4", READ, "either", {"no_frames": streamed(lambda r: b""),
                              "empty_frames": streamed(lambda r: frame(b"") * 100_000)})


@mode("U4.every_byte", READ, "answers")
def _(request):
    yield head(kind=wire.STREAMED)
    for byte in frame(honest_read(request)):
        yield chunk(bytes([byte]))
    yield wire.LAST_CHUNK


def nest(depth):
    data = b""
    for _ in range(depth):
        data = field(1, data)
        if len(data) > 500_000:
            break
    return data


bodies("U5", READ, "missing", {
    "a_million_labels": streamed(lambda r: frame(wire.read_response(label("a", "b") * 600_000))),
    "wrong_wire_type": streamed(lambda r: frame(wire.number_field(1, 7) * 1000 + b"\x0a")),
    "group": streamed(lambda r: frame(b"\x0b" * 1000)),
    "not_utf8": streamed(lambda r: frame(honest_read(r, label(b"\xff\xfe", b"\xc3")))),
    "packed_huge": samples(wire.snappy(field(1, field(1, label("a", "b")
                                                      + field(2, b"\x09" + b"\xff" * 50_000))))),
})
bodies("U5", READ, "either", {
    "deep": streamed(lambda r: frame(nest(100_000))),
    "unknown_fields": streamed(lambda r: frame(field(99, b"x" * 2 * MiB)) * 4),
    "scalar_twice": streamed(lambda r: frame(wire.read_response(
        label("a", "b") + wire.chunk_message(1, wire.xor_chunk(1, 1.0)) * 2
        + wire.number_field(7, 1) * 1000))),
})

# --- U6: JSON -----------------------------------------------------------------------------------

bodies("U6", STEPS, "missing", {
    "deep": '{"status":"success","data":' + "[" * 100_000,
    "nan": lambda r: right(r, value="NaN"),
    "number_value": lambda r: right(r, value="1"),
    "status_twice": lambda r: right(r, more=',"status":"success"'),
    "data_twice": lambda r: right(r, more=',"data":{"resultType":"vector","result":[]}'),
    "lone_surrogate": lambda r: right(r, '{"a":"\\ud800"}'),
    "nul": lambda r: right(r, '{"a":"\0"}'),
    "bom": lambda r: reply(b"\xef\xbb\xbf" + right(r).encode()),
    "trailing": lambda r: right(r) + "garbage",
    "second_document": lambda r: right(r) + right(r),
    "short_point": lambda r: answer('{"metric":{},"value":[1]}'),
    "long_point": lambda r: answer('{"metric":{},"value":[1,"1","1"]}'),
    "unknown_type": lambda r: answer(series({}, r.time), "tensor"),
    "other_type": lambda r: answer(series({}, r.time), "matrix"),
    "key_of_100_mib": lambda r: "{" + '"' + "k" * 100 * MiB + '":1}',
    "value_not_a_number": lambda r: right(r, value='"one"'),
    "value_of_1_mib": lambda r: right(r, value='"' + "1" * MiB + '"'),
    "label_is_a_number": lambda r: right(r, '{"a":1}'),
    "cut": lambda r: right(r)[:-5],
    "empty": "",
    "null": "null",
    "time_huge": lambda r: answer(series({}, "1e400")),
})
bodies("U6", STEPS, "answers", {
    "unknown_keys": lambda r: right(r, more=',"extra":{"deep":[[[{"x":[1,2,3]}]]]}'),
})

# --- U7: HTTP -----------------------------------------------------------------------------------

bodies("U7", STEPS, "missing", {
    "html": lambda r: reply("<html>log in</html>", kind="text/html"),
    "error": '{"status":"error","errorType":"internal","error":"disk on fire"}',
    "success_in_503": lambda r: reply(right(r), 503),
    "no_content": lambda r: b"HTTP/1.1 204 X\r\n\r\n",
    "partial_content": lambda r: reply(right(r), 206),
    "not_modified": lambda r: b"HTTP/1.1 304 X\r\n\r\n",
    "moved": lambda r: reply("", 301, extra="Location: http://127.0.0.1:1/\r\n"),
    "moved_to_file": lambda r: reply("", 307, extra="Location: file:///etc/passwd\r\n"),
    "moved_to_metadata": lambda r: reply("", 307, extra="Location: http://169.254.169.254/\r\n"),
    "unauthorized": lambda r: reply("", 401, extra='WWW-Authenticate: Basic realm="x"\r\n'),
    "not_http": lambda r: b"HTTP/9.9 what\r\n\r\n",
    "two_lengths": lambda r: head(200, length=5, extra="Content-Length: 6\r\n") + b"{}",
    "length_and_chunked": lambda r: head(200, length=5, extra="Transfer-Encoding: chunked\r\n"),
    "folded": lambda r: reply(right(r), extra="X-A: b\r\n c\r\n"),
})
bodies("U7", STEPS, "either", {
    "no_type": lambda r: reply(right(r), kind=""),
    "text_plain": lambda r: reply(right(r), kind="text/plain"),
})

# --- U8 to U12: series and samples --------------------------------------------------------------

bodies("U8", STEPS, "missing", {
    "label_twice": lambda r: right(r, '{"a":"1","a":"2"}'),
    "no_label_name": lambda r: right(r, '{"":"x"}'),
    "many_labels": lambda r: right(r, {f"l{i}": "x" for i in range(10_000)}),
    "value_of_1_mib": lambda r: right(r, {"a": "x" * MiB}),
    "not_utf8": lambda r: reply(right(r, '{"a":"?"}').encode().replace(b"?", b"\xff")),
})
bodies("U8", STEPS, "either", {
    "unsorted": lambda r: answer(",".join(series({"a": str(i)}, r.time) for i in (5, 3, 9, 1))),
    "series_twice": lambda r: answer(",".join([series({"a": "b"}, r.time)] * 2)),
    "series_twice_otherwise": lambda r: answer(series({"a": "b"}, r.time) + ","
                                               + series({"a": "b"}, r.time, '"2"')),
})
bodies("U8", STEPS, "answers", {
    "labels_unsorted": lambda r: right(r, '{"z":"1","a":"b"}'),
    "empty_value": lambda r: right(r, '{"a":"b","z":""}'),
    "name_to_quote": lambda r: right(r, {"wörter.mit-punkt": "b"}),
})
_AT = {"past": -86_400, "future": 86_400, "negative": -10**10, "between": 0.4321}
bodies("U9", RANGE, "missing", {
    "falling": lambda r: answer('{"metric":{},"values":[[%d,"1"],[%d,"2"]]}'
                                % (r.end, r.start), "matrix"),
    "equal": lambda r: answer('{"metric":{},"values":[[%d,"1"],[%d,"2"]]}'
                              % (r.start, r.start), "matrix"),
    **{f"time_{name}": (lambda r, by=by: answer(
        '{"metric":{},"values":[[%.4f,"1"]]}' % (r.start + by), "matrix"))
       for name, by in _AT.items()},
})
bodies("U10", RANGE, "answers", {
    "odd_values": lambda r: answer('{"metric":{"a":"b"},"values":[[%d,"NaN"],[%d,"+Inf"],[%d,"-Inf"],'
                                   '[%d,"-0"],[%d,"5e-324"]]}'
                                   % tuple(r.start + i * r.step for i in range(5)), "matrix"),
})
# Whether they can be read exactly depends on the configuration (ADR 0006): the query says so.
bodies("U11", STEPS, "fails", {
    "histograms": lambda r: answer('{"metric":{"a":"b"},"histogram":[%s,{"count":"-1","sum":"NaN",'
                                   '"buckets":[[9,"1","0","-5"]]}]}' % r.time),
    "many_buckets": lambda r: answer('{"metric":{"a":"b"},"histogram":[%s,{"count":"1","sum":"1",'
                                     '"buckets":[%s]}]}' % (r.time, ",".join(
                                         ['[0,"1","2","3"]'] * 1_000_000))),
})
bodies("U11", READ, "missing", {
    "bad_histogram_chunk": streamed(lambda r: chunk_now(r, b"\0\1\0" + b"\xff" * 200, kind=2)),
    "float_histogram_of_garbage": streamed(
        lambda r: chunk_now(r, b"\0\5\0\x7f" + b"\xaa" * 500, kind=3)),
})


@mode("U12.million_series", expect="fails")
def _(request):
    yield head() + chunk('{"status":"success","data":{"resultType":"vector","result":[')
    # Made so quickly that it is its size that ends it, not the region's deadline.
    thousand = ",".join(series('{"a":"%03d","b":"@"}' % i, request.time) for i in range(1000))
    for at in range(1000):
        yield chunk(thousand.replace("@", str(at)) + ("" if at == 999 else ","))
    yield chunk("]}}") + wire.LAST_CHUNK


@mode("U12.ten_million_samples", RAW)
def _(request):
    yield head() + chunk('{"status":"success","data":{"resultType":"matrix","result":'
                         '[{"metric":{},"values":[')
    first = float(request.time) - 10_000
    for at in range(0, 10_000_000, 10_000):
        yield chunk(",".join(f'[{first + i / 1000:.3f},"1"]' for i in range(at, at + 10_000)) + ",")
    yield chunk("[%s,\"1\"]]}]}}" % request.time) + wire.LAST_CHUNK


@mode("U12.label_values", VALUES)
def _(_request):
    yield head() + chunk('{"status":"success","data":["0"')
    for at in range(0, 50_000_000, 5000):
        yield chunk("".join(f',"{at + i}"' for i in range(5000)))
    yield chunk("]}") + wire.LAST_CHUNK


# --- U13 to U17 ---------------------------------------------------------------------------------


@mode("U13.surplus", expect="either")
def _(request):
    # The second answer is to nobody's question: it must not become that of the next one.
    yield reply(right(request)) + reply(right(request, value='"666"'))


@mode("U13.long_body", expect="either")
def _(request):
    text = right(request)
    yield head(length=len(text)) + text.encode() + b"HTTP/1.1 200 OK\r\n"


@mode("U13.other_query", RANGE)
def _(request):
    yield reply(answer('{"metric":{},"values":[[1,"1"],[16,"1"]]}', "matrix"))


@mode("U14.drip", require=True)
def _(request):
    yield head(length=100_000)
    while True:
        yield b" "
        yield 0.2


@mode("U14.head_then_nothing", require=True)
def _(_request):
    yield head(length=1000)
    yield 30.0


@mode("U14.slow_but_right", expect="answers")
def _(request):
    text = right(request)
    yield head(length=len(text))
    for at in range(0, len(text), 20):
        yield text[at:at + 20].encode()
        yield 0.02


bodies("U15", STEPS, "answers", {
    "impersonates": lambda r: right(r, {"region": "good1", "a": "b"}),
})
bodies("U16", STEPS, "answers", {
    "many_warnings": lambda r: right(r, more=',"warnings":[%s]' % ",".join(
        json.dumps(f"<script>alert({i})</script>") for i in range(100_000))),
    "html_infos": lambda r: right(r, more=',"infos":["<img src=x onerror=alert(1)>"]'),
})
bodies("U16", STEPS, "missing", {
    "huge_warning": lambda r: right(r, more=',"warnings":["%s"]' % ("w" * 10 * MiB)),
})
bodies("U17", STEPS, "answers", {
    "headers": lambda r: reply(right(r), extra="Set-Cookie: a=b\r\nServer: evil\r\n"
                               "Strict-Transport-Security: max-age=1\r\n"
                               "Content-Security-Policy: none\r\nX-Evil: 1\r\n"),
})

# --- U20: lists and documents -------------------------------------------------------------------


def endless_list(item):
    def send(_request):
        yield head() + chunk('{"status":"success","data":[' + item % 0)
        at = 1
        while True:
            yield chunk("".join("," + item % i for i in range(at, at + 2000)))
            at += 2000
    return send


mode("U20.endless_labels", LABELS)(endless_list('"l%d"'))
mode("U20.endless_series", SERIES, "fails")(endless_list('{"__name__":"m","i":"%d"}'))
mode("U20.endless_metadata", METADATA)(endless_list('"m%d"'))
mode("U20.endless_rules", RULES)(endless_list('{"name":"g%d","rules":[]}'))
bodies("U20", METADATA, "either", {
    "conflicts": '{"status":"success","data":{"m":[{"type":"counter","help":"","unit":""},'
                 '{"type":"gauge","help":"<script>","unit":""}],"n":3}}',
})
bodies("U20", RULES, "either", {"not_rules": '{"status":"success","data":{"groups":[1,"x",null]}}'})
bodies("U20", LABELS, "missing", {"not_names": '{"status":"success","data":[1,2,{}]}'})
