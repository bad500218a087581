# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""State: what must be true over kills, restarts and broken disks. Each scenario returns
(measured, pass)."""
import collections
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import time

from .paging_world import World, alert, kill, metric, wait_until


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


def match_phases(truth, got, until, slack):
    """Every phase has its firing and its resolved in the log. Returns counts."""
    events = collections.defaultdict(list)
    for g in got:
        events[g[2]["id"]].append(g)
    lost_firing = lost_resolved = extra = late = 0
    worst = 0.0
    for name, phases in truth.phases(until).items():
        starts = {}
        for _, status, _, begin, _, _, _ in events[name]:
            starts.setdefault(round(begin, 3), set()).add(status)
        for begin, end in phases:
            match = [s for s in starts if begin - 0.01 <= s < end]
            if not match:
                lost_firing += 1
                continue
            first = min(match)
            extra += len(match) - 1
            worst = max(worst, first - begin)
            late += first - begin > slack
            if "firing" not in starts[first]:
                lost_firing += 1
            if "resolved" not in starts[first]:
                lost_resolved += 1
    return lost_firing, lost_resolved, extra, late, worst


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
        lost_firing, lost_resolved, extra, late, worst = match_phases(
            truth, direct.of(alertname="Flap"), end, max(first_evaluations) + 2)
        keys = collections.Counter(g[5] for g in direct.of(alertname="Flap"))
        duplicates = sum(n - 1 for n in keys.values())
        states, am_duplicates = {}, 0
        for g in sorted(behind.of(alertname="Flap")):
            key = (g[2]["id"], g[3], g[1])
            am_duplicates += key in states
            states[key] = True
        first_evaluations.sort()
        measured = {
            "kills": kills, "transitions": len(keys), "lost_firing": lost_firing,
            "lost_resolved": lost_resolved, "duplicates_direct": duplicates,
            "most_duplicates_of_one": max(keys.values(), default=1) - 1,
            "duplicates_behind_alertmanager": am_duplicates, "split_phases": extra,
            "worst_firing_delay_s": round(worst, 2), "late": late,
            "drained_after_s": round(drained, 1),
            "first_evaluation_p50_s": round(first_evaluations[kills // 2], 3),
            "first_evaluation_max_s": round(first_evaluations[-1], 3)}
        good = lost_firing == 0 and lost_resolved == 0 and am_duplicates == 0 and extra == 0
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
                kill(program)
                down = time.time()
                if point == "state-anew":  # passed when there is a damaged file to put aside
                    state = program.directory / "data/alerts.db"
                    if state.exists():
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
            lost_firing, lost_resolved, extra, _, _ = match_phases(
                truth, hook.of(alertname="Flap"), end, longest + 2)
            measured[point] = {"died": died, "lost_firing": lost_firing,
                               "lost_resolved": lost_resolved, "split_phases": extra}
            good = good and died == times and lost_firing == lost_resolved == extra == 0
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


def a14(options):
    """The state file torn, flipped and emptied: it starts, and invents nothing."""
    started = invented = reported = 0
    rounds = 24
    rng = random.Random(7)
    with World() as world:
        region = world.region(lambda t: [({"__name__": "flap", "id": str(i)}, 1)
                                         for i in range(50)])
        hook = world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], hooks=[hook])
        program.start()
        wait_until(lambda: len(hook.of(alertname="Flap")) == 50, 20, "50 pages")
        kill(program)
        state = program.directory / "data/alerts.db"
        good = state.read_bytes()
        for i in range(rounds):
            for old in state.parent.glob("alerts.db*"):
                old.unlink()
            bad = bytearray(good)
            if i % 3 == 0:
                bad = bad[:rng.randrange(len(bad))]
            else:
                for _ in range(1 if i % 3 == 1 else 20):
                    bad[rng.randrange(len(bad))] ^= rng.randrange(1, 256)
            state.write_bytes(bytes(bad))
            program.launch()
            try:
                program.wait_ready()
                started += 1
                time.sleep(0.3)
                reported += any(state.parent.glob("alerts.db.corrupt*"))
            finally:
                kill(program)
        invented = sum(1 for g in hook.got if g[2].get("alertname") == "Flap"
                       and (g[1] != "firing" or int(g[2]["id"]) >= 50))
    return {"rounds": rounds, "started": started, "set_aside": reported, "invented": invented}, \
        started == rounds and invented == 0


def a15(options):
    """The disk is full: paging goes on, and says that it is not durable; then there is room."""
    with World() as world:
        mount = world.directory / "small"
        mount.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return {"cannot_run": done.stderr.strip()}, None
        world.callback(subprocess.run, ["umount", "-l", mount], check=False)
        begin = time.time() + 1
        truth = Churn(60, begin)
        region, hook = world.region(truth.at), world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], hooks=[hook],
                                 data=mount)
        program.start()
        time.sleep(4)
        sizes = {f.name: f.stat().st_size for f in mount.iterdir()}
        with open(mount / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        wait_until(lambda: metric(program, "synoptic_state_durable") == 0, 20, "not durable")
        full_at = time.time()
        time.sleep(15)
        (mount / "filler").unlink()
        freed = time.time()
        wait_until(lambda: metric(program, "synoptic_state_durable") == 1, 20, "durable again")
        recovery = time.time() - freed
        end = time.time()
        time.sleep(16)
        lost_firing, lost_resolved, _, _, _ = match_phases(
            truth, hook.of(alertname="Flap"), end, 3)
        told = len(hook.of(alertname="SynopticStateDamaged"))
        program.stop()
        return {"files_before": sizes, "full_s": round(freed - full_at, 1), "recovery_s": round(recovery, 2),
                "lost_firing": lost_firing, "lost_resolved": lost_resolved,
                "state_alerts": told}, \
            recovery <= 10 and lost_firing == 0 and lost_resolved == 0 and told > 0


def a22(options):
    """SIGTERM with a full outbox: what did not get out goes out at the next start."""
    with World() as world:
        region = world.region(lambda t: [({"__name__": "flap", "id": str(i)}, 1)
                                         for i in range(500)])
        down = world.script(lambda n, alerts: (503, ()))
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], [down])
        program.start()
        wait_until(lambda: down.requests, 10, "a first attempt")
        begin = time.time()
        program.ask_to_stop()
        program.process.wait(40)
        stop_s = time.time() - begin
        code = program.process.returncode
        region.truth = lambda t: []  # whatever comes now comes from the disk, or is a resolve
        down.script = lambda n, alerts: (200, ())
        program.launch()
        wait_until(lambda: sum("Flap" in k for k in down.taken) == 500, 30, "all 500")
        return {"stop_s": round(stop_s, 1), "exit": code, "delivered_after": 500}, stop_s <= 30


def a23(options):
    """A newer format is refused with words; the file is left alone."""
    with World() as world:
        region = world.region(lambda t: [({"__name__": "flap"}, 1)])
        hook = world.hook()
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], hooks=[hook])
        program.start()
        wait_until(lambda: hook.of(alertname="Flap"), 10, "a page")
        program.stop()
        path = program.directory / "data/alerts.db"
        db = sqlite3.connect(path)
        with db:
            db.execute("PRAGMA user_version = 2")
            db.execute("UPDATE state SET body = CAST('2' AS BLOB), crc = 2069373967 WHERE kind = 0")
        db.close()
        before = path.read_bytes()
        program.launch()
        code = program.process.wait(20)
        words = "format 2" in program.log_since_launch()
        return {"exit": code, "says_why": words, "untouched": path.read_bytes() == before}, \
            code == 1 and words and path.read_bytes() == before


SCENARIOS = [
    ("A1", "0 lost of all transitions, 0 duplicates behind Alertmanager, first evaluation <= 1 s", a1),
    ("A2", "dead at every named point, 20 times each: 0 lost, nothing told twice as two", a2),
    ("A3", "fire time error <= 1 interval of 1 s (plus the slot) over any restart", a3),
    ("A3-no-data", "the gap is neither counted nor a reset", a3_no_data),
    ("A4", "0 early pages", a4),
    ("A5", "keep_firing_for exact over a restart", a5),
    ("A13", "at most one extra evaluation after standing still, no duplicates", a13),
    ("A14", "starts in 100 %, invents nothing", a14),
    ("A15", "0 lost while full, told, durable <= 10 s after there is room", a15),
    ("A22", "stops in 30 s, 0 lost", a22),
    ("A23", "a newer state is refused with a reason and left alone", a23),
]
