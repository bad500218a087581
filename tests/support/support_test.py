#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The judges judged: a comparison that sees no difference, or a daemon that outlives its test, would
make every other test worthless.

usage: support_test.py [-v]
"""
import copy
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance.compare import Different, compare  # noqa: E402
from lab import history, remote_write  # noqa: E402
from lab.process import Daemon  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

TESTS = pathlib.Path(__file__).resolve().parent.parent


def matrix(*series):
    return {"resultType": "matrix",
            "result": [{"metric": metric, "values": values} for metric, values in series]}


BASE = matrix(({"r": "a"}, [[1, "1"], [2, "NaN"]]), ({"r": "b"}, [[1, "3"]]))


def sees(name, expression, got, want, difference):
    """A case: compare() must raise with this text, or pass when difference is None."""
    try:
        compare(expression, got, want)
    except Different as error:
        assert difference is not None, f"{name}: should be equal, but: {error}"
        contains(str(error), difference)
    else:
        assert difference is None, f"{name}: no difference seen"


def changed(change):
    data = copy.deepcopy(BASE)
    change(data["result"])
    return data


def compare_cases(cases):
    table = [
        ("equal", "foo", BASE, None),
        ("a value", "foo", changed(lambda r: r[1]["values"].__setitem__(0, [1, "4"])), "4, want 3"),
        ("a value beyond the tolerance", "sum(foo)",
         changed(lambda r: r[1]["values"].__setitem__(0, [1, "3.00001"])), "want 3"),
        ("the last digit, where nothing is added", "foo",
         changed(lambda r: r[1]["values"].__setitem__(0, [1, "3.0000000000000004"])), "want 3"),
        ("the last digit of a sum", "sum by (r) (foo)",
         changed(lambda r: r[1]["values"].__setitem__(0, [1, "3.0000000000000004"])), None),
        ("a NaN that is a number", "sum(foo)",
         changed(lambda r: r[0]["values"].__setitem__(1, [2, "0"])), "want NaN"),
        ("a point too few", "foo", changed(lambda r: r[0]["values"].pop()), "1 points"),
        ("a point moved", "foo", changed(lambda r: r[1]["values"].__setitem__(0, [2, "3"])),
         "points"),
        ("a series too few", "foo", changed(lambda r: r.pop()), "lacks"),
        ("a series too many", "foo",
         changed(lambda r: r.append({"metric": {"r": "c"}, "values": [[1, "1"]]})), "too many"),
        ("a series twice", "foo", changed(lambda r: r.append(r[0])), "twice"),
        ("another order", "foo", changed(lambda r: r.reverse()), "order"),
        ("another type", "foo", {"resultType": "vector", "result": []}, "type vector"),
    ]
    for name, expression, got, difference in table:
        with cases.case(f"compare sees {name}"):
            sees(name, expression, got, BASE, difference)


class Sleeper(Daemon):
    def argv(self):
        # A child of its own, deaf to SIGTERM: both must go.
        return ["bash", "-c", "trap '' TERM; sleep 600 & echo $!; wait; wait"]

    STOP_SECONDS = 0.3


def process_cases(cases):
    with tempfile.TemporaryDirectory() as directory:
        with cases.case("stop ends a daemon that is deaf, and its children"):
            sleeper = Sleeper("sleeper", directory).launch()
            while not sleeper.log_since_launch().strip():
                time.sleep(0.01)
            child = pathlib.Path("/proc") / sleeper.log_since_launch().strip()
            sleeper.freeze()
            contains((pathlib.Path("/proc") / str(sleeper.pid) / "status").read_text(), "State:\tT")
            sleeper.stop()
            equal(sleeper.process.returncode, -9)
            for _ in range(100):
                if not child.exists() or "State:\tZ" in (child / "status").read_text():
                    break
                time.sleep(0.01)
            else:
                raise AssertionError("the child lives on")
    with cases.case("a runner without a passed case fails"):
        equal(Cases("quiet", verbose=False).finish(), 1)


def encoding_cases(cases):
    with cases.case("remote write: bytes of one sample, and of a stale marker"):
        equal(remote_write.encode([({"a": "b"}, [(5, 1.0)])]).hex(),
              "0a15" "0a06" "0a0161" "120162" "120b" "09000000000000f03f" "1005")
        contains(remote_write.encode([({"a": "b"}, [(5, remote_write.STALE)])]).hex(),
                 "09020000000000f07f")
    with cases.case("snappy: length, then literals"):
        equal(remote_write.snappy(b"abc").hex(), "03" "f40200" "616263")
    with cases.case("OpenMetrics: in order of time, escaped"):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "x.om"
            history.write_openmetrics(file, [({"__name__": "a", "l": 'q"\n'}, [(2000, 1), (1, 2)]),
                                             ({"__name__": "b"}, [(1500, float("inf"))])])
            equal(file.read_text(), 'a{l="q\\"\\n"} 2.0 0.001\nb{} +Inf 1.500\n'
                                    'a{l="q\\"\\n"} 1.0 2.000\n# EOF\n')


def docs_cases(cases):
    script = TESTS.parent / "scripts/lib/check_docs.py"
    with cases.case("check_docs: names a path that is not there"):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            (root / "scripts/lib").mkdir(parents=True)
            (root / "scripts/lib/check_docs.py").write_bytes(script.read_bytes())
            (root / "a.md").write_text("See `scripts/lib/check_docs.py` and `scripts/{lib,gone}/`.\n"
                                       "[there](b.md) `build/<preset>` `text/plain`\n"
                                       "```\n./scripts/nothing now\n```\n")
            for command in (["init", "-q"], ["add", "-A"]):
                subprocess.run(["git", *command], cwd=root, check=True)
            done = subprocess.run([sys.executable, root / "scripts/lib/check_docs.py"],
                                  capture_output=True, text=True, check=False)
            equal(done.stdout.splitlines(),
                  ["a.md:1: names scripts/gone/, which does not exist",
                   "a.md:2: names b.md, which does not exist",
                   "a.md:4: names scripts/nothing, which does not exist"])
            equal(done.returncode, 1)


def main():
    cases = Cases("support")
    compare_cases(cases)
    encoding_cases(cases)
    process_cases(cases)
    docs_cases(cases)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
