# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What should have been told: alerts whose beginnings and ends are known beforehand, and what the
log of a sink lacks of them."""
import bisect
import collections
import random


class Churn:
    """Alerts that begin and end for ever, each in its own time: the scripted truth."""

    def __init__(self, count, begin, seed=1):
        rng = random.Random(seed)
        self.alerts = []  # (name, offset, seconds on, seconds off)
        for i in range(count):
            self.alerts.append((f"a{i:03}", begin + rng.uniform(0, 20), rng.uniform(6, 14),
                                rng.uniform(6, 14)))

    @staticmethod
    def on(spec, t):
        _, begin, on, off = spec
        return t >= begin and (t - begin) % (on + off) < on

    def at(self, t):
        return [({"__name__": "flap", "id": spec[0]}, 1) for spec in self.alerts
                if self.on(spec, t)]

    def phases(self, until):
        """{name: [(begin, end)]} of all times on that ended before `until`."""
        result = {}
        for name, begin, on, off in self.alerts:
            phases = []
            t = begin
            while t + on < until:
                phases.append((t, t + on))
                t += on + off
            result[name] = phases
        return result


class Matched:
    """Every phase against the log: what was told of it, and what was not."""

    def __init__(self, truth, got, until, slack):
        events = collections.defaultdict(dict)  # alert -> startsAt -> states told
        self.arrived = collections.defaultdict(float)  # evaluation -> its last first delivery
        first_told = {}
        for at, status, labels, begin, ended, *_ in sorted(got, key=lambda g: g[0]):
            events[labels["id"]].setdefault(round(begin, 3), set()).add(status)
            if first_told.setdefault((labels["id"], round(begin, 3), status), at) == at:
                slot = round(begin if status == "firing" else ended, 3)
                self.arrived[slot] = max(self.arrived[slot], at)
        self.slots_told = sorted(self.arrived)
        # One answer tells of all alerts: where one began, each that was on then was seen to be.
        slots = sorted({begin for starts in events.values() for begin in starts})
        self.lost_firing = self.lost_resolved = self.extra = self.late = 0
        self.lost_though_seen = 0  # of those lost: by us, and not for want of an evaluation
        # Of all lost: still waiting when the alert began anew, which by design takes their place.
        self.superseded = 0
        self.worst = 0.0
        for name, phases in truth.phases(until).items():
            starts = events[name]
            for i, (begin, end) in enumerate(phases):
                match = [s for s in starts if begin - 0.01 <= s < end]
                after = phases[i + 1][0] if i + 1 < len(phases) else None
                if not match:
                    self.superseded += self.waited(begin, after)
                    self.lost_firing += 1
                    at = bisect.bisect_left(slots, begin)
                    self.lost_though_seen += at < len(slots) and slots[at] < end
                    continue
                first = min(match)
                self.extra += len(match) - 1
                self.worst = max(self.worst, first - begin)
                self.late += first - begin > slack
                self.lost_firing += "firing" not in starts[first]
                if "resolved" not in starts[first]:
                    self.lost_resolved += 1
                    self.superseded += self.waited(end, after)

    def waited(self, since, until):
        """Whether what changed at `since` was still in the queue at `until`: so was what was decided
        in the same evaluation, or in the next one that told of anything."""
        at = bisect.bisect_left(self.slots_told, since)
        return until is not None and at < len(self.slots_told) \
            and self.arrived[self.slots_told[at]] >= until


def delivery_delays(got):
    """How long after its evaluation a beginning arrives, in seconds."""
    delays = sorted(g[0] - g[3] for g in got if g[1] == "firing") or [0.0]
    return {"delivered_after_p50_s": round(delays[len(delays) // 2], 2),
            "delivered_after_max_s": round(delays[-1], 2)}
