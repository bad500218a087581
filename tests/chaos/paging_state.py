# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""State: what must be true over kills and restarts. Each scenario returns (measured, pass)."""
import collections
import os
import random
import subprocess
import time

from .paging_truth import Churn, Matched, delivery_delays
from .paging_world import World, alert, kill, metric, wait_until


def a1(options):
    """SIGKILL at random instants while 200 alerts churn."""
    kills, low, high = options.kills, options.low, options.high
    rng = random.Random(options.seed)
    with World() as world:
        begin = time.time() + 2
        truth = Churn(200, begin)
        region, direct, behind = world.region(truth.at), world.hook(), world.hook()
        am = world.alertmanager(behind)
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], [am], [direct])
        program.start()
        first_evaluations, gaps = [], []
        for _ in range(kills):
            time.sleep(rng.uniform(low, high))
            kill(program)
            down = time.time()
            asked = len(region.asked)
            program.launch()
            deadline = time.time() + 30
            while len(region.asked) == asked and time.time() < deadline:
                time.sleep(0.01)
            first_evaluations.append(time.time() - down)
        # A quiet end: nothing changes any more, and everything that is due gets out.
        end = time.time()
        region.truth = lambda t: truth.at(min(t, end))
        time.sleep(3)
        program.wait_ready()
        wait_until(lambda: metric(program, "synoptic_notifications_waiting") == 0, 120,
                   "empty outboxes", 0.2)
        drained = time.time() - end
        time.sleep(2)
        program.stop()
        told = Matched(truth, direct.of(alertname="Flap"), end, max(first_evaluations) + 2)
        keys = collections.Counter(g[5] for g in direct.of(alertname="Flap"))
        duplicates = sum(n - 1 for n in keys.values())
        states, am_duplicates = {}, 0
        for g in sorted(behind.of(alertname="Flap")):
            key = (g[2]["id"], g[3], g[1])
            am_duplicates += key in states
            states[key] = True
        first_evaluations.sort()
        measured = {
            "kills": kills, "transitions": len(keys), "lost_firing": told.lost_firing,
            "lost_though_seen": told.lost_though_seen, "superseded": told.superseded,
            "lost_resolved": told.lost_resolved, "duplicates_direct": duplicates,
            "most_duplicates_of_one": max(keys.values(), default=1) - 1,
            "duplicates_behind_alertmanager": am_duplicates, "split_phases": told.extra,
            "worst_firing_delay_s": round(told.worst, 2), "late": told.late,
            **delivery_delays(direct.of(alertname="Flap")),
            "drained_after_s": round(drained, 1),
            "first_evaluation_p50_s": round(first_evaluations[kills // 2], 3),
            "first_evaluation_max_s": round(first_evaluations[-1], 3)}
        good = not (told.lost_firing or told.lost_resolved or am_duplicates or told.extra)
        return measured, good and first_evaluations[kills // 2] <= 1


# Where a process dies in A2: between all that is done for a page.
CRASH_POINTS = ["rule-amid-send", "state-before-write", "state-amid-write", "state-before-commit",
                "state-after-commit", "outbox-before-send", "outbox-after-send",
                "outbox-after-accept", "state-anew"]


def a2(options):
    """Dead at each named point, 20 times each, while 60 alerts churn."""
    times = 20 if options.kills >= 1000 else 2
    rng = random.Random(options.seed)
    measured, good = {}, True
    for point in CRASH_POINTS:
        with World() as world:
            begin = time.time() + 2
            truth = Churn(60, begin)
            region, hook = world.region(truth.at), world.hook()
            program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))],
                                     hooks=[hook])
            program.start()
            died, longest = 0, 0.0
            for _ in range(times):
                time.sleep(rng.uniform(0, 1))
                state = program.directory / "data/alerts.db"
                if point == "state-anew":  # passed when there is a damaged file to put aside
                    wait_until(lambda: state.exists() and state.stat().st_size > 100, 30,
                               "a state to damage")
                kill(program)
                down = time.time()
                if point == "state-anew":
                    # A length that no page has: the file is told damaged, its records are read.
                    with open(state, "ab") as file:
                        file.write(b"torn")
                    with open(state, "r+b") as file:
                        file.seek(60)  # user_version
                        file.write(bytes([9, 9, 9, 9]))
                count = 1 if point == "state-anew" else rng.randrange(1, 40)
                os.environ["SYNOPTIC_CRASH_AT"] = f"{point}:{count}"
                try:
                    program.launch()
                finally:
                    del os.environ["SYNOPTIC_CRASH_AT"]
                try:
                    program.process.wait(12)
                    died += 1
                except subprocess.TimeoutExpired:
                    kill(program)
                program.launch()
                program.wait_ready()
                longest = max(longest, time.time() - down)
            end = time.time()
            region.truth = lambda t, truth=truth, end=end: truth.at(min(t, end))
            time.sleep(3)
            wait_until(lambda: metric(program, "synoptic_notifications_waiting") == 0, 60,
                       "empty outboxes", 0.2)
            time.sleep(1)
            program.stop()
            told = Matched(truth, hook.of(alertname="Flap"), end, longest + 2)
            measured[point] = {"died": died, "lost_firing": told.lost_firing,
                               "lost_resolved": told.lost_resolved, "split_phases": told.extra}
            good = good and died == times and not (told.lost_firing or told.lost_resolved
                                                   or told.extra)
    return measured, good


def fired_at(hook, name="Flap"):
    return sorted(g[3] for g in hook.of(alertname=name) if g[1] == "firing")


def a3(options):
    """Restart inside `for`: the clock is kept, the gap is looked at again."""
    worst, rows = 0.0, []
    for for_s, run_s, down_s in ((10, 3, 0.2), (10, 4, 4), (15, 5, 6), (20, 10, 5)):
        with World() as world:
            begin = time.time() + 1.5
            region = world.region(lambda t: [({"__name__": "flap"}, 1)] if t >= begin else [])
            hook = world.hook()
            program = world.synoptic({"here": region.url}, [world.rules(
                alert("Flap", **{"for": f"{for_s}s"}))], hooks=[hook])
            program.start()
            time.sleep(max(0, begin + run_s - time.time()))
            kill(program)
            time.sleep(down_s)
            program.launch()
            wait_until(lambda: fired_at(hook), for_s + 15, "the page")
            error = fired_at(hook)[0] - (begin + for_s)
            rows.append(round(error, 2))
            worst = max(worst, abs(error - 0.5) - 0.5)  # the first slot is up to 1 s after `begin`
    return {"errors_s": rows}, all(0 <= e <= 2.0 for e in rows)


def a3_no_data(options):
    """Restart inside `for` with a gap of which the region has no data: the clock stands still."""
    with World() as world:
        begin = time.time() + 1.5
        region = world.region(lambda t: [({"__name__": "flap"}, 1)] if t >= begin else [])
        hook = world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(
            alert("Flap", **{"for": "10s"}))], hooks=[hook])
        program.start()
        time.sleep(max(0, begin + 5 - time.time()))
        kill(program)
        down = time.time()
        time.sleep(6)
        up = time.time()
        region.has_data = lambda t: t < down or t >= up - 0.2
        program.launch()
        wait_until(lambda: fired_at(hook), 30, "the page")
        error = fired_at(hook)[0] - (begin + 10 + (up - down))
        return {"error_s": round(error, 2)}, -1.2 <= error <= 2.2


def a4(options):
    """False while nobody looked, true before and after: no early page."""
    with World() as world:
        begin = time.time() + 1.5
        off = {"from": 1e18, "to": 1e18}
        region = world.region(lambda t: [({"__name__": "flap"}, 1)]
                              if t >= begin and not off["from"] <= t < off["to"] else [])
        hook = world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(
            alert("Flap", **{"for": "8s"}))], hooks=[hook])
        program.start()
        time.sleep(max(0, begin + 5 - time.time()))
        kill(program)
        off["from"], off["to"] = time.time() + 0.5, time.time() + 3.5
        time.sleep(5)
        program.launch()
        wait_until(lambda: fired_at(hook), 30, "the page")
        error = fired_at(hook)[0] - (off["to"] + 8)
        return {"error_s": round(error, 2)}, -0.1 <= error <= 2.1


def a5(options):
    """`keep_firing_for`, and a changed `for`, over a restart."""
    with World() as world:
        begin = time.time() + 1.5
        region = world.region(lambda t: [({"__name__": "flap"}, 1)]
                              if begin <= t < begin + 4 else [])
        hook = world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(
            alert("Flap", keep_firing_for="10s"))], hooks=[hook])
        program.start()
        time.sleep(max(0, begin + 7 - time.time()))
        kill(program)
        time.sleep(3)
        program.launch()
        wait_until(lambda: [g for g in hook.of(alertname="Flap") if g[1] == "resolved"], 30, "end")
        ended = [g[4] for g in hook.of(alertname="Flap") if g[1] == "resolved"]
        error = ended[0] - (begin + 14)
        firing = len(fired_at(hook))
        return {"resolved_error_s": round(error, 2), "firing": firing}, \
            firing == 1 and len(ended) == 1 and -0.1 <= error <= 2.1


def a13(options):
    """The process stands still for ten seconds: no burst, nothing lost."""
    with World() as world:
        begin = time.time() + 1
        truth = Churn(20, begin)
        region, hook = world.region(truth.at), world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], hooks=[hook])
        program.start()
        time.sleep(10)
        program.freeze()
        time.sleep(10)
        asked = len(region.asked)
        program.thaw()
        time.sleep(1.0)
        burst = len(region.asked) - asked
        time.sleep(14)
        program.stop()
        # Phases that lay wholly in the dark cannot be told.
        twice = sum(n - 1 for n in collections.Counter(g[5] for g in hook.got).values())
        return {"evaluations_in_first_second": burst, "duplicates": twice}, burst <= 3 and twice == 0


SCENARIOS = [
    ("A1", "0 lost of all transitions, 0 duplicates behind Alertmanager, first evaluation <= 1 s", a1),
    ("A2", "dead at every named point, 20 times each: 0 lost, nothing told twice as two", a2),
    ("A3", "fire time error <= 1 interval of 1 s (plus the slot) over any restart", a3),
    ("A3-no-data", "the gap is neither counted nor a reset", a3_no_data),
    ("A4", "0 early pages", a4),
    ("A5", "keep_firing_for exact over a restart", a5),
    ("A13", "at most one extra evaluation after standing still, no duplicates", a13),
]
