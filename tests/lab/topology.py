# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Whole labs: regions of replicas over one past, with the truth beside them; and live ones."""
import os
import pathlib
import shutil
import sys
import tempfile

from . import history, remote_write
from .process import Daemon, install_signal_handlers
from .servers import Exporter, Prometheus, Synoptic, exporter_binary, prometheus_binary


def synoptic_config(regions, **more):
    """regions: {name: [url, ...]} -> the configuration, everything else at its default but the cache:
    what is tested is what the regions say now, and histories are written after the fact."""
    return {"regions": [{"name": name, "prometheus": urls} for name, urls in regions.items()],
            "cache": {"memory": 0}, **more}


class Lab:
    """A directory and the servers in it; a context manager that takes both down."""

    def __init__(self, prefix="synoptic-lab-"):
        install_signal_handlers()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        self.daemons = []
        self.replicas = {}  # region -> [Prometheus]
        self.exporters = {}  # region -> Exporter
        self.truth = None
        self.synoptic = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.synoptic and self.synoptic.process.poll() not in (None, 0):
            print(f"Synoptic ended with {self.synoptic.process.returncode}:\n"
                  + self.synoptic.log_since_launch()[-3000:], file=sys.stderr)
        for daemon in self.daemons:
            daemon.ask_to_stop()
        for daemon in reversed(self.daemons):
            daemon.stop()
        if os.environ.get("LAB_KEEP"):
            print(f"lab: kept {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def add(self, daemon: Daemon):
        self.daemons.append(daemon)
        return daemon

    def start_prometheus(self, binary):
        """All replicas and the truth, side by side."""
        servers = [server for replicas in self.replicas.values() for server in replicas]
        servers += [self.truth] if self.truth else []
        for server in servers:
            server.binary = binary
            server.launch()
        for server in servers:
            server.wait_ready()

    def urls(self):
        return {region: [server.url for server in servers]
                for region, servers in self.replicas.items()}

    def start_synoptic(self, flags=(), port=0, canary=None, **more):
        """canary: of every region; "none" for histories without `up`, whose replicas are alike."""
        # One more beside the first gets a folder, and so a state, of its own.
        name = f"synoptic-{len(self.daemons)}" if self.synoptic else "synoptic"
        self.synoptic = self.add(Synoptic(self.directory / name,
                                          self.config(canary, **more), flags=flags))
        return self.synoptic.start(port)

    def config(self, canary, **more):
        config = synoptic_config(self.urls(), **more)
        for region in config["regions"] if canary else ():
            region["canary"] = canary
        return config

    def stop_synoptic(self):
        """SIGTERM must end it in order: a crash or a sanitizer's report at the exit fails here."""
        code = self.synoptic.stop()
        assert code == 0, f"exit code {code}:\n{self.synoptic.log_since_launch()[-1500:]}"


def lab_with_past(regions, blocks, tail, replicas=2, truth=True, binary=None):
    """Servers that scrape nothing and hold a given past.

    blocks, tail: {region: [(labels, [(ms, value)])]}: what becomes blocks, and what is written to
    the running servers afterwards, where stale markers are possible. The truth holds all of it with
    the region's label added.
    """
    lab = Lab()
    try:
        binary = binary or prometheus_binary()
        for region in regions:
            text = lab.directory / f"{region}.om"
            history.write_openmetrics(text, blocks[region])
            first = lab.directory / f"{region}-0"
            history.create_blocks(text, first / "data")
            lab.replicas[region] = []
            for index in range(replicas):
                name = f"{region}-{index}"
                if index:
                    history.copy_blocks(first / "data", lab.directory / name / "data")
                lab.replicas[region].append(lab.add(Prometheus(name, lab.directory / name, binary)))
        if truth:
            lab.truth = lab.add(Prometheus("truth", lab.directory / "truth", binary))
            text = lab.directory / "truth.om"
            history.write_openmetrics(text, [({**labels, "region": region}, samples)
                                             for region in regions
                                             for labels, samples in blocks[region]])
            history.create_blocks(text, lab.truth.data)
        lab.start_prometheus(binary)
        for region in regions:
            for server in lab.replicas[region]:
                remote_write.write(server.url, tail[region])
            if truth:
                remote_write.write(lab.truth.url, [({**labels, "region": region}, samples)
                                                   for labels, samples in tail[region]])
        return lab
    except BaseException:
        lab.close()
        raise


def live_lab(regions, replicas=2, truth=False, interval="1s", exporter_flags=(), binary=None,
             receives=True):
    """Exporters that play the regions' services, and replicas that scrape them."""
    lab = Lab()
    try:
        binary = binary or prometheus_binary()
        program = exporter_binary()
        for region in regions:
            others = [other for other in regions if other != region]
            exporter = Exporter(region, lab.directory / region, program, others, exporter_flags)
            lab.exporters[region] = lab.add(exporter.launch())
        targets = {region: [exporter.wait_port().target]
                   for region, exporter in lab.exporters.items()}
        for region in regions:
            lab.replicas[region] = [
                lab.add(Prometheus(f"{region}-{index}", lab.directory / f"{region}-{index}", binary,
                                   targets[region], interval=interval, receives=receives))
                for index in range(replicas)]
        if truth:
            lab.truth = lab.add(Prometheus("truth", lab.directory / "truth", binary, targets,
                                           interval=interval))
        lab.start_prometheus(binary)
        return lab
    except BaseException:
        lab.close()
        raise
