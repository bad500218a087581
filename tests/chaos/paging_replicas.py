# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Several Synoptics with one configuration: each transition is told once, and rather twice than
never. Each scenario returns (measured, pass)."""
import collections
import time

from lab.api import Client

from .paging_truth import Churn, Matched, delivery_delays
from .paging_world import HttpThread, World, alert, kill, metric, wait_until


def a18(options):
    """Three replicas with one configuration: one notification a transition behind Alertmanager."""
    with World() as world:
        begin = time.time() + 3
        truth = Churn(30, begin)
        region, behind, direct = world.region(truth.at), world.hook(), world.hook()
        am = world.alertmanager(behind)
        rules = world.rules(alert("Flap"))
        programs = []
        for i in range(3):
            program = world.synoptic({"here": region.url}, [rules], [am], [direct], name=f"s{i}")
            programs.append(program.start())
        time.sleep(40)
        for program in programs:
            program.stop()
        time.sleep(2)
        counts = collections.Counter((g[2]["id"], g[3], g[1]) for g in behind.of(alertname="Flap"))
        keys = collections.defaultdict(set)
        for g in direct.of(alertname="Flap"):
            keys[(g[2]["id"], g[3], g[1])].add(g[5])
        twice = sum(n - 1 for n in counts.values())
        differing = sum(len(k) > 1 for k in keys.values())
        return {"transitions": len(counts), "duplicates_behind_alertmanager": twice,
                "transitions_with_differing_keys": differing}, \
            twice == 0 and differing == 0 and len(counts) > 50


class Link(HttpThread):
    """How the replicas reach one of them; while it is cut nobody does."""

    def __init__(self):
        self.target = None
        self.cut = False
        super().__init__()

    def answer(self, handler, method, path, body):
        if self.cut or self.target is None:
            handler.close_connection = True
            return
        answer = Client(self.target.url, timeout=5).request(method, path)
        handler.send_response(answer.status)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)


class Part:
    """What the hook was told of the phases that began in a part of the run."""

    def __init__(self, hook, begin, end):
        got = [g for g in hook.of(alertname="Flap") if begin <= g[3] < end]
        counts = collections.Counter(g[5] for g in got)
        keys = collections.defaultdict(set)
        for g in got:
            keys[(g[2]["id"], g[3], g[1])].add(g[5])
        self.transitions = len(counts)
        self.once = sum(n == 1 for n in counts.values()) / max(1, len(counts))
        self.most = max(counts.values(), default=0)
        self.differing = sum(len(k) > 1 for k in keys.values())
        self.delays = delivery_delays(got)


def a19(options):
    """Three replicas and a direct webhook: well, without the first of them, and cut apart."""
    part_s = 60 if options.kills >= 1000 else 25
    with World() as world:
        truth = Churn(60, time.time() + 6, options.seed)
        region, hook = world.region(truth.at), world.hook()
        rules = world.rules(alert("Flap"))
        links = [Link() for _ in range(3)]
        programs = []
        for i in range(3):
            world.callback(links[i].stop)
            program = world.synoptic(
                {"here": region.url}, [rules], hooks=[hook], name=f"r{i}",
                observers={"name": f"r{i}", "interval": "1s", "peers": [
                    {"url": links[j].url, "replica": True} for j in range(3) if j != i]})
            links[i].target = program.start()
            programs.append(program)
        begin = time.time() + 6  # each of them has been heard by the others
        time.sleep(max(0, begin + part_s - time.time()))
        killed = time.time()
        kill(programs[0])
        time.sleep(part_s)
        programs[0].launch().wait_ready()
        time.sleep(5)
        cut = time.time()
        for link in links:
            link.cut = True
        time.sleep(part_s)
        end = time.time()
        for link in links:
            link.cut = False
        region.truth = lambda t: truth.at(min(t, end))
        time.sleep(5)
        for program in programs:
            wait_until(lambda p=program: metric(p, "synoptic_notifications_waiting") == 0, 60,
                       "empty outboxes", 0.2)
        left = sum(metric(p, "synoptic_notifications_by_replicas_total") or 0 for p in programs)
        for program in programs:
            program.stop()
        told = Matched(truth, hook.of(alertname="Flap"), end, 2)
        # The ends of alerts that began when all were well come after the kill: begin to begin.
        well, headless, apart = (Part(hook, begin, killed - 15), Part(hook, killed, cut - 15),
                                 Part(hook, cut + 4, end - 15))
        return {"healthy_transitions": well.transitions, "healthy_once": round(well.once, 4),
                "headless_transitions": headless.transitions,
                "headless_delivered_after_max_s": headless.delays["delivered_after_max_s"],
                "headless_most": headless.most,
                "apart_transitions": apart.transitions, "apart_most": apart.most,
                "keys_that_differ": well.differing + headless.differing + apart.differing,
                "lost_firing": told.lost_firing, "lost_resolved": told.lost_resolved,
                "left_to_others": left}, \
            well.transitions > 20 and well.once >= 0.999 and headless.transitions > 20 \
            and apart.transitions > 20 and apart.most <= 3 and headless.most <= 3 \
            and not (told.lost_firing or told.lost_resolved or well.differing or apart.differing)


SCENARIOS = [
    ("A18", "exactly one notification a transition; equal keys at a direct webhook", a18),
    ("A19", "one delivery in 99.9 % while well; without the first and cut apart at least one, at "
            "most one a replica, with equal keys", a19),
]
