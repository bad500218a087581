# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A test runner in sixty lines: named cases, a reason for each failure, one summary line last."""
import contextlib
import os
import sys
import time
import traceback


class Cases:
    """Use: cases = Cases("federation"); with cases.case("name"): assert …; sys.exit(cases.finish())"""

    def __init__(self, title, verbose=None):
        self.title = title
        self.verbose = "-v" in sys.argv if verbose is None else verbose
        self.only = [word for word in sys.argv[1:] if not word.startswith("-")]
        self.passed = self.failed = self.skipped = 0
        self.begin = time.monotonic()

    def wanted(self, name):
        """Words on the command line select the cases whose name holds one of them."""
        return not self.only or any(word in name for word in self.only)

    @contextlib.contextmanager
    def case(self, name):
        try:
            yield
        except Exception as error:  # every kind: a case may fail in any way
            self.failed += 1
            print(f"FAIL  {self.title}: {name}: {_story(error)}", flush=True)
            if os.environ.get("TRACE"):
                traceback.print_exc()
        else:
            self.passed += 1
            if self.verbose:
                print(f"ok    {self.title}: {name}", flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip  {self.title}: {name}: {why}", flush=True)

    def finish(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.title}: {self.passed} passed, {self.failed} failed{skipped} "
              f"({time.monotonic() - self.begin:.0f} s)", flush=True)
        return 1 if self.failed or not self.passed else 0


def _story(error):
    text = str(error) or type(error).__name__
    if not isinstance(error, AssertionError):
        text = f"{type(error).__name__}: {text}"
    if not str(error):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        text += f" at {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}"
    return text


def equal(got, want, what=""):
    assert got == want, f"{what + ': ' if what else ''}got {got!r}, want {want!r}"


def contains(text, part):
    assert part in text, f"{part!r} not in {text[:300]!r}"
