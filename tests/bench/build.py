#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What a contributor waits for: a clean build with all tests and without ccache, and, after touching
one source, its library's test.

usage: scripts/bench build [SOURCE TEST]   default: promql/eval/evaluator.cc promql_eval_test
The bars are for two cores; SYNOPTIC_JOBS says how many jobs run (default 2).
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLEAN_BAR_MINUTES, TOUCH_BAR_SECONDS = 25, 30


def timed(*command):
    begin = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr,
                   env={**os.environ, "CCACHE_DISABLE": "1"})
    return time.monotonic() - begin


def main():
    source, test = sys.argv[1:3] if len(sys.argv) > 2 else ("promql/eval/evaluator.cc",
                                                           "promql_eval_test")
    if not (ROOT / source).exists():
        sys.exit(f"bench build: no source {source}")
    jobs = "-j" + os.environ.get("SYNOPTIC_JOBS", "2")
    folder = tempfile.mkdtemp(prefix="synoptic-build-")
    try:
        subprocess.run(["cmake", "--preset", "release", "-B", folder], cwd=ROOT, check=True,
                       stdout=sys.stderr)
        clean = timed("ninja", "-C", folder, jobs) / 60
        (ROOT / source).touch()
        touch = timed("ninja", "-C", folder, jobs, test)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"build_clean {clean:.1f} min")
    print(f"build_touch_one {touch:.1f} s")
    return 1 if clean > CLEAN_BAR_MINUTES or touch > TOUCH_BAR_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
