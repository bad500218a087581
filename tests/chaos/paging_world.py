# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A world for the pager path: a region whose series are a pure function of time, sinks that write
down every request with its time, and Synoptic between them."""
import contextlib
import http.server
import json
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import Client, wait_until  # noqa: E402,F401
from lab.servers import Alertmanager, Synoptic  # noqa: E402


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # whoever was killed in the middle


class HttpThread:
    """A server in a thread of this process. Subclasses answer(handler, method, path, body)."""

    def __init__(self, port=0):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def go(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with contextlib.suppress(OSError):
                    outer.answer(self, self.command, self.path, body)

            do_GET = do_POST = go

            def log_message(self, *_):
                pass

        self.server = QuietServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def reply(handler, document, status=200, headers=()):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


class Region(HttpThread):
    """truth(t) gives [(labels, value)] of the one metric; anything asked of it gets that, and
    `group by (region) (up)` whether has_data(t)."""

    def __init__(self, truth):
        self.truth = truth
        self.has_data = lambda t: True
        self.delay = 0.0
        self.dark = False
        self.asked = []  # (wall time, evaluation time) of rule queries
        super().__init__()

    def at(self, query, t):
        if query.startswith("vector(1)"):
            return [({}, 1)]
        if not self.has_data(t):
            return []
        t = min(t, time.time())  # what its clock has not reached is not there yet
        if "count" in query and "(up)" in query:
            return [({}, 1)]
        if "(up)" in query or "timestamp(up" in query:
            return [({}, t if "timestamp" in query else 1)]
        return self.truth(t)

    def answer(self, handler, method, path, body):
        if self.dark:
            time.sleep(30)
            return
        parts = urllib.parse.urlsplit(path)
        params = dict(urllib.parse.parse_qsl(parts.query + "&" + body.decode("latin-1")))
        query = params.get("query", "")
        if query and not query.startswith("vector") and "up" not in query:
            self.asked.append((time.time(), float(params.get("time", 0))))
            time.sleep(self.delay)
        if parts.path.endswith("/query_range"):
            start, end = float(params["start"]), float(params["end"])
            step = float(params["step"].rstrip("s"))
            series = {}
            for i in range(int(round((end - start) / step)) + 1):
                t = start + i * step
                for labels, value in self.at(query, t):
                    series.setdefault(json.dumps(labels, sort_keys=True), []).append([t, str(value)])
            result = [{"metric": json.loads(k), "values": v} for k, v in series.items()]
            data = {"resultType": "matrix", "result": result}
        elif parts.path.endswith("/query"):
            t = float(params.get("time", time.time()))
            result = [{"metric": labels, "value": [t, str(value)]}
                      for labels, value in self.at(query, t)]
            data = {"resultType": "vector", "result": result}
        elif parts.path.endswith("/buildinfo"):
            data = {"version": "3.15.0"}
        else:
            data = {"yaml": "global: {}\n"} if "config" in parts.path else []
        reply(handler, {"status": "success", "data": data})


class Hook(HttpThread):
    """Webhook sink: takes Synoptic's direct deliveries and Alertmanager's notifications."""

    def __init__(self):
        self.got = []  # (time, status, labels, startsAt, endsAt, key, attempt)
        self.lock = threading.Lock()
        super().__init__()

    def answer(self, handler, method, path, body):
        now = time.time()
        document = json.loads(body)
        with self.lock:
            for alert in document["alerts"]:
                self.got.append((now, alert["status"], alert["labels"], seconds(alert["startsAt"]),
                                 seconds(alert["endsAt"]), handler.headers.get("Idempotency-Key"),
                                 int(handler.headers.get("X-Synoptic-Attempt") or 0)))
        reply(handler, {})

    def of(self, **labels):
        with self.lock:
            return [g for g in self.got if all(g[2].get(k) == v for k, v in labels.items())]


class Script(HttpThread):
    """Alertmanager's API by a script: script(n-th request, alerts) -> (status, headers)."""

    def __init__(self, script=lambda n, alerts: (200, ())):
        self.script = script
        self.requests = []  # (time, number of alerts, status)
        self.taken = {}     # labels -> time first accepted
        super().__init__()

    def answer(self, handler, method, path, body):
        now = time.time()
        alerts = json.loads(body) if body else []
        status, headers = self.script(len(self.requests), alerts)
        self.requests.append((now, len(alerts), status))
        if status == 200:
            for alert in alerts:
                self.taken.setdefault(json.dumps(alert["labels"], sort_keys=True), now)
        reply(handler, {}, status, headers)


def seconds(rfc3339):
    """Unix time; Alertmanager writes nanoseconds and offsets."""
    if rfc3339.startswith("0001"):
        return 0.0
    import datetime
    text = re.sub(r"(\.\d{6})\d*", r"\1", rfc3339).replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(text).timestamp()


class World(contextlib.ExitStack):
    """One scenario: a directory, and all that was started, gone at the end."""

    def __init__(self):
        super().__init__()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="chaos-paging-"))
        self.callback(shutil.rmtree, self.directory, True)
        self.count = 0

    def region(self, truth):
        region = Region(truth)
        self.callback(region.stop)
        return region

    def hook(self):
        hook = Hook()
        self.callback(hook.stop)
        return hook

    def script(self, script=lambda n, alerts: (200, ())):
        server = Script(script)
        self.callback(server.stop)
        return server

    def alertmanager(self, hook=None, name="alertmanager"):
        am = Alertmanager(self.directory / name, name)
        receiver = {"name": "hook"}
        if hook is not None:
            receiver["webhook_configs"] = [{"url": hook.url, "send_resolved": True}]
        am.config.write_text(json.dumps({
            "route": {"receiver": "hook", "group_by": ["..."], "group_wait": "0s",
                      "group_interval": "1s", "repeat_interval": "4h"},
            "receivers": [receiver]}))
        am.launch().wait_ready()
        self.callback(am.stop)
        return am

    def rules(self, *rules, interval="1s", **group):
        self.count += 1
        path = self.directory / f"rules{self.count}.yml"
        path.write_text(json.dumps({"groups": [
            {"name": "g", "interval": interval, "rules": list(rules), **group}]}))
        return str(path)

    def synoptic(self, regions, rule_files=(), ams=(), hooks=(), name="synoptic", data=None, **more):
        """regions: {name: url}. Not started."""
        config = {
            "global": {"evaluation_interval": "1s"},
            "regions": [{"name": region, "shards": [
                {"name": "main", "read": "query", "replicas": [{"url": url}]}]}
                for region, url in regions.items()],
            "rule_files": list(rule_files),
            "alerting": {
                "alertmanagers": [{"static_configs": [{"targets": [am.url[7:] for am in ams]}]}]
                if ams else [],
                "receivers": [{"name": f"hook{i}", "webhook": {"url": hook.url}}
                              for i, hook in enumerate(hooks)]},
        }
        for key, value in more.items():
            if key == "alerting":
                config["alerting"].update(value)
            else:
                config[key] = value
        flags = ["--admin-listen", "off", "--log-format", "json"]
        program = Synoptic(self.directory / name, config, flags=flags, name=name)
        if data is not None:
            argv = program.argv
            program.argv = lambda: [str(data) if str(w) == str(program.directory / "data") else w
                                    for w in argv()]
        self.callback(program.stop)
        return program


def kill(program):
    """SIGKILL, as a power button."""
    program.process.kill()
    program.process.wait()
    from lab import process
    if program in process._running:
        process._running.remove(program)


def metric(program, name, **labels):
    """The sum over matching series of Synoptic's own /metrics; None when there is none."""
    text = Client(program.url, timeout=5).get("/metrics").text
    total = None
    for line in text.splitlines():
        if re.match(name + r"(\{| )", line) and all(f'{k}="{v}"' in line for k, v in labels.items()):
            total = (total or 0) + float(line.rsplit(" ", 1)[1])
    return total


def alert(name, expr="flap == 1", **more):
    return {"alert": name, "expr": expr, **more}
