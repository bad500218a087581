# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Compares two query results: the same series, the same stamps, the same floats.

Only where an expression adds floats of several series may the order of addition differ (a relative
1e-9); all else is bit for bit, which for the API's shortest decimals means the same text.
"""
import math
import re

# Aggregations that add up: regions' sums are added in another order than one server adds its series.
ADDS = re.compile(r"\b(sum|avg|stddev|stdvar)\b\s*(by|without|\()")
TOLERANCE = 1e-9


class Different(AssertionError):
    pass


def _key(labels):
    return tuple(sorted(labels.items()))


def _name(labels):
    return "{" + ", ".join(f"{key}={value!r}" for key, value in sorted(labels.items())) + "}"


def _same_value(got, want, exact):
    if got == want:
        return True
    if exact:
        return False
    a, b = float(got), float(want)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-12)


def _same_points(got, want, exact, who):
    if [stamp for stamp, _ in got] != [stamp for stamp, _ in want]:
        raise Different(f"{who}: {len(got)} points {_stamps(got)}, want {len(want)} {_stamps(want)}")
    for (stamp, value), (_, wanted) in zip(got, want):
        if not _same_value(value, wanted, exact):
            raise Different(f"{who} at {stamp}: {value}, want {wanted}")


def _stamps(points):
    stamps = [stamp for stamp, _ in points]
    return stamps if len(stamps) < 5 else f"{stamps[:2]}..{stamps[-2:]}"


def compare(expression, got, want, same_engine=True):
    """got, want: the `data` of query or query_range. Raises Different. same_engine: whether the truth
    computes as we do; an older Prometheus adds up in other ways, and is met within the tolerance."""
    if got["resultType"] != want["resultType"]:
        raise Different(f"type {got['resultType']}, want {want['resultType']}")
    exact = same_engine and not ADDS.search(expression)
    kind = want["resultType"]
    if kind in ("scalar", "string"):
        _same_points([got["result"]], [want["result"]], exact, kind)
        return
    ours = {_key(series["metric"]): series for series in got["result"]}
    if len(ours) != len(got["result"]):
        raise Different("one series twice in the answer")
    theirs = {_key(series["metric"]): series for series in want["result"]}
    for key in theirs.keys() - ours.keys():
        raise Different(f"lacks {_name(dict(key))} ({len(ours)} series, want {len(theirs)})")
    for key in ours.keys() - theirs.keys():
        raise Different(f"has {_name(dict(key))} too many ({len(ours)} series, want {len(theirs)})")
    field = "values" if kind == "matrix" else "value"
    for key, series in theirs.items():
        points = [ours[key][field], series[field]]
        _same_points(*(points if kind == "matrix" else [[point] for point in points]), exact,
                     _name(dict(key)))
    if kind == "matrix":
        _same_order([_key(series["metric"]) for series in got["result"]],
                    [_key(series["metric"]) for series in want["result"]])
    elif expression.startswith("sort"):
        # Equal values may come in any order: the values say whether it is sorted.
        _same_order([series["value"][1] for series in got["result"]],
                    [series["value"][1] for series in want["result"]])


def _same_order(got, want):
    """A matrix is sorted by labels, and sort() by value: the order is part of the answer."""
    for ours, theirs in zip(got, want):
        if ours != theirs:
            raise Different(f"order: {ours} where {theirs} belongs")
