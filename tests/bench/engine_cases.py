# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The queries of scripts/bench engine, over the data of tests/bench/engine/data.go."""
import dataclasses

STEP = 10_000  # ms
LAST = (8640 + 10_000) * STEP
SIZES = {"one": 1, "ten": 10, "hundred": 100, "two_thousand": 2000}


@dataclasses.dataclass
class Case:
    group: str
    query: str
    steps: int
    series: int  # that are read
    start: int = 0
    end: int = LAST
    step: int = STEP

    def __post_init__(self):
        self.start = self.start or self.end - self.steps * self.step

    @property
    def name(self):
        return f"{self.query} {self.steps}"

    @property
    def day(self):
        return "[1d]" in self.query

    @property
    def slow(self):
        return (self.day and "hundred" in self.query and self.steps > 1) or self.steps > 5000


# The range queries that Prometheus benchmarks itself by (promql/bench_test.go, 3.15): X is a number
# of series; without steps, 1 and 1,000.
PROMETHEUS = """
a_X
rate(a_X[1m])
rate(a_X[1m]) | 10000
rate(sparse[1m]) | 10000
rate(a_X[1m] smoothed)
rate(a_X[1m] smoothed) | 10000
rate(sparse[1m] smoothed) | 10000
double_exponential_smoothing(a_X[1d], 0.3, 0.3)
changes(a_X[1d])
rate(a_X[1d])
absent_over_time(a_X[1d])
-a_X
a_X - b_X
a_X - b_X | 10000
a_X and b_X{l=~'.*[0-4]$'}
a_X or b_X{l=~'.*[0-4]$'}
a_X unless b_X{l=~'.*[0-4]$'}
a_X and b_X{l='notfound'}
abs(a_X)
label_replace(a_X, 'l2', '$1', 'l', '(.*)')
label_join(a_X, 'l2', '-', 'l', 'l')
sum(a_X)
avg(a_X)
sum without (l)(h_X)
sum without (le)(h_X)
sum by (l)(h_X)
sum by (le)(h_X)
count_values('value', h_X) | 100
topk(1, a_X)
topk(5, a_X)
limitk(1, a_X)
limitk(5, a_X)
limit_ratio(0.1, a_X)
limit_ratio(0.5, a_X)
limit_ratio(-0.5, a_X)
rate(a_X[1m]) + rate(b_X[1m])
sum without (l)(rate(a_X[1m]))
sum without (l)(rate(a_X[1m])) / sum without (l)(rate(b_X[1m]))
histogram_quantile(0.9, rate(h_X[5m]))
a_X + on(l) group_right a_one
count({__name__!=""}) | 1
count({__name__!="",l=""}) | 1
timestamp(a_X)
"""

# More functions of windows, and subqueries.
WINDOWS = """
sum_over_time(a_hundred[W])
avg_over_time(a_hundred[W])
min_over_time(a_hundred[W])
max_over_time(a_hundred[W])
count_over_time(a_hundred[W])
last_over_time(a_hundred[W])
stddev_over_time(a_hundred[W])
quantile_over_time(0.9, a_hundred[W])
increase(a_hundred[W])
delta(a_hundred[W])
deriv(a_hundred[W])
predict_linear(a_hundred[W], 3600)
irate(a_hundred[W])
resets(a_hundred[W])
"""
SUBQUERIES = """
max_over_time(rate(a_hundred[1m])[10m:10s])
avg_over_time(a_hundred[1h:1m])
sum_over_time(sum(rate(a_hundred[5m]))[1h:1m])
"""

# Data that costs more than straight lines.
DATA = """
gauge_hundred
jitter_hundred
rate(counter_hundred[1m])
rate(whole_hundred[5m])
rate(jitter_hundred[1m])
sum(rate(jitter_hundred[5m]))
rate(whole_hundred[1d])
rate(gauge_hundred[1d])
rate(jitter_hundred[1d])
sum_over_time(gauge_hundred[1d])
avg_over_time(gauge_hundred[1d])
min_over_time(gauge_hundred[1d])
max_over_time(gauge_hundred[1d])
stddev_over_time(gauge_hundred[1d])
quantile_over_time(0.9, gauge_hundred[1d])
deriv(gauge_hundred[1d])
changes(gauge_hundred[1d])
double_exponential_smoothing(gauge_hundred[1d], 0.3, 0.3)
sum_over_time(gauge_hundred[5m])
stddev_over_time(gauge_hundred[5m])
quantile_over_time(0.9, gauge_hundred[5m])
quantile(0.9, gauge_hundred)
stddev(gauge_hundred)
topk(5, gauge_hundred)
"""

SCALE = """
a_X
rate(a_X[1m])
sum by (l) (rate(a_X[5m]))
sum(a_X)
a_X - b_X
topk(5, a_X)
"""

JOINS = """
rpc_request_success_total + rpc_request_error_total
rpc_request_success_total + ON (job, instance) GROUP_LEFT rpc_request_error_total
rpc_request_success_total AND rpc_request_error_total{instance=~"0.*"}
rpc_request_success_total OR rpc_request_error_total{instance=~"0.*"}
rpc_request_success_total UNLESS rpc_request_error_total{instance=~"0.*"}
"""

NATIVE = """
sum(N)
sum(rate(N[2m]))
sum(rate(N[20m]))
histogram_count(sum(rate(N[2m])))
histogram_count(sum(rate(N[20m])))
histogram_quantile(0.9, sum(rate(N[2m])))
"""
TWO_LEGGED = """
histogram_count(sum(rate(N[2m]))) + histogram_sum(sum(rate(N[2m])))
histogram_count(sum(rate(N[20m]))) + histogram_sum(sum(rate(N[20m])))
"""

INFO = """
rate(I[2m]) * on (job, instance) group_left (k8s_cluster_name) target_info{k8s_cluster_name="us-east"}
info(rate(I[2m]), {k8s_cluster_name="us-east"})
sum by (k8s_cluster_name, http_status_code) (rate(I[2m]) * on (job, instance) group_left (k8s_cluster_name) target_info)
sum by (k8s_cluster_name, http_status_code) (info(rate(I[2m]), {k8s_cluster_name=~".+"}))
"""


def lines(text):
    return text.strip().splitlines()


def series_of(query):
    """Series that a query reads, nearly: what allocations are divided by."""
    if "__name__" in query:
        return 9000
    count = 0
    for word, size in SIZES.items():
        count += sum(query.count(f"{letter}_{word}") * size for letter in "ab")
        count += query.count(f"h_{word}") * size * 11
        count += sum(query.count(f"{kind}_{word}") * size for kind in ("gauge", "counter", "whole", "jitter"))
    return count + 50 * query.count("sparse") + 1000 * query.count("rpc_request") \
        + 300 * query.count("native_histogram") + 3 * query.count("http_server")


def with_sizes(group, text, sizes, default_steps):
    for line in lines(text):
        query, _, steps = line.partition(" | ")
        for size in sizes if "X" in query else sizes[:1]:
            sized = query.replace("X", size)
            for count in [int(steps)] if steps else default_steps:
                yield Case(group, sized, count, series_of(sized))


def cases():
    yield from with_sizes("prometheus", PROMETHEUS, ["one", "hundred"], [1, 1000])
    for window in "5m", "1d":
        for query in lines(WINDOWS):
            yield from with_sizes("windows", query.replace("W", window), ["hundred"], [1000])
    yield from with_sizes("subqueries", SUBQUERIES, ["hundred"], [1000])
    yield from with_sizes("data", DATA, ["hundred"], [1000])
    yield from with_sizes("scale", SCALE, ["ten"], [1, 100, 1000, 10_000])
    yield from with_sizes("scale", SCALE, ["one", "hundred"], [100])
    yield from with_sizes("scale", SCALE, ["two_thousand"], [1, 100, 1000])
    end = 5000 * STEP + 8640 * STEP // 8
    for query in lines(JOINS):
        yield Case("joins", query, 1000, series_of(query), end=end)
    two_hours = {"start": 1, "end": 7_200_001, "step": 30_000}
    for query in [*lines(NATIVE), *lines(TWO_LEGGED)]:
        sized = query.replace("N", "native_histogram_series")
        yield Case("native", sized, 240, series_of(sized), **two_hours)
    for query in lines(NATIVE):
        sized = query.replace("N", "native_histogram_custom_bucket_series")
        yield Case("native", sized, 240, series_of(sized), **two_hours)
    for query in lines(INFO):
        sized = query.replace("I", "http_server_request_duration_seconds_count")
        yield Case("info", sized, 240, series_of(sized), **two_hours)


LINEAR = """
rate(whole_hundred[W])
rate(counter_hundred[W])
rate(gauge_hundred[W])
sum_over_time(whole_hundred[W])
sum_over_time(gauge_hundred[W])
avg_over_time(whole_hundred[W])
avg_over_time(gauge_hundred[W])
max_over_time(gauge_hundred[W])
quantile_over_time(0.9, gauge_hundred[W])
changes(gauge_hundred[W])
double_exponential_smoothing(gauge_hundred[W], 0.3, 0.3)
stddev_over_time(gauge_hundred[W])
deriv(whole_hundred[W])
deriv(gauge_hundred[W])
"""


def linear_cases():
    """(name, a case, a case with a hundred times the work in one dimension, how much more work)

    Work is the samples in the window plus the steps: with a window of n samples and m steps each
    series has n + m samples to decode, and m values to give.
    """
    def work(window_samples, steps):
        return window_samples + 2 * steps

    for query in lines(LINEAR):
        for name, (w1, s1), (w2, s2) in (("window", (86, 20), (8640, 20)), ("both", (86, 100), (8640, 10_000))):
            few, much = (Case("linear", query.replace("W", f"{w * 10}s"), s, 100) for w, s in ((w1, s1), (w2, s2)))
            if name == "both" and ("stddev" in query or "avg_over_time(gauge" in query or "deriv" in query):
                continue  # minutes
            yield f"{query} {name}", few, much, work(w2, s2) / work(w1, s1)


def parallel_cases():
    for query, steps in (("sum(rate(a_two_thousand[1m]))", 1000), ("rate(a_hundred[1m])", 10_000),
                         ("sum by (l) (rate(whole_hundred[1d]))", 1000), ("a_hundred - b_hundred", 10_000),
                         ("histogram_quantile(0.9, sum by (le) (rate(h_hundred[5m])))", 1000)):
        yield Case("parallel", query, steps, series_of(query))
