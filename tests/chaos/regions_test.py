#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Regions that go dark, slow or broken, N1 to N17: three regions of two real Prometheus servers, each
region in a network namespace, and what that costs who asks.

usage: regions_test.py [--quick] [--can-run] [WORD...]
One JSON line a scenario. --quick: fewer rounds. --can-run: only says whether namespaces can be made
here (77: no). A WORD selects scenarios: N1, N14.
"""
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from chaos import network  # noqa: E402
from lab import history  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.process import free_port  # noqa: E402
from lab.servers import Synoptic, prometheus_binary, synoptic_binary  # noqa: E402
from lab.topology import Lab  # noqa: E402

QUICK = "--quick" in sys.argv
REGIONS = ["r0", "r1", "r2"]
DARK = "r0"
START, END, STEP = 1_768_435_200, 1_768_440_600, 15
AT = END - 31.5
SUM = "sum by (region) (rate(hits_total[5m]))"
ROUNDS = 60 if QUICK else 200
FIRST_SECONDS, OPEN_SECONDS, BACK_SECONDS = 2.5, 3.0, 10.0
HERE = pathlib.Path(__file__).parent


class Failed(AssertionError):
    """A bar is missed; `measured` is what was."""


def p(seconds, percent):
    return statistics.quantiles(seconds, n=100)[percent - 1] if len(seconds) > 1 else seconds[0]


class World:
    """The regions, and a Synoptic over them."""

    def __init__(self, lab, spaces):
        self.lab, self.spaces = lab, spaces
        self.servers, self.synoptic, self.client, self.count = {}, None, None, 0
        binary = prometheus_binary()
        for nth, (region, space) in enumerate(zip(REGIONS, spaces)):
            self.servers[region] = []
            for replica in range(2):
                name = f"{region}-{replica}"
                text = lab.directory / f"{name}.om"
                history.write_openmetrics(text, list(self.past(nth, replica)))
                history.create_blocks(text, lab.directory / name / "data")
                self.servers[region].append(lab.add(network.RegionalPrometheus(
                    name, lab.directory / name, binary, space, 9090 + replica)))
        for server in self.all_servers():
            server.launch()
        for server in self.all_servers():
            server.wait_ready()
        self.urls = {region: [s.url for s in servers] for region, servers in self.servers.items()}

    @staticmethod
    def past(nth, replica):
        """Counters, and the `up` of their scrapes; the replicas of the last region disagree: holes,
        and a value of its own."""
        for index in range(20):
            samples, total = [], 0.0
            for k, t in enumerate(range(START, END, STEP)):
                total += (index + 1) * (nth + 1) + k % 7
                hole = nth == 2 and (200 <= k < 212 if replica else 320 <= k < 325)
                if not hole:
                    odd = nth == 2 and replica == 1 and index == 3 and k == 340
                    samples.append((t * 1000 + 100 * replica, total + (1 if odd else 0)))
            scrapes = [(stamp, 1) for stamp, _ in samples]
            yield {"__name__": "hits_total", "i": str(index), "job": "service"}, samples
        yield {"__name__": "up", "job": "service"}, scrapes

    def all_servers(self):
        return [server for servers in self.servers.values() for server in servers]

    def start(self, urls=None, prefix=(), **more):
        if self.synoptic:
            self.synoptic.stop()
        self.count += 1
        urls = urls or self.urls
        config = {"regions": [{"name": r, "prometheus": u} for r, u in urls.items()], **more}
        made = Synoptic(self.lab.directory / f"synoptic{self.count}", config)
        if prefix:
            plain = made.argv
            made.argv = lambda: [*prefix, *plain()]
        self.synoptic = self.lab.add(made)
        made.start()
        self.client = made.client(timeout=60)
        return self.client

    def fresh(self, **more):
        """A Synoptic that knows every region to be well, and the right answer."""
        self.start(**more)
        wait_until(lambda: complete(self.ask()), 15, "complete answers")
        self.truth = sorted(self.ask().data["result"], key=str)
        return self.client

    def ask(self, query=SUM, **more):
        # Past what is remembered: it is the regions that are looked at.
        return self.client.query(query, time=AT, nocache="1", **more)

    def times(self, rounds=ROUNDS, check=None):
        seconds = []
        for _ in range(rounds):
            answer = self.ask()
            seconds.append(answer.seconds)
            if check:
                check(answer)
        return seconds

    def honest(self, answer):
        """Complete and right, or partial and says so: never silently less."""
        if answer.status != 200:
            raise Failed(f"HTTP {answer.status} {answer.text[:200]}")
        got = sorted(answer.data["result"], key=str)
        if complete(answer):
            if got != self.truth:
                raise Failed(f"called complete, and is not: {got}")
            return True
        if not answer.warnings:
            raise Failed("partial without a warning")
        missing = set(re.findall(r"(r\d)\(", answer.headers.get("Synoptic-Coverage")))
        wanted = [s for s in self.truth if s["metric"]["region"] not in missing]
        if got != wanted:
            raise Failed(f"missing {missing}, got {got}")
        return False

    def metric(self, name, **labels):
        total = 0.0
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(name) and all(f'{k}="{v}"' in line for k, v in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def opened(self):
        return all(self.metric("synoptic_upstream_breaker_state", replica=s.url) > 0
                   for s in self.servers[DARK])

    def settled(self):
        """Every replica is asked in its turn again: those of a region were scraped at other moments,
        and an answer of the second, while the first is still left out, is another truth."""
        return all(self.metric("synoptic_upstream_breaker_state", replica=s.url) == 0
                   and self.metric("synoptic_upstream_up", replica=s.url) == 1
                   for s in self.all_servers())

    def heal(self):
        for space in self.spaces:
            space.clear()
        for server in self.all_servers():
            server.thaw()


def complete(answer):
    return answer.status == 200 and answer.headers.get("Synoptic-Coverage") == "complete"


SCENARIOS = {}


def scenario(name, what):
    def add(function):
        SCENARIOS[name] = (what, function)
        return function
    return add


def dark(world, make_dark, before=None):
    """What a region that goes dark costs; and its return."""
    world.fresh()
    world.times(20)
    healthy = world.times()
    if before:
        before()
    make_dark()
    first = world.ask()
    world.honest(first)
    begin = time.monotonic()  # from the first failure on
    while not world.opened():
        if time.monotonic() - begin > OPEN_SECONDS + 2:
            break
        time.sleep(0.05)
    opened = time.monotonic() - begin
    after = world.times(check=world.honest)
    measured = {"first_s": first.seconds, "opened_s": opened, "p99_ms": p(after, 99) * 1000,
                "healthy_p99_ms": p(healthy, 99) * 1000}
    world.heal()
    begin = time.monotonic()
    wait_until(lambda: complete(world.ask()), 20, "complete answers again")
    measured["back_s"] = time.monotonic() - begin
    bar = {"first_s": FIRST_SECONDS, "opened_s": OPEN_SECONDS,
           "p99_ms": 1.5 * measured["healthy_p99_ms"] + 5, "back_s": BACK_SECONDS}
    return bar, measured


@scenario("N1", "a region's packets vanish before anybody is connected")
def _(world):
    def make_dark():
        world.spaces[0].black_hole()
        world.start()
    return dark(world, make_dark)


@scenario("N2", "packets vanish on connections that exist")
def _(world):
    return dark(world, world.spaces[0].black_hole)


@scenario("N3", "connections are accepted and never answered")
def _(world):
    return dark(world, lambda: [server.freeze() for server in world.servers[DARK]])


@scenario("N4", "resets and ends in the middle of a body")
def _(world):
    proxies = proxied(world)
    wrong = asked = partial = 0
    why = ""
    for mode in ("reset", "reset_mid", "close_mid"):
        for replicas in ((0,), (0, 1)):
            for nth in replicas:
                proxies[nth].mode(mode)
            for _ in range(ROUNDS // 2):
                asked += 1
                try:
                    partial += not world.honest(world.ask())
                except Failed as error:
                    wrong, why = wrong + 1, str(error)
            for proxy in proxies:
                proxy.mode("pass")
            wait_until(lambda: complete(world.ask()), 20, f"well after {mode}")
    return {"wrong": 0}, {"wrong": wrong, "asked": asked, "partial": partial, "why": why}


def proxied(world, **more):
    """A Synoptic whose first region is behind proxies."""
    proxies = []
    for server in world.servers[DARK]:
        proxies.append(world.lab.add(network.Commanded(
            f"proxy-{server.name}-{world.count}", world.lab.directory / "proxies",
            HERE / "proxy.py", server.namespace.v4, str(server.port)).launch().wait_port()))
    world.proxied_urls = {**world.urls, DARK: [proxy.url for proxy in proxies]}
    world.fresh(urls=world.proxied_urls, **more)
    return proxies


@scenario("N5", "latency: 300 ms +-50, then 1 s and 5 s")
def _(world):
    rounds = 60 if QUICK else 150
    found = {}
    for name, hedge in (("unhedged", "off"), ("hedged", "p95")):
        proxies = proxied(world, resilience={"hedge": {"after": hedge}})
        world.times(50)
        for proxy in proxies:
            proxy.mode("delay 300 50")
        seconds = world.times(rounds, world.honest)
        found[name] = seconds
        if hedge == "p95":
            hedges = world.metric("synoptic_upstream_extra_requests_total", why="hedge")
            asked = rounds + 52
    for text, seconds in (("1000 0", 4.0), ("5000 0", 4.0)):
        for proxy in proxies:
            proxy.mode("delay " + text)
        answer = world.ask()
        world.honest(answer)
        if answer.seconds > seconds:
            raise Failed(f"delay {text}: {answer.seconds:.2f} s")
    measured = {"hedged_p99_ms": p(found["hedged"], 99) * 1000, "hedges_share": hedges / asked}
    # A burst of five hedges may go out at once.
    return ({"hedged_p99_ms": p(found["unhedged"], 95) * 1000 + 20,
             "hedges_share": 0.05 + 5 / asked}, measured)


@scenario("N6", "one packet in a hundred, in ten, in three is lost")
def _(world):
    world.fresh()
    measured = {}
    for percent, rounds in ((1, 5 * ROUNDS), (10, ROUNDS // 2), (30, 10)):
        for space in world.spaces:
            space.lose(percent)
        whole = 0
        longest = 0.0
        for _ in range(rounds):
            answer = world.ask()
            whole += world.honest(answer)
            longest = max(longest, answer.seconds)
        measured[f"partial_share_{percent}"] = round(1 - whole / rounds, 4)
        measured[f"longest_s_{percent}"] = longest
    world.heal()
    wait_until(lambda: complete(world.ask()), 20, "well again")
    return {"partial_share_1": 0.001, "longest_s_1": 5.0, "longest_s_10": 5.0,
            "longest_s_30": 5.0}, measured


@scenario("N7", "a body that drips: a byte a second, a hundred")
def _(world):
    measured = {}
    for speed in (1, 100):
        proxies = proxied(world)
        before = resident(world)
        proxies[0].mode(f"drip {speed}")
        answer = world.ask("hits_total", partial="require")
        measured[f"first_replica_s_{speed}"] = answer.seconds
        if not complete(answer):
            raise Failed(f"the sibling answers: HTTP {answer.status} {answer.text[:200]}")
        proxies[1].mode(f"drip {speed}")
        answer = world.ask("hits_total", partial="require")
        measured[f"cut_s_{speed}"] = answer.seconds
        measured[f"status_{speed}"] = answer.status
        measured[f"rss_mib_{speed}"] = max(0, resident(world) - before) / 2**20
        if answer.status != 503 or DARK not in answer.text:
            raise Failed(f"HTTP {answer.status} {answer.text[:200]}")
    # Each replica is cut after 6 s at most, one after the other.
    return {"first_replica_s_1": 6.5, "first_replica_s_100": 6.5, "cut_s_1": 12.5,
            "cut_s_100": 12.5, "rss_mib_1": 8, "rss_mib_100": 8}, measured


def resident(world):
    status = pathlib.Path(f"/proc/{world.synoptic.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


def start_by_name(world):
    urls = {region: [f"http://{region}.chaos:{9090 + n}" for n in (0, 1)] for region in REGIONS}
    bind = f"mount --bind {world.lab.directory}/resolv.conf /etc/resolv.conf && exec \"$0\" \"$@\""
    world.start(urls, prefix=["unshare", "-m", "sh", "-c", bind])


def with_names(world, mode):
    """A Synoptic whose regions are names, and the name service."""
    subprocess.run(["ip", "addr", "add", "127.0.0.53/32", "dev", "lo"], capture_output=True,
                   check=False)
    if not getattr(world, "dns", None):
        pairs = [f"{space.v4},{space.v6}" for space in world.spaces]
        world.dns = world.lab.add(network.Commanded(
            "dns", world.lab.directory / "dns", HERE / "dns.py", "127.0.0.53", *pairs)
            .launch().wait_port())
        (world.lab.directory / "resolv.conf").write_text(
            "nameserver 127.0.0.53\noptions timeout:2 attempts:2\n")
    world.dns.mode(mode)
    time.sleep(0.1)
    start_by_name(world)
    wait_until(lambda: complete(world.ask()), 15, "complete answers by name")
    world.truth = sorted(world.ask().data["result"], key=str)


@scenario("N8", "the name service fails in every way")
def _(world):
    with_names(world, "good")
    failures, longest = [], 0.0
    for mode in ("servfail", "empty", "silent", "many", "private"):
        world.dns.mode(mode)
        time.sleep(6)  # past the time for which nobody asks again
        for space in world.spaces:
            space.reset()
        time.sleep(0.1)
        world.heal()
        # The connections are gone; breakers may have opened on the resets, not on names.
        time.sleep(3)
        for _ in range(20):
            answer = world.ask()
            longest = max(longest, answer.seconds)
            if not complete(answer):
                failures.append(f"{mode}: {answer.headers.get('Synoptic-Coverage')}")
        world.dns.mode("good")
        wait_until(lambda: complete(world.ask()), 20, "well again")
    # Addresses that are wrong and answer nothing are the one case that costs a connection.
    hard = [one for one in failures if not one.startswith(("private", "many"))]
    return {"failures": 0, "longest_s": 2.5}, {"failures": len(hard), "longest_s": longest,
                                               "why": failures[:3]}


@scenario("N9", "a region comes back: no herd")
def _(world):
    world.fresh()
    asked = lambda: world.metric("synoptic_upstream_requests_total", region=DARK)  # noqa: E731

    # Per query: how fast they come is the asker's doing.
    before = asked()
    world.times(ROUNDS)
    steady = (asked() - before) / ROUNDS
    world.spaces[0].black_hole()
    world.times(20)
    time.sleep(2)
    world.heal()
    begin, worst, back = time.monotonic(), 0.0, None
    while time.monotonic() - begin < BACK_SECONDS + 2:
        before, queries, second = asked(), 0, time.monotonic()
        while time.monotonic() - second < 1:
            queries += 1
            if complete(world.ask()) and back is None:
                back = time.monotonic() - begin
        worst = max(worst, (asked() - before) / queries)
    return ({"worst_over_steady": 1.2, "back_s": BACK_SECONDS},
            {"worst_over_steady": worst / max(steady, 1e-9), "back_s": back or 99})


@scenario("N10", "all regions dark: what is known is shown, and says how old it is")
def _(world):
    world.fresh()
    before = panel(world)
    for space in world.spaces:
        space.black_hole()
    silent, statuses = 0, set()
    for _ in range(20):
        answer = world.ask()
        statuses.add(answer.status)
        silent += answer.status == 200 and not answer.json.get("warnings")
    strict = world.ask(partial="require")
    known = [panel(world, number) for number in range(5)]
    world.heal()
    return ({"silent": 0, "strict_not_503": 0, "no_retry_after": 0, "history_differs": 0,
             "history_silent": 0},
            {"silent": silent,
             "history_differs": sum(one.data != before.data for one in known),
             # The breakers are open by now: nobody was asked.
             "history_silent": sum("stale=" not in one.headers.get("Synoptic-Coverage", "")
                                   or not one.warnings for one in known[-1:]), "strict_not_503": int(strict.status != 503),
             "no_retry_after": int(not strict.headers.get("Retry-After")),
             "statuses": sorted(statuses)})


@scenario("N11", "no regions at all")
def _(_world):
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "synoptic.yml"
        file.write_text("regions: []\n")
        done = subprocess.run([synoptic_binary(), "serve", "--config", file, "--listen",
                               f"127.0.0.1:{free_port()}", "--data-dir", f"{directory}/data"],
                              capture_output=True, text=True, timeout=10, check=False)
    return {"not_refused": 0}, {"not_refused": int(done.returncode == 0
                                                   or "at least one region" not in done.stderr)}


@scenario("N12", "a region dark, the same panel again: its history comes from the cache")
def _(world):
    world.fresh()
    before = panel(world)
    world.spaces[0].black_hole()
    dark, longer = [], []
    for number in range(5):
        dark.append(panel(world, number))
        # What the cache does not know is made without the region, and says so.
        longer.append(panel(world, number, end=AT + 600))
    world.heal()
    wait_until(lambda: complete(world.ask()), 20, "well again")
    after = panel(world)
    history = [{tuple(point) for series in one.data["result"] for point in series["values"]
                if point[0] <= AT} for one in [before, *longer]]
    silent = sum(1 for one in [*dark, *longer] if not complete(one) and not one.warnings)
    return ({"silent": 0, "differs_while_dark": 0, "history_differs": 0, "longer_is_whole": 0,
             "differs_after": 0},
            {"silent": silent, "differs_while_dark": sum(one.data != before.data for one in dark),
             "history_differs": sum(one != history[0] for one in history[1:]),
             "longer_is_whole": sum(map(complete, longer)),
             "differs_after": int(after.data != before.data)})


def panel(world, number=0, end=AT):
    """Asked by another name each time: whole answers are kept by their parameters."""
    return world.client.query_range(SUM, START + 600, end, 15, timeout=f"{20 + number}s")


@scenario("N13", "a partial answer leaves nothing behind")
def _(world):
    world.fresh()
    before = panel(world)
    if not complete(before):  # a busy machine: nothing could be held against it
        raise Failed(f"not whole to begin with: {before.headers.get('Synoptic-Coverage')}")
    truth = before.data
    wrong = 0
    for _ in range(2 if QUICK else 5):
        world.spaces[0].black_hole()
        for number in range(3):
            panel(world, number, end=AT + 60)
        world.heal()
        wait_until(lambda: complete(world.ask()), 20, "well again")
        wait_until(world.settled, 20, "every replica back")
        wrong += panel(world).data != truth
        wrong += panel(world, end=AT + 60).data != world.client.query_range(
            SUM, START + 600, AT + 60, 15, nocache=1).data
    return {"wrong_after": 0}, {"wrong_after": wrong}


@scenario("N14", "a region flaps every two seconds")
def _(world):
    world.fresh()
    world.times(20)
    healthy = world.times()
    log_from = len(world.synoptic.log_since_launch().splitlines())
    seconds, begin, is_dark = [], time.monotonic(), False
    length = 12 if QUICK else 30
    while time.monotonic() - begin < length:
        want_dark = int((time.monotonic() - begin) / 2) % 2 == 0
        if want_dark != is_dark:
            (world.spaces[0].black_hole if want_dark else world.heal)()
            is_dark = want_dark
        answer = world.ask()
        world.honest(answer)
        seconds.append(answer.seconds)
    world.heal()
    lines = len(world.synoptic.log_since_launch().splitlines()) - log_from
    wait_until(lambda: complete(world.ask()), 40, "well again")
    return ({"p99_ms": 2 * p(healthy, 99) * 1000 + 5, "log_lines_s": 1.0},
            {"p99_ms": p(seconds, 99) * 1000, "log_lines_s": lines / length,
             "asked": len(seconds)})


@scenario("N15", "random servers stop one by one and start in random order")
def _(world):
    world.fresh()
    seed = 1
    rng = random.Random(seed)
    rounds = 8 if QUICK else 40
    violations, why = 0, ""
    for _ in range(rounds):
        stopped = rng.sample(world.all_servers(), rng.randint(1, 5))
        try:
            for server in stopped:
                server.freeze()
                world.honest(world.ask())
            rng.shuffle(stopped)
            for server in stopped:
                server.thaw()
                world.honest(world.ask())
        except (Failed, OSError) as error:
            violations, why = violations + 1, str(error)
            if "no region answered" in why:  # all are frozen: that is an answer, too
                violations -= 1
        world.heal()
    wait_until(lambda: complete(world.ask()), 40, "well again")
    return {"violations": 0}, {"violations": violations, "rounds": rounds, "seed": seed, "why": why}


@scenario("N16", "two replicas disagree: the same bytes each time")
def _(world):
    bodies = set()
    rounds = 100 if QUICK else 1000
    for start in range(2):
        world.fresh(urls={r: u[::1 if start == 0 else -1] for r, u in world.urls.items()})
        for _ in range(rounds // 2):
            answer = world.ask(f"hits_total{{region=\"r2\"}}[{END - START}s]")
            bodies.add((start, answer.body))
    by_order = [len([1 for start, _ in bodies if start == order]) for order in (0, 1)]
    return {"bodies": 1}, {"bodies": max(by_order), "bodies_over_orders": len({b for _, b in bodies})}


@scenario("N17", "the IPv6 address swallows packets")
def _(world):
    with_names(world, "both")
    for space in world.spaces:
        space.black_hole_v6()
    world.synoptic.stop()
    world.synoptic = None
    start_by_name(world)
    first = world.ask()
    later = [world.ask() for _ in range(20)]
    world.heal()
    partial = sum(not complete(answer) for answer in [first, *later])
    return ({"first_s": 0.6, "later_s": 0.3, "partial": 0},
            {"first_s": first.seconds, "later_s": max(a.seconds for a in later),
             "partial": partial})


def rounded(values):
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}


def main():
    why_not = network.why_not()
    if why_not:
        print(f"chaos regions: cannot make network namespaces here: {why_not}", file=sys.stderr)
        return 77
    if "--can-run" in sys.argv:
        return 0
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    passed = failed = 0
    begin = time.monotonic()
    spaces = []
    with Lab("synoptic-chaos-") as lab:
        try:
            for index in range(len(REGIONS)):
                spaces.append(network.Namespace(index))
            world = World(lab, spaces)
            for name, (what, function) in SCENARIOS.items():
                if words and name not in words:
                    continue
                line = {"id": name, "what": what}
                try:
                    bar, measured = function(world)
                    over = [k for k in bar if measured[k] > bar[k]]
                    line |= {"bar": rounded(bar), "measured": rounded(measured), "pass": not over}
                    if over:
                        line["why"] = ", ".join(over)
                except (AssertionError, OSError) as error:
                    line |= {"pass": False, "why": f"{type(error).__name__}: {error}"[:400]}
                world.heal()
                passed, failed = passed + line["pass"], failed + (not line["pass"])
                print(json.dumps(line), flush=True)
            if world.synoptic:
                world.synoptic.stop()
        finally:
            for server in lab.daemons:
                server.ask_to_stop()
            for space in spaces:
                space.close()
    print(f"chaos_regions_seconds {time.monotonic() - begin:.0f} s")
    print(f"regions: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
