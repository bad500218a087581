# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The past that federation is judged on: three regions, every shape of series that has tripped a
federating proxy. The same at every run.

The first two hours are blocks, the next forty minutes are in the servers' heads, where series can
end with a stale marker. Scrapes are 15 s apart and each region has its own phase, off any grid.
"""
import math

from lab.remote_write import STALE
from lab.topology import lab_with_past

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
START = 1_768_435_200  # 2026-01-15 00:00:00 UTC
BLOCKS_END = START + 7200
END = BLOCKS_END + 2400
STEP = 15
PHASE_MS = {"us-east-1": 3217, "eu-west-1": 7401, "ap-south-1": 11803}


def _stamps(region):
    return range(START * 1000 + PHASE_MS[region], END * 1000, STEP * 1000)


def _wave(seed, index):
    """A deterministic value in [0, 1): no two series alike."""
    return (math.sin(seed * 12.9898 + index * 78.233) * 43758.5453) % 1.0


def _counter(seed, rate, whole=True, reset_every=None):
    def values():
        total = 0.0
        for index in range(10**9):
            if reset_every and index % reset_every == reset_every - 1:
                total = 0.0
            step = rate * (0.5 + _wave(seed, index))
            total += math.floor(step) if whole else step
            yield total
    return values()


def _gauge(seed, base, swing):
    return (base + swing * (_wave(seed, index) - 0.5) for index in range(10**9))


def _constant(value):
    return (value for _ in range(10**9))


def _series(region):
    """(labels, iterator of values at each scrape; None: no sample)."""
    nth = REGIONS.index(region)

    def series(name, values, /, **labels):
        return {"__name__": name, **labels}, values

    foo = {"us-east-1": (0.5, 0.7), "eu-west-1": (2.0, 9.0), "ap-south-1": (0.25, 4.0)}[region]
    for index, value in enumerate(foo):
        yield series("foo", _constant(value), i=str(2 * nth + index + 1), job="service")
    for index in (1, 2):
        # Equal between regions at equal minutes: what count_values must add up.
        yield series("ramp", (float(10 * (n // 8 % 17) + 10 * index) for n in range(10**9)),
                     i=str(index), job="service")
    yield series("up", (0.0 if 100 < n < 110 and nth == 1 else 1.0 for n in range(10**9)),
                 job="service", instance=f"10.{nth}.0.1:80")
    if nth == 0:
        yield series("onlya", _constant(42.0), job="service")
    # One scrape in two hours is high: lookback must not smear it.
    yield series("spike", (10.0 + nth if n == 200 + 3 * nth else 1.0 for n in range(10**9)),
                 job="service")
    # A sample each seven minutes: gaps longer than the lookback.
    yield series("sparse", (float(n) if n % 28 == nth else None for n in range(10**9)),
                 job="service")
    yield series("gone", _constant(float(nth + 1)), job="service")
    for number, service in enumerate(("cart", "checkout", "search")):
        for pod in (0, 1):
            for code in ("200", "404", "500"):
                seed = 1000 * nth + 100 * number + 10 * pod + int(code[0])
                rate = {"200": 120, "404": 9, "500": 3}[code] * (1 + number)
                reset = 333 if (pod, code) == (1, "200") else None
                yield series("http_requests_total", _counter(seed, rate, reset_every=reset),
                             service=service, pod=f"{service}-{pod}", code=code, job="service")
        for bound, le in enumerate(("0.1", "0.25", "0.5", "1", "+Inf")):
            values = _cumulative(nth, number, bound)
            yield series("http_request_duration_seconds_bucket", values, service=service, le=le,
                         job="service")
        yield series("http_request_duration_seconds_count", _cumulative(nth, number, 4),
                     service=service, job="service")
        yield series("http_request_duration_seconds_sum", _counter(nth + number, 11.7, whole=False),
                     service=service, job="service")
    for database in ("orders", "users"):
        for destination in REGIONS:
            if destination != region:
                seed = nth * 31 + len(database) * 7 + REGIONS.index(destination)
                labels = {"db": database, "destination": destination, "job": "service"}
                yield series("replication_lag_seconds", _gauge(seed, 2 + nth, 1.5), **labels)
                yield series("replication_pending_operations",
                             (float(int(100 * value)) for value in _gauge(seed + 1, 3, 2)), **labels)
    # Each database has its primary in one region only: joins on (db) must cross regions.
    if nth < 2:
        yield series("db_primary", _constant(1.0), db=("orders", "users")[nth], job="service")
    for pool in ("blue", "green"):
        yield series("capacity_used", _gauge(50 + nth, 60 + 10 * nth, 20), pool=pool,
                     resource="cpu", job="service")
        yield series("capacity_limit", _constant(128.0 - 16 * nth), pool=pool, resource="cpu",
                     job="service")
    yield series("clock_skew_seconds", _gauge(70 + nth, 0, 0.04), node="n1", job="service")
    yield series("bytes_total", _counter(90 + nth, 1234.567, whole=False), job="service")
    for kind, value in (("nan", math.nan), ("inf", math.inf), ("neginf", -math.inf)):
        yield series("weird", _constant(value), kind=kind, job="service")
    yield series("labelled", _constant(1.0), path='/a"b\\c\nd', name="żółć 😀", job="service")
    yield series("temperature_celsius", _gauge(30 + nth, -3 + 4 * nth, 12), job="service")


def _cumulative(nth, number, bound):
    """Bucket counters that never cross: bucket b is the sum of the first b+1 shares."""
    shares = [_counter(7000 + 100 * nth + 10 * number + b, 5 + 10 * b) for b in range(bound + 1)]
    return (sum(step) for step in zip(*shares))


def _ends_at(name):
    """The second at which a series ends, by a stale marker, before the others; or None."""
    return BLOCKS_END + 600 if name == "gone" else None


def build(region, utf8=False):
    """-> (series for blocks, series for the tail), each [(labels, [(ms, value)])].

    utf8: with label names that only Prometheus 3 takes; they are in the tail.
    """
    blocks, tail = [], []
    for labels, values in _series(region):
        early, late = [], []
        end = _ends_at(labels["__name__"])
        for stamp, value in zip(_stamps(region), values):
            if end is not None and stamp >= end * 1000:
                late.append((stamp, STALE))
                break
            if value is not None:
                (early if stamp < BLOCKS_END * 1000 else late).append((stamp, value))
        blocks.append((labels, early))
        tail.append((labels, late))
    if utf8:
        stamps = [stamp for stamp in _stamps(region) if stamp >= BLOCKS_END * 1000]
        for status in ("200", "500"):
            tail.append(({"__name__": "dotted", "http.status": status, "job": "service"},
                         [(stamp, float(index)) for index, stamp in enumerate(stamps)]))
    return blocks, tail


def start_lab(binary, major, **options):
    """The lab over this past: six servers, and the truth unless switched off."""
    pasts = {region: build(region, utf8=major >= 3) for region in REGIONS}
    return lab_with_past(REGIONS, {region: past[0] for region, past in pasts.items()},
                         {region: past[1] for region, past in pasts.items()}, binary=binary,
                         **options)
