# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Disks that are damaged, full or of another version, and what is on them at the end. Each scenario
returns (measured, pass)."""
import random
import sqlite3
import subprocess
import time

from .paging_truth import Churn, Matched
from .paging_world import World, alert, kill, metric, wait_until


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
        matched = Matched(truth, hook.of(alertname="Flap"), end, 3)
        told = len(hook.of(alertname="SynopticStateDamaged"))
        program.stop()
        return {"files_before": sizes, "full_s": round(freed - full_at, 1), "recovery_s": round(recovery, 2),
                "lost_firing": matched.lost_firing,
                "lost_resolved": matched.lost_resolved,
                "state_alerts": told}, \
            recovery <= 10 and not (matched.lost_firing or matched.lost_resolved) and told > 0


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
    ("A14", "starts in 100 %, invents nothing", a14),
    ("A15", "0 lost while full, told, durable <= 10 s after there is room", a15),
    ("A22", "stops in 30 s, 0 lost", a22),
    ("A23", "a newer state is refused with a reason and left alone", a23),
]
