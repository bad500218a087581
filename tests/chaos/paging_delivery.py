# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Delivery: Alertmanagers that are away or refuse; storms."""
import json
import pathlib
import re
import time
import urllib.parse

from lab.api import Client
from lab.servers import Alertmanager

from .paging_world import Region, World, alert, kill, metric, reply, wait_until


def many(count, name="id"):
    return [({"__name__": "flap", name: str(i)}, 1) for i in range(count)]


def a6(options):
    """Alertmanager away at the start and for a while; the other member does not notice."""
    with World() as world:
        hook = world.hook()
        away = world.alertmanager(hook, "away")
        port = away.port
        away.stop()
        well = world.script()
        region = world.region(lambda t: many(20))
        am = type("Am", (), {"url": f"http://127.0.0.1:{port}"})
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], [am, well])
        begin = time.time()
        program.start()
        wait_until(lambda: len(well.taken) >= 20, 10, "the other member")
        other_s = time.time() - begin
        time.sleep(max(0, begin + 8 - time.time()))
        back = time.time()
        away.launch()
        wait_until(lambda: len(hook.of(alertname="Flap")) >= 20, 30, "after 8 s")
        first_s = time.time() - back
        rows = []
        for _ in range(2):
            away.stop()
            region.truth = lambda t: [] if region.truth_off else many(20)
            region.truth_off = not getattr(region, "truth_off", False)
            time.sleep(12)
            seen = len(hook.got)
            back = time.time()
            away.launch()
            wait_until(lambda: len(hook.got) > seen, 30, "after 12 s more")
            rows.append(round(time.time() - back, 1))
        program.stop()
        return {"other_member_s": round(other_s, 2), "after_8s_down": round(first_s, 1),
                "after_12s_down": rows}, max([first_s, *rows]) <= 15 and other_s <= 5


def a6_replies(options):
    """500, 429 with Retry-After, 413: each means what it says, and nothing is lost."""
    with World() as world:
        def script(n, alerts):
            if n == 0:
                return 500, ()
            if n == 1:
                return 429, [("Retry-After", "2")]
            return (413, ()) if len(alerts) > 10 else (200, ())
        am = world.script(script)
        region = world.region(lambda t: many(100))
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], [am])
        program.start()
        wait_until(lambda: sum("Flap" in k for k in am.taken) == 100, 30, "100 alerts")
        waited = am.requests[2][0] - am.requests[1][0]
        dropped = metric(program, "synoptic_notifications_dropped_total")
        return {"waited_after_429_s": round(waited, 2), "requests": len(am.requests),
                "dropped": dropped}, waited >= 2 and dropped == 0


def a7(options):
    """One alert of a batch is invalid to a real Alertmanager: the others arrive, it is named."""
    with World() as world:
        am = world.alertmanager()
        region = world.region(lambda t: many(63) + [({"__name__": "flap", "not-valid": "x"}, 1)])
        front = Counting(am.url)
        world.callback(front.stop)
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], [front])
        program.start()
        wait_until(lambda: (metric(program, "synoptic_notifications_dropped_total") or 0) >= 1, 20,
                   "one is parked")
        isolated_in = len([r for r in front.requests if r[1] > 0])
        wait_until(lambda: len(am.alerts(alertname="Flap")) == 63, 10, "the others")
        degraded = wait_until(lambda: am.alerts(alertname="SynopticNotifierDegraded"), 15, "told")
        return {"requests_until_isolated": isolated_in, "delivered": 63,
                "told": degraded[0]["labels"]["reason"]}, isolated_in <= 9


class Counting:
    """Passes requests on to an Alertmanager and counts them."""

    def __new__(cls, target):
        from .paging_world import HttpThread

        class Front(HttpThread):
            def __init__(self):
                self.requests = []
                super().__init__()

            def answer(self, handler, method, path, body):
                answer = Client(target).request(method, path, body=body.decode(),
                                                headers={"Content-Type": "application/json"})
                self.requests.append((time.time(), body.count(b'"startsAt"'), answer.status))
                handler.send_response(answer.status)
                handler.send_header("Content-Length", str(len(answer.body)))
                handler.end_headers()
                handler.wfile.write(answer.body)

        return Front()


def a8(options):
    """The first page of a cold start."""
    rows = []
    for _ in range(5):
        with World() as world:
            am = world.alertmanager()
            front = Counting(am.url)
            world.callback(front.stop)
            region = world.region(lambda t: many(1))
            program = world.synoptic({"here": region.url}, [world.rules(
                alert("Flap"), interval="15s")], [front])
            begin = time.time()
            program.start()
            wait_until(lambda: front.requests, 30, "the page", 0.01)
            rows.append((front.requests[0][0] - region.asked[0][0], front.requests[0][0] - begin))
    return {"after_evaluation_max_s": round(max(r[0] for r in rows), 3),
            "after_start_max_s": round(max(r[1] for r in rows), 2)}, max(r[0] for r in rows) <= 2


def rss(program):
    status = pathlib.Path(f"/proc/{program.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024, \
        int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


class Storm(Region):
    """Many series at once, written beforehand: what is measured is not how fast this script is."""

    def __init__(self, count):
        super().__init__(lambda t: many(1))
        self.on = False
        self.text = json.dumps([{"metric": labels, "value": ["@", str(value)]}
                                for labels, value in many(count)]).replace('"@"', "@")

    def answer(self, handler, method, path, body):
        params = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query + "&" + body.decode()))
        instant = urllib.parse.urlsplit(path).path.endswith("/query")
        if not (self.on and instant and "flap" in params.get("query", "")):
            super().answer(handler, method, path, body)
            return
        self.asked.append((time.time(), float(params["time"])))
        result = self.text.replace("@", params["time"])
        reply(handler, ('{"status":"success","data":{"resultType":"vector","result":%s}}'
                        % result).encode())


def storm(count, world, am):
    region = Storm(count)
    world.callback(region.stop)
    program = world.synoptic({"here": region.url}, [world.rules(
        alert("Flap"), interval="15s")], [am])
    program.start()
    wait_until(lambda: am.taken, 20, "the quiet before")
    time.sleep(2)
    before, _ = rss(program)
    asked = len(region.asked)
    region.on = True
    wait_until(lambda: len(region.asked) > asked, 30, "the evaluation", 0.01)
    begin = region.asked[asked][0]
    wait_until(lambda: (metric(program, "synoptic_notifications_waiting") or 0)
               + sum("Flap" in k for k in list(am.taken)) >= count, 60, "all in the outbox", 0.2)
    queued = time.time() - begin
    wait_until(lambda: sum("Flap" in k for k in list(am.taken)) >= count, 120, "all sent", 0.2)
    sent = max(am.taken.values()) - begin
    _, peak = rss(program)
    return queued, sent, peak - before


def a16(options):
    """10,000 alerts at once, then 100,000."""
    measured, good = {}, True
    for count in (10_000, 100_000):
        with World() as world:
            queued, sent, grown = storm(count, world, world.script())
            measured.update({f"queued_{count}_s": round(queued, 2),
                             f"sent_{count}_s": round(sent, 2),
                             f"rss_growth_{count}_mib": round(grown)})
            good = good and queued <= 5 and (grown <= 64 or options.no_rss) and (count > 10_000 or sent <= 5)
    return measured, good


def a17(options):
    """A rule whose alerts become one, and a template that fails: named, and the others run."""
    with World() as world:
        am = world.script()
        region = world.region(lambda t: many(2))
        program = world.synoptic({"here": region.url}, [world.rules(
            alert("Same", labels={"id": "one"}),
            alert("Broken", annotations={"summary": "{{ nothing }}" if False else
                                         "{{ index $labels 1 2 3 }}"}),
            alert("Huge", annotations={"summary": "{{ range query \"flap\" }}" + "x" * 20000
                                       + "{{ end }}"}),
            alert("Well"))], [am])
        program.start()
        wait_until(lambda: sum('"Well"' in k for k in am.taken) == 2, 20, "the well one")
        rules = {r["name"]: r for g in program.client().get("/api/v1/rules").data["groups"]
                 for r in g["rules"]}
        return {"same": rules["Same"]["lastError"][:60], "well": rules["Well"]["health"],
                "broken_delivered": sum('"Broken"' in k for k in am.taken)}, \
            "same labelset" in rules["Same"]["lastError"] and rules["Well"]["health"] == "ok"


def a21(options):
    """The dead man's switch: told each minute, silent when rules stand still."""
    with World() as world:
        switch = world.hook()
        region = world.region(lambda t: [])
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))], alerting={
            "receivers": [{"name": "deadman", "webhook": {"url": switch.url}}],
            "watchdog": {"receiver": "deadman"}})
        begin = time.time()
        program.start()
        wait_until(lambda: switch.of(alertname="SynopticWatchdog"), 15, "the first sign of life")
        first = time.time() - begin
        others = [g for g in switch.got if g[2]["alertname"] != "SynopticWatchdog"]
        kill(program)
        seen = len(switch.got)
        time.sleep(5)
        return {"first_s": round(first, 2), "others_on_its_receiver": len(others),
                "after_death": len(switch.got) - seen}, \
            first <= 10 and not others and len(switch.got) == seen


SCENARIOS = [
    ("A6", "delivered <= 15 s after Alertmanager is back; the other member unaffected", a6),
    ("A6-replies", "Retry-After kept, 413 halved, nothing dropped", a6_replies),
    ("A7", "poison isolated in log2(batch) + 1 requests, the rest delivered", a7),
    ("A8", "first page <= 2 s after the evaluation that fired", a8),
    ("A16", "10,000 sent in 5 s; 100,000 in the outbox in 5 s; RSS + 64 MiB", a16),
    ("A17", "the faulty rule is named, the others run", a17),
    ("A21", "first sign <= 10 s, nothing else on its receiver, silence after death", a21),
]
