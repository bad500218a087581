#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What federation costs: CPU of Synoptic for a query, as a multiple of what one regional Prometheus
spends on the same query; its peak memory; the latency it adds; memory for raw samples; the cost of
asking a thousand regions.

usage: scripts/bench federate [--quick] [WORD...]
Three regions of two replicas, 2,400 series each, six hours at 15 s, the same at every run. --quick:
one hour and fewer rounds, to see that it works. A WORD selects measurements by name: a query's,
series, instant, memory, regions. All figures are ratios within one run.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab import history  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.process import Daemon  # noqa: E402
from lab.servers import (ROOT, Prometheus, Synoptic, exporter_binary,  # noqa: E402
                         prometheus_binary)
from lab.topology import Lab  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
QUICK = "--quick" in sys.argv
START = 1_768_435_200
HOURS = 1 if QUICK else 6
END = START + HOURS * 3600
STEP = 15

# CPU of Synoptic over that of one regional Prometheus.
PUSHED_BAR, MATRIX_BAR, QUANTILE_BAR, LIST_BAR = 0.1, 0.5, 0.6, 0.4
RSS_BAR_MIB, ADDED_BAR_MS, PUSHED_LATENCY_BAR = 150, 1.0, 1.1
BYTES_PER_SAMPLE_BAR, MANY_REGIONS_BAR_MS, LINEAR_BAR = 3.0, 150, 1.3

BARS = {"raw_matrix": MATRIX_BAR, "raw_rates": MATRIX_BAR, "quantile_of_rates": QUANTILE_BAR,
        "raw_instant": LIST_BAR}

# (name, pushed or raw, expression, seconds of range or 0 for instant, step)
QUERIES = [
    ("sum_rate", "pushed", "sum by (region, service) (rate(http_requests_total[5m]))",
     HOURS * 3600, 60),
    ("ratio_of_sums", "pushed", 'sum(rate(http_requests_total{code=~"5.."}[5m]))'
     " / sum(rate(http_requests_total[5m]))", HOURS * 3600, 60),
    ("quantile_of_buckets", "pushed", "histogram_quantile(0.99, sum by (le, service)"
     " (rate(http_request_duration_seconds_bucket[5m])))", 3600, 15),
    ("topk_of_sums", "pushed", "topk(3, sum by (region, service) (rate(http_requests_total[5m])))",
     3600, 30),
    ("raw_matrix", "raw", 'http_requests_total{code="200"}', HOURS * 3600, 60),
    ("raw_rates", "raw", 'rate(http_requests_total{method="GET"}[5m])', 3600, 15),
    ("quantile_of_rates", "raw", "quantile(0.9, rate(http_requests_total[5m]))", 3600, 15),
    ("raw_instant", "raw", '{__name__=~"http_request.*_(bucket|total)", method="GET"}', 0, 0),
]


def past_of(region):
    """The region's blocks, made once for each version of the model and kept outside the tree."""
    model = ROOT / "tests/lab/exporter"
    digest = hashlib.sha256()
    for source in ("model.cc", "model.h", "history.cc", "incident.cc"):
        digest.update((model / source).read_bytes())
    digest.update(f"{region} {START} {END} {STEP}".encode())
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "synoptic" / "bench" / f"{region}-{digest.hexdigest()[:16]}"
    if folder.exists():
        return folder
    print(f"bench: writing {HOURS} h of {region} (once)", file=sys.stderr)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_suffix(f".{os.getpid()}")
    text = scratch / "history.om"
    scratch.mkdir()
    others = ",".join(other for other in REGIONS if other != region)
    with open(text, "wb") as out:
        subprocess.run([exporter_binary(), f"--region={region}", f"--destinations={others}",
                        f"--history-start={START}", f"--history-end={END}",
                        f"--history-step={STEP}", "--label=job=service"], stdout=out, check=True)
    history.create_blocks(text, scratch / "data")
    text.unlink()
    try:
        scratch.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(scratch)
    return folder


def start_lab():
    lab = Lab("synoptic-bench-")
    binary = prometheus_binary()
    for region in REGIONS:
        lab.replicas[region] = []
        for index in range(2):
            name = f"{region}-{index}"
            history.copy_blocks(past_of(region) / "data", lab.directory / name / "data")
            lab.replicas[region].append(lab.add(Prometheus(name, lab.directory / name, binary)))
    lab.start_prometheus(binary)
    return lab


def ask(client, expression, seconds, step):
    at = END - 30.5
    if seconds == 0:
        return client.query(expression, time=at, nocache="1")
    # Off the scrape grid, and as far back as the data goes.
    return client.query_range(expression, max(at - seconds, START + 330), at, step, nocache="1")


def cpu_of(server, client, query, rounds):
    before = server.cpu_seconds()
    latencies = []
    for _ in range(rounds):
        answer = ask(client, *query)
        assert answer.status == 200, answer.text[:300]
        latencies.append(answer.seconds)
    return server.cpu_seconds() - before, latencies


def measure(lab, ours, theirs, query):
    """CPU seconds a query of (Synoptic, one Prometheus), and their p50 seconds, in turns."""
    one = lab.replicas[REGIONS[0]][0]
    servers = [(lab.synoptic, ours), (one, theirs)]
    rounds = []
    for server, client in servers:  # warm, and see how many make a measurable 0.2 s
        used, _ = cpu_of(server, client, query, 3)
        rounds.append(min(40 if QUICK else 100, max(3, int(3 * 0.2 / max(used, 0.01)))))
    spent, asked, latencies = [0.0, 0.0], [0, 0], [[], []]
    for _ in range(2 if QUICK else 5):
        for index, (server, client) in enumerate(servers):
            used, seconds = cpu_of(server, client, query, rounds[index])
            spent[index] += used
            asked[index] += rounds[index]
            latencies[index] += seconds
    return ([spent[i] / asked[i] for i in (0, 1)],
            [statistics.median(latencies[i]) for i in (0, 1)])


def added_latency(lab, ours):
    """p50 of an instant query through Synoptic less that of the slowest region, in ms."""
    query = ("sum(replication_lag_seconds)", 0, 0)
    clients = [ours] + [Client(servers[0].url) for servers in lab.replicas.values()]
    seconds = [[] for _ in clients]
    for _ in range(50 if QUICK else 400):
        for index, client in enumerate(clients):
            seconds[index].append(ask(client, *query).seconds)
    medians = [statistics.median(samples) * 1000 for samples in seconds]
    return medians[0], max(medians[1:])


def latency_over_slowest(lab, ours, query):
    """p50 of a query through Synoptic over that of the slowest region, when all are asked at the same
    time as Synoptic asks them: they share this machine's cores. In turns."""
    clients = [Client(servers[0].url, timeout=60) for servers in lab.replicas.values()]
    through, slowest = [], []
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        for _ in range(6 if QUICK else 25):
            through.append(ask(ours, *query).seconds)
            slowest.append(max(pool.map(lambda client: ask(client, *query).seconds, clients)))
    return statistics.median(through) / statistics.median(slowest)


def series_ratio(lab, ours, theirs):
    """CPU of /series of about 3,000 series, over one Prometheus' for its own third."""
    spent = []
    for server, client in ((lab.synoptic, ours), (lab.replicas[REGIONS[0]][0], theirs)):
        rounds, begin = 5 if QUICK else 200, None
        for index in range(rounds + 2):
            if index == 2:
                begin = server.cpu_seconds()
            answer = client.get("/api/v1/series", match='{__name__=~"http_request.*",method="GET"}',
                                start=END - 300, end=END, nocache="1")
            assert answer.status == 200, answer.text[:300]
        spent.append((server.cpu_seconds() - begin) / rounds)
    print(f"series: {len(answer.data)} of one, {spent[0] * 1000:.1f} ms, of one {spent[1] * 1000:.1f} ms")
    return spent[0] / max(spent[1], 1e-4)


def raw_memory(lab):
    """Bytes of memory for reading all samples raw, and how many those are."""
    # Where the language differs, nothing is pushed down.
    server = lab.start_synoptic(**{"global": {"query": {
        "max_memory": "1GiB", "enable_features": ["promql-delayed-name-removal"]}}})
    client = server.client(timeout=120)
    wait_until(lambda: ask(client, "sum(capacity_limit)", 0, 0).headers.get("Synoptic-Coverage")
               == "complete", 10, "a complete answer")
    everything = f'sum(count_over_time({{__name__=~".+"}}[{HOURS * 3600}s]))'
    pathlib.Path(f"/proc/{server.pid}/clear_refs").write_text("5")
    before = server.rss_bytes()
    answer = ask(client, everything, 0, 0)
    samples = float(answer.data["result"][0]["value"][1])
    return server.peak_rss_bytes() - before, samples


class ManyRegions(Daemon):
    LISTENING = re.compile(r"listening (\d+)")

    def argv(self):
        return [sys.executable, pathlib.Path(__file__).parent / "many_regions.py"]


def many_regions(count):
    """CPU seconds of Synoptic for one pushed query over so many regions of two replicas."""
    with Lab("synoptic-many-") as lab:
        upstreams = lab.add(ManyRegions("upstreams", lab.directory / "upstreams").launch().wait_port())
        regions = [{"name": f"r{n}", "prometheus": [
            f"http://127.{1 + replica}.{n // 250}.{n % 250 + 1}:{upstreams.port}"
            for replica in (0, 1)]} for n in range(count)]
        server = lab.synoptic = lab.add(Synoptic(lab.directory / "synoptic", {"regions": regions}))
        server.start()
        client = server.client(timeout=60)
        wait_until(lambda: client.query("sum(m)", time=END).headers.get("Synoptic-Coverage")
                   == "complete", 30, "a complete answer", interval=1)
        # Probes go on meanwhile: theirs is taken off.
        idle_from, begin = server.cpu_seconds(), time.monotonic()
        time.sleep(5)
        idle = (server.cpu_seconds() - idle_from) / (time.monotonic() - begin)
        rounds, busy_from, begin = 20, server.cpu_seconds(), time.monotonic()
        for _ in range(rounds):
            answer = client.query("sum(m)", time=END, nocache="1")
            assert answer.data["result"][0]["value"][1] == str(count), answer.text[:300]
        took = time.monotonic() - begin
        spent = server.cpu_seconds() - busy_from - idle * took
    print(f"{count} regions: {spent / rounds * 1000:.1f} ms CPU a query, "
          f"{took / rounds * 1000:.0f} ms each; probes {idle * 100:.0f} % of a core", flush=True)
    return spent / rounds


def main():
    missed = []
    figures = []

    def figure(name, value, unit, bar=None):
        figures.append(f"{name} {value:.4g} {unit}")
        if bar is not None and value > bar:
            missed.append(f"{name} {value:.4g} {unit}: bar {bar:g}")

    words = [word for word in sys.argv[1:] if not word.startswith("-")]

    def wanted(name):
        return not words or any(word in name for word in words)

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with start_lab() as lab:
        ours = lab.start_synoptic().client(timeout=60)
        theirs = Client(lab.replicas[REGIONS[0]][0].url, timeout=60)
        wait_until(lambda: ask(ours, "sum(capacity_limit)", 0, 0).headers.get("Synoptic-Coverage")
                   == "complete", 10, "a complete answer")
        print(f"{'query':<22}{'kind':<8}{'series':>7}  {'CPU ms':>8}  {'of one':>8}  {'ratio':>6}"
              f"  {'p50 ms':>7}  {'of one':>7}")
        for name, kind, *query in QUERIES:
            if not wanted(name):
                continue
            answer = ask(ours, *query)
            assert answer.headers.get("Synoptic-Coverage") == "complete", answer.text[:300]
            cpu, p50 = measure(lab, ours, theirs, query)
            ratio = cpu[0] / cpu[1]
            print(f"{name:<22}{kind:<8}{len(answer.data['result']):>7}  {cpu[0] * 1000:>8.2f}  "
                  f"{cpu[1] * 1000:>8.2f}  {ratio:>6.2f}  {p50[0] * 1000:>7.1f}  "
                  f"{p50[1] * 1000:>7.1f}", flush=True)
            figure(f"federate_cpu_{name}", ratio, "ratio",
                   BARS.get(name, PUSHED_BAR))
            if kind == "pushed":
                figure(f"federate_latency_{name}", latency_over_slowest(lab, ours, query), "ratio",
                       PUSHED_LATENCY_BAR)
        if wanted("series"):
            figure("federate_cpu_series", series_ratio(lab, ours, theirs), "ratio", LIST_BAR)
        if wanted("instant"):
            begin = time.monotonic()
            through, slowest = added_latency(lab, ours)
            print(f"instant: {through:.2f} ms through Synoptic, {slowest:.2f} ms the slowest region "
                  f"({time.monotonic() - begin:.0f} s)")
            figure("federate_instant_added_p50", through - slowest, "ms", ADDED_BAR_MS)
        figure("federate_peak_rss", lab.synoptic.peak_rss_bytes() / 2**20, "MiB", RSS_BAR_MIB)
        if wanted("memory"):
            held, samples = raw_memory(lab)
            print(f"raw read of {samples / 1e6:.1f} million samples: {held / 2**20:.0f} MiB")
            figure("federate_bytes_per_raw_sample", held / samples, "bytes",
                   None if QUICK else BYTES_PER_SAMPLE_BAR)
    if wanted("regions"):
        spent = {n: many_regions(n) for n in ((50, 100) if QUICK else (250, 500, 1000))}
        least, most = min(spent), max(spent)
        for n, seconds in spent.items():
            figure(f"federate_cpu_of_{n}_regions", seconds * 1000, "ms",
                   MANY_REGIONS_BAR_MS if n == 1000 else None)
        figure("federate_regions_linear", spent[most] / most / (spent[least] / least), "ratio",
               None if QUICK else LINEAR_BAR)
    for line in missed:
        print(f"missed: {line}")
    print("\n".join(figures))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
