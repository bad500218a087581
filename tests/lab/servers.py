# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The servers of the lab: Prometheus, Alertmanager, the exporter, Synoptic. All on 127.0.0.1."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from .api import Client, wait_until
from .process import Daemon, StartError, free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60  # generous: a laptop under load, not a bar

# Long before the oldest fixed date that a test writes history at.
FOREVER = "100y"


def prometheus_binary(wish=None):
    """The Prometheus to test against. LAB_PROMETHEUS: debian, 3.15, quick or a path; default: 3.15
    where it is built or Go can build it, else Debian's 2.42, and says so. quick: builds nothing."""
    wish = os.environ.get("LAB_PROMETHEUS", wish or "auto")
    debian = shutil.which("prometheus")
    if wish in ("auto", "3.15", "quick"):
        command = [str(ROOT / "scripts/lib/build_prometheus.sh")]
        command += ["--cached"] if wish == "quick" else []
        built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if built.returncode == 0:
            return built.stdout.strip().splitlines()[-1]
        if wish == "3.15" or not debian:
            raise StartError("no Prometheus 3.15: scripts/lib/build_prometheus.sh failed")
        print("lab: no Prometheus 3.15 here, testing against Debian's 2.42", file=sys.stderr)
        return debian
    if wish == "debian":
        if not debian:
            raise StartError("no /usr/bin/prometheus: scripts/lib/install.sh installs it")
        return debian
    return wish


def prometheus_major(binary):
    text = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    return int(re.search(r"version (\d+)\.", text.stdout + text.stderr).group(1))


class Prometheus(Daemon):
    LISTENING = re.compile(r'msg="Listening on".*address=127\.0\.0\.1:(\d+)')

    def __init__(self, name, directory, binary, targets=None, labels=None, interval="1s", flags=(),
                 receives=True):
        """targets: ["host:port"] to scrape; labels: added to every scraped series; receives: takes
        remote write."""
        super().__init__(name, directory)
        self.binary = binary
        self.flags = list(flags) + (["--web.enable-remote-write-receiver"] if receives else [])
        self.data = self.directory / "data"
        self.config = self.directory / "prometheus.yml"
        self.write_config(targets or {}, labels, interval)

    def write_config(self, targets, labels, interval):
        """targets: {region: ["host:port"]} scrapes several regions, each with its label (the truth);
        a plain list scrapes without."""
        groups = targets.items() if isinstance(targets, dict) else [(None, targets)]
        static = [{"targets": hosts,
                   "labels": {**(labels or {}), **({"region": region} if region else {})}}
                  for region, hosts in groups if hosts]
        # JSON is YAML: no YAML writer needed.
        self.config.write_text(json.dumps({
            "global": {"scrape_interval": interval, "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "service", "static_configs": static}] if static else [],
        }, indent=1))

    def argv(self):
        return [self.binary, f"--config.file={self.config}", f"--storage.tsdb.path={self.data}",
                f"--storage.tsdb.retention.time={FOREVER}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h",
                "--web.enable-lifecycle",
                *self.flags]

    def wait_ready(self):
        self.wait_port()
        client = Client(self.url, timeout=5)
        wait_until(lambda: self.check_alive() or client.get("/-/ready").status == 200,
                   READY_SECONDS, f"{self.name} ready")
        return self


class Alertmanager(Daemon):
    LISTENING = Prometheus.LISTENING

    def __init__(self, directory, name="alertmanager"):
        super().__init__(name, directory)
        self.config = self.directory / "alertmanager.yml"
        self.config.write_text(json.dumps({
            "route": {"receiver": "nobody", "group_wait": "1s", "group_interval": "1s"},
            "receivers": [{"name": "nobody"}]}))

    def argv(self):
        return ["prometheus-alertmanager", f"--config.file={self.config}",
                f"--storage.path={self.directory / 'data'}", "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{self.port}"]

    def wait_ready(self):
        self.wait_port()
        client = Client(self.url, timeout=5)
        wait_until(lambda: self.check_alive() or client.get("/-/ready").status == 200,
                   READY_SECONDS, "alertmanager ready")
        return self

    def alerts(self, **labels):
        """Alerts that are firing now and carry these labels."""
        filters = [f'{name}="{value}"' for name, value in labels.items()]
        answer = Client(self.url).request("GET", "/api/v2/alerts",
                                          params={"filter": filters, "active": "true"})
        assert answer.status == 200, answer.text
        return answer.json


class VictoriaMetrics(Daemon):
    """Debian's, a single node."""
    def __init__(self, directory, name="victoriametrics"):
        super().__init__(name, directory)

    def argv(self):
        return ["victoria-metrics", f"-storageDataPath={self.directory / 'data'}",
                "-retentionPeriod=100y", "-search.latencyOffset=0s",
                f"-httpListenAddr=127.0.0.1:{self.port}"]

    def wait_ready(self):
        client = Client(self.url, timeout=5)
        wait_until(lambda: self.check_alive() or client.get("/health").status == 200,
                   READY_SECONDS, f"{self.name} ready")
        return self

    def launch(self):
        # It does not say which port it took: one is chosen here.
        self.port = free_port()
        return super().launch()


class Exporter(Daemon):
    LISTENING = re.compile(r"listening 127\.0\.0\.1:(\d+)")

    def __init__(self, region, directory, binary, destinations=(), flags=()):
        super().__init__(f"exporter-{region}", directory)
        self.binary = binary
        self.region = region
        self.flags = [f"--region={region}", *flags]
        if destinations:
            self.flags.append("--destinations=" + ",".join(destinations))

    def argv(self):
        return [self.binary, f"--port={self.port}", *self.flags]

    @property
    def target(self):
        return f"127.0.0.1:{self.port}"

    def incident(self, line):
        """See tests/lab/exporter/incident.h; an empty line clears all."""
        answer = Client(self.url).request("POST", "/incidents", body=line)
        assert answer.status == 200, answer.text


class Synoptic(Daemon):
    """The program under test. config: a dict in the form of the configuration file."""

    def __init__(self, directory, config, binary=None, flags=(), name="synoptic"):
        super().__init__(name, directory)
        self.binary = binary or synoptic_binary()
        self.config = self.directory / "synoptic.yml"
        self.config.write_text(config if isinstance(config, str) else json.dumps(config, indent=1))
        self.flags = list(flags)

    def argv(self):
        return [self.binary, "serve", "--config", self.config, "--listen", f"127.0.0.1:{self.port}",
                "--data-dir", self.directory / "data", *self.flags]

    def start(self, port=0):
        # The port is chosen here; should another process take it first, choose again.
        for attempt in range(3):
            self.port = (attempt == 0 and port) or free_port()
            self.launch()
            try:
                return self.wait_ready()
            except StartError:
                if attempt == 2 or "address already in use" not in self.log_since_launch().lower():
                    raise
        return self

    def wait_ready(self):
        client = Client(self.url, timeout=5)
        wait_until(lambda: self.check_alive() or client.get("/-/ready").status == 200,
                   READY_SECONDS, f"{self.name} ready")
        return self

    def client(self, **options):
        return Client(self.url, **options)


def built(program):
    """A program of ours: from SYNOPTIC_BIN_DIR, else the newest of the presets' builds."""
    folder = os.environ.get("SYNOPTIC_BIN_DIR")
    folders = [pathlib.Path(folder)] if folder else sorted(ROOT.glob("build/*/bin"))
    found = [path / program for path in folders if (path / program).exists()]
    if not found:
        raise StartError(f"{program} is not built: run scripts/build")
    return str(max(found, key=lambda path: path.stat().st_mtime))


def synoptic_binary():
    return built("synoptic")


def exporter_binary():
    return built("lab_exporter")
