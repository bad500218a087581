# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A past for servers that have not lived it: samples as OpenMetrics text, blocks by promtool."""
import pathlib
import shutil
import subprocess


def escape(value):
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value):
    """repr() round-trips; OpenMetrics spells the rest its own way."""
    text = repr(float(value))
    return {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}.get(text, text)


def write_openmetrics(path, series, more_labels=None):
    """series: [(labels dict with __name__, [(milliseconds, value)])]. Times may differ by series;
    lines come out in the order of time, as a backfill must be."""
    lines = []
    for labels, samples in series:
        labels = {**labels, **(more_labels or {})}
        name = labels["__name__"]
        text = ",".join(f'{key}="{escape(value)}"' for key, value in sorted(labels.items())
                        if key != "__name__")
        head = f"{name}{{{text}}}"
        lines += [(stamp, f"{head} {number(value)} {stamp / 1000:.3f}\n") for stamp, value in samples]
    lines.sort(key=lambda line: line[0])
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(line for _, line in lines)
        out.write("# EOF\n")


def create_blocks(openmetrics, data):
    """Adds blocks with the samples of the text file to the data directory."""
    data = pathlib.Path(data)
    data.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet",
                           str(openmetrics), str(data)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"promtool: {done.stdout[-500:]}{done.stderr[-500:]}")


def copy_blocks(source, target):
    """The same blocks for another server: hard links, for blocks never change."""
    shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)


def _link(source, target):
    try:
        pathlib.Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
