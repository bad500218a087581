#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Hostile upstreams, U1 to U20: whatever a region sends, the others' answers stay right, memory grows
by no more than the budget of one response and 8 MiB, a bad answer costs no more than 2 s of CPU, and
the error names the region.

Each scenario has a process of its own, that nothing was asked before: what it takes is not hidden by
what another one left, nor is another one's taken for it. `together`: one process asks them all.

usage: hostile_test.py [--quick] [--repeat N] [--no-rss] [-v] [WORD...]
One JSON line a scenario. --quick leaves out what takes long. A WORD selects scenarios by name.
"""
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from chaos import leave, modes, tls  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.process import Daemon  # noqa: E402
from lab.servers import Synoptic  # noqa: E402
from lab.topology import Lab  # noqa: E402

MiB = 1 << 20
BUDGET = 32 * MiB
SLACK = 8 * MiB
CPU_SECONDS = 2.0
# While others answer, a bad region costs at most this; with partial=require the whole time of the
# rules for progress and rate.
SECONDS, REQUIRED_SECONDS = 3.5, 7.0
# A client that leaves is not worked for: its upstream requests end.
LEAVE_SECONDS = 0.1
AT = 1_768_440_000
GOOD = ("good1", "good2")
SLOW = ("U12.", "U14.", "U2.gzip_bomb", "U3.dense", "U11.many")
WHY_NOT = {"U19": "HTTP/2 is not offered toward upstreams"}


class Hostile(Daemon):
    LISTENING = re.compile(r"listening (\d+)")

    def argv(self):
        script = pathlib.Path(__file__).parent / "hostile.py"
        tls_there = ["--tls", self.directory / "tls"] if self.name == "hostile" else []
        return [sys.executable, script, "--now", AT, *tls_there]

    def tls_ports(self):
        return {name: int(port) for name, port in
                re.findall(r"tls (\w+) (\d+)", self.log_since_launch())}


def regions_of(hostile, honest):
    def region(name, url, read="query", **http):
        return {"name": name, "shards": [{
            "replicas": [{"url": url}], "read": read, "http": http,
            "limits": {"max_response_bytes": f"{BUDGET // MiB}MiB"}}]}
    made = [region(name, f"{honest.url}/{name}") for name in GOOD]
    for mode in modes.MODES.values():
        read = "remote_read" if mode.kind == modes.READ else "query"
        made.append(region(mode.name, f"{hostile.url}/{mode.name}", read))
    for name, port in hostile.tls_ports().items():
        made.append(region(f"U18.{name}", f"https://127.0.0.1:{port}/good3",
                           tls_config={"ca_file": str(hostile.directory / "tls/ca.crt")}))
    return made


def ask(client, mode, regions):
    kind, require = mode.kind, mode.require
    # What a region sends once as histograms is read raw for a while.
    metric = "h" if mode.name.startswith("U11") else "m"
    more = {"regions": ",".join(regions), "nocache": "1",
            "partial": "require" if require else None}
    if kind == modes.STEPS:
        return client.query(f"sum by (region) ({metric})", time=AT, **more)
    if kind == modes.RANGE:
        return client.query_range(f"sum by (region) ({metric})", AT, AT + 60, 15, **more)
    if kind in (modes.RAW, modes.READ):
        return client.query(f"{metric}[5m]", time=AT, **more)
    path = {modes.SERIES: "series", modes.LABELS: "labels", modes.VALUES: "label/a/values",
            modes.METADATA: "metadata", modes.RULES: "rules"}[kind]
    match = "m" if kind == modes.SERIES else None
    return client.get(f"/api/v1/{path}", match=match, **more)


def values_by_region(answer):
    found = {}
    for series in answer.data["result"]:
        point = series["value"] if "value" in series else series["values"][0]
        found.setdefault(series["metric"].get("region"), []).append(point[1])
    return found


def check(mode, answer):
    """What is wrong with the answer; empty: nothing."""
    if mode.require:
        if answer.status != 503 or mode.name not in answer.text:
            return f"expected 503 naming {mode.name}, got {answer.status} {answer.text[:200]}"
        return ""
    if mode.expect == "fails":
        return "" if answer.status == 422 and mode.name in answer.text else (
            f"expected 422 naming {mode.name}, got {answer.status} {answer.text[:200]}")
    if answer.status != 200:
        return f"HTTP {answer.status}: {answer.text[:300]}"
    coverage = answer.headers.get("Synoptic-Coverage") or ""
    for name in ("Set-Cookie", "X-Evil", "Strict-Transport-Security"):
        if answer.headers.get(name):
            return f"header {name} came through"
    missing = f"{mode.name}(" in coverage
    if missing and not any(mode.name in warning for warning in answer.warnings):
        return f"no warning names it: {answer.warnings}"
    if missing != (mode.expect == "missing") and mode.expect != "either":
        return f"expected {mode.expect}, coverage {coverage!r} {answer.text[:200]}"
    if len(answer.text) > MiB:
        return f"an answer of {len(answer.text)} bytes"
    if mode.kind in (modes.STEPS, modes.RANGE, modes.RAW, modes.READ):
        values = values_by_region(answer)
        for name in GOOD:
            if values.get(name) != [name[4:]]:
                return f"{name} answers {values.get(name)}"
        if missing and mode.name in values:
            return "it is missing and answers"
    elif mode.kind in (modes.LABELS, modes.VALUES, modes.SERIES) and not answer.data:
        return "the others' answer is gone"
    return ""


def memory(pid, key):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(key + r":\s+(\d+) kB", text).group(1)) * 1024


def is_idle(hostile):
    """The scripted server is not busy any more with the answer that was given up before."""
    return Client(f"{hostile.url}/good1", timeout=20).query("m", time=AT).seconds < 0.05


def calm(kind):
    """What the good regions are asked alone."""
    return modes.Mode("", kind, "", None, False)


def run_one(synoptic, hostile, mode, times):
    client = synoptic.client(timeout=60)
    wait_until(lambda: is_idle(hostile), 40, "the scripted server is idle")
    wait_until(lambda: ask(client, calm(mode.kind), GOOD).status == 200, 10, "the good answer")
    pathlib.Path(f"/proc/{synoptic.pid}/clear_refs").write_text("5")
    before, cpu = memory(synoptic.pid, "VmRSS"), synoptic.cpu_seconds()
    wrong, longest = "", 0.0
    for _ in range(times):
        begin = time.monotonic()
        answer = ask(client, mode, [*GOOD, mode.name])
        longest = max(longest, time.monotonic() - begin)
        wrong = wrong or check(mode, answer)
    # The leg that was given up has had its time to end, too.
    time.sleep(0.05)
    grown = max(0, memory(synoptic.pid, "VmHWM") - before)
    cpu = (synoptic.cpu_seconds() - cpu) / times
    bar = {"rss_bytes": BUDGET + SLACK, "cpu_seconds": CPU_SECONDS,
           "seconds": REQUIRED_SECONDS if mode.require else SECONDS}
    measured = {"rss_bytes": grown, "cpu_seconds": round(cpu, 2), "seconds": round(longest, 2)}
    over = [f"{key} {measured[key]} over {bar[key]}" for key in bar
            if measured[key] > bar[key] and not (key == "rss_bytes" and "--no-rss" in sys.argv)]
    return bar, measured, "; ".join([wrong] * bool(wrong) + over)


def run_together(lab, config, modes_now):
    """One process asks all of a kind at once, and then the good ones. What is wrong; empty: nothing."""
    synoptic = lab.add(Synoptic(lab.directory / "together", config, name="together")).start()
    client = synoptic.client(timeout=60)
    wrong = ""
    for kind in sorted({mode.kind for mode in modes_now}):
        names = [mode.name for mode in modes_now if mode.kind == kind]
        answer = ask(client, modes.Mode(names[0], kind, "", None, False), [*GOOD, *names])
        # With so many there may be no whole answer (a query has one budget), but always one.
        if answer.status not in (200, 422, 503):
            wrong = wrong or f"{kind}: HTTP {answer.status}: {answer.text[:200]}"
        if kind not in (modes.METADATA, modes.RULES):  # these ask all regions there are
            wrong = wrong or check(modes.Mode("", kind, "answers", None, False), ask(client, calm(kind), GOOD))
    code = synoptic.stop()
    return wrong or (f"exit code {code}: {synoptic.log_since_launch()[-2000:]}" if code else "")


class Report:
    """Counts, and prints a line of JSON for what failed; with `all` for everything."""

    def __init__(self, everything):
        self.everything, self.passed, self.failed = everything, 0, 0

    def add(self, name, bar, measured, wrong):
        line = {"id": name, "bar": bar, "measured": measured, "pass": not wrong}
        if wrong:
            line["why"] = wrong
        self.passed, self.failed = self.passed + (not wrong), self.failed + bool(wrong)
        if wrong or self.everything:
            print(json.dumps(line), flush=True)


def run_alone(lab, config, hostile, mode, times):
    """A scenario in a process of its own."""
    regions = [region for region in config["regions"] if region["name"] in (*GOOD, mode.name)]
    synoptic = lab.add(Synoptic(lab.directory / mode.name, {**config, "regions": regions},
                                name=mode.name)).start()
    try:
        bar, measured, wrong = run_one(synoptic, hostile, mode, times)
    except Exception as error:  # a crash ends the scenario, but in order
        bar, measured, wrong = {}, {}, f"{type(error).__name__}: {error}"
    code = synoptic.stop()
    if code and not wrong:
        wrong = f"exit code {code}: {synoptic.log_since_launch()[-2000:]}"
    return bar, measured, wrong


def main():
    arguments = sys.argv[1:]
    times = 1
    if "--repeat" in arguments:
        at = arguments.index("--repeat")
        times = int(arguments[at + 1])
        del arguments[at:at + 2]
    words = [word for word in arguments if not word.startswith("-")]
    quick = "--quick" in arguments
    report = Report(not quick or "-v" in arguments)
    begin = time.monotonic()
    with Lab("synoptic-hostile-") as lab:
        hostile = lab.add(Hostile("hostile", lab.directory / "hostile").launch().wait_port())
        # A process of its own: making a bad answer must not hold a good one up.
        honest = lab.add(Hostile("honest", lab.directory / "honest").launch().wait_port())
        config = {"regions": regions_of(hostile, honest),
                  "global": {"query": {"max_memory": f"{BUDGET // MiB}MiB"}}}
        all_modes = dict(modes.MODES)
        for name in hostile.tls_ports():
            expect = "answers" if name in tls.GOOD else "missing"
            all_modes[f"U18.{name}"] = modes.Mode(f"U18.{name}", modes.STEPS, expect, None, False)
        chosen = [all_modes[name]
                  for name in sorted(all_modes, key=lambda n: (int(n[1:].split(".")[0]), n))
                  if (not words or any(word in name for word in words))
                  and not (quick and name.startswith(SLOW))]
        for mode in chosen:
            report.add(mode.name, *run_alone(lab, config, hostile, mode, times))
        if not words or "together" in words:
            them = chosen if "together" not in words else list(all_modes.values())
            report.add("together", {}, {}, run_together(lab, config, them))
        if not words or "leave" in words:
            middle, most = leave.measure(lab)
            report.add("leave", {"median_s": LEAVE_SECONDS},
                       {"median_s": round(middle, 4), "most_s": round(most, 4)},
                       "" if middle <= LEAVE_SECONDS else "too late")
        for name, why in WHY_NOT.items():
            if not quick:
                print(json.dumps({"id": name, "skipped": why}))
    print(f"chaos_hostile_seconds {time.monotonic() - begin:.0f} s")
    print(f"hostile: {report.passed} passed, {report.failed} failed")
    return 1 if report.failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
