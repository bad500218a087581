# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What is asked of Synoptic and of the truth. One line, one expression.

V3 ones mean something else, or nothing, to Prometheus 2: they run against 3.x only. (atan2 keeps
the metric's name there.) No expression may depend on which of two equal values comes first.
"""

# Shapes that a federating proxy got wrong (executed against one, with the answers of the truth).
TRIPWIRES = """
min(foo) > 1
max(foo) < 5
max(foo) * -1
1 - min(foo)
topk(1, foo) * -1
min(ramp) % 7
max(ramp) ^ -1
scalar(onlya)
vector(scalar(onlya))
scalar(foo)
count_values without(i)("v", foo)
count_values("v", ramp offset 5m)
count_values(("v"), foo)
spike > 5
max(spike) > 5
sum(spike > 5)
count_values("v", spike)
gone
sum(gone)
sum by (region) (gone)
sparse
sum(sparse)
count(sparse) by (region)
max_over_time(spike[4m])
sum(rate(http_requests_total{code="500"}[5m])) / sum(rate(http_requests_total[5m]))
1 - sum(foo) / sum(ramp)
sum(foo) > 5
sum(foo) > 100
avg(foo) > 1
avg(foo) / avg(ramp)
"""

AGGREGATIONS = """
sum(foo)
avg(foo)
count(foo)
min(foo)
max(foo)
group(foo)
stddev(foo)
stdvar(foo)
quantile(0.5, foo)
quantile by (region) (0.9, ramp)
quantile(0.9, rate(http_requests_total[5m]))
sum by (region) (http_requests_total)
sum by (service) (http_requests_total)
sum by (region, service) (rate(http_requests_total[5m]))
sum without (pod, code) (rate(http_requests_total[5m]))
sum without (region) (foo)
avg by (service) (http_requests_total)
avg without (pod) (http_requests_total)
max by (db, destination) (replication_lag_seconds)
min by (region) (replication_lag_seconds)
topk(3, http_requests_total)
bottomk(2, temperature_celsius)
topk by (region) (1, http_requests_total)
topk(2, sum by (region, service) (rate(http_requests_total[5m])))
count_values("v", ramp)
count_values by (region) ("v", foo)
count(count by (service) (http_requests_total))
sum(sum by (region) (foo))
max(sum by (service) (rate(http_requests_total[5m])))
sum by (nosuch) (foo)
group by (job) (up)
count by (__name__) ({job="service", __name__=~"foo|ramp"})
sum(weird{kind="nan"})
max(weird)
min(weird)
avg(weird{kind="inf"})
"""

FUNCTIONS = """
rate(http_requests_total{service="cart"}[5m])
irate(http_requests_total{service="cart"}[5m])
increase(http_requests_total{code="200"}[10m])
delta(temperature_celsius[10m])
deriv(temperature_celsius[10m])
idelta(temperature_celsius[5m])
resets(http_requests_total{code="200"}[1h])
changes(up[1h])
predict_linear(capacity_used[30m], 3600)
avg_over_time(replication_lag_seconds[10m])
min_over_time(foo[10m])
max_over_time(ramp[10m])
sum_over_time(foo[3m])
count_over_time(sparse[20m])
last_over_time(sparse[10m])
present_over_time(sparse[10m])
stddev_over_time(temperature_celsius[10m])
stdvar_over_time(temperature_celsius[10m])
quantile_over_time(0.9, temperature_celsius[10m])
absent(foo)
absent(nosuch{job="x", region="us-east-1"})
absent(gone{region="us-east-1"})
absent_over_time(sparse[2m])
absent_over_time(nosuch{region="eu-west-1"}[5m])
histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
histogram_quantile(0.5, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m])))
histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m]))
histogram_quantile(0.9, sum by (le, region) (rate(http_request_duration_seconds_bucket[10m])))
label_replace(foo, "region", "$1-x", "region", "(.*)-1")
label_replace(foo, "cont", "$1", "region", "([a-z]+)-.*")
label_join(foo, "both", "/", "region", "i")
sum by (cont) (label_replace(foo, "cont", "$1", "region", "([a-z]+)-.*"))
sort(foo)
sort_desc(http_requests_total)
abs(temperature_celsius)
ceil(replication_lag_seconds)
floor(replication_lag_seconds)
round(replication_lag_seconds, 0.5)
clamp(foo, 1, 3)
clamp_min(foo, 1)
clamp_max(sum(foo), 3)
exp(foo)
ln(foo)
log2(foo)
log10(foo)
sqrt(foo)
sgn(temperature_celsius)
sin(foo) + cos(foo)
timestamp(foo)
timestamp(sum(foo))
vector(1)
time()
hour()
minute(vector(1768435200))
day_of_week(timestamp(foo))
days_in_month()
pi() * 2
labelled
weird
"""

OPERATORS = """
1 + 1
foo + 1
2 * foo
foo * foo
foo > 1
foo > bool 1
foo == 2
foo != 0.5
-foo
-sum(foo)
foo ^ 2
capacity_used / capacity_limit
sum by (region) (capacity_used) / sum by (region) (capacity_limit)
sum(capacity_used) / sum(capacity_limit) * 100
capacity_used / on (region, pool, resource) capacity_limit > 0.5
replication_lag_seconds * on (db) group_left () max by (db) (db_primary)
replication_lag_seconds * on (db) group_left (region) db_primary
max by (db) (replication_lag_seconds) * on (db) db_primary
foo - on () group_left () sum(foo)
foo / ignoring (i, region) group_left () sum by (job) (foo)
foo and on (region) (up == 1)
foo or ramp
foo unless foo > 1
foo and foo{region="us-east-1"}
foo unless on (region) onlya
sum(foo) or vector(0)
sum(nosuch) or vector(0)
vector(1) or foo
foo{region="us-east-1"} or on (i) foo
(foo + foo) / 2
scalar(sum(foo)) + foo
foo > scalar(avg(foo))
sum(foo) == bool 16.45
max(foo) > bool min(ramp)
topk(2, foo) and foo > 1
count(up == 0) or vector(0)
sum(up) / count(up)
(sum(rate(http_requests_total{code=~"5.."}[5m])) by (service) / sum(rate(http_requests_total[5m])) by (service)) > 0.001
"""

SELECTORS = """
foo
foo{region="eu-west-1"}
foo{region!="eu-west-1"}
foo{region=~"us-.*|ap-.*"}
foo{region=~".+"}
foo{region=""}
foo{region="nowhere"}
foo{i=~"1|3"}
{__name__=~"foo|ramp", region="ap-south-1"}
{job="service", __name__=~"capacity_.*"}
sum(foo{region="us-east-1"}) + sum(foo{region="eu-west-1"})
sum(foo{region="us-east-1"}) / sum(foo)
"""

TIME = """
foo offset 5m
ramp offset 90s
ramp offset -2m
sum(ramp offset 7m)
rate(http_requests_total{service="cart"}[5m] offset 5m)
ramp @ 1768440000
sum(ramp @ 1768440000)
ramp @ start()
sum(ramp @ end())
rate(http_requests_total{code="200"}[5m] @ 1768440000.5)
ramp - ramp @ 1768440000
max_over_time(ramp[10m:1m])
avg_over_time(sum(foo)[10m:30s])
max_over_time(sum(ramp)[20m:45s])
max_over_time(sum by (region) (rate(http_requests_total[2m]))[15m:1m])
min_over_time((max(ramp) - min(ramp))[10m:1m])
rate(http_requests_total{service="cart"}[5m:15s])
sum_over_time(spike[10m:15s])
sum(max_over_time(ramp[10m:1m] offset 5m))
last_over_time(ramp[10m:1m] @ 1768440000)
count_over_time(gone[30m:1m])
quantile_over_time(0.5, sum(ramp)[15m:1m])
absent_over_time(sum(nosuch)[5m:1m])
"""

# Also what Prometheus 2 computes otherwise: a rate over a window in which a counter begins (the
# offset of ten minutes).
V3 = """
rate(http_requests_total{service="cart"}[5m] offset 10m)
foo atan2 2
foo{"region"="us-east-1"}
{"foo"}
{"http.status"="200"}
sum by ("http.status") (dotted)
sum without ("http.status") (dotted)
"""

SETS = {"tripwires": TRIPWIRES, "aggregations": AGGREGATIONS, "functions": FUNCTIONS,
        "operators": OPERATORS, "selectors": SELECTORS, "time": TIME}


def expressions(major):
    """[(set, expression)] for a Prometheus of this major version."""
    sets = dict(SETS, v3=V3) if major >= 3 else SETS
    return [(name, line) for name, text in sets.items() for line in text.strip().splitlines()]
