#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Our parser against Prometheus' own, text by text: scripts/conformance parser. See README.md."""

import argparse
import base64
import collections
import glob
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build" / "compat" / "parser"
MODULE = "github.com/prometheus/prometheus"
SKIPPED = 77

def inside_brackets(text, error):
    """Whether a one-line text has an open bracket where the error points."""
    found = re.match(r"1:(\d+): ", error)
    return found is not None and re.search(r"\[[^\]]*$", text[:int(found.group(1))]) is not None


def unassigned_as_they_are(value):
    def character(match):
        rune = chr(int(match.group(1) or match.group(2), 16))
        return rune if unicodedata.category(rune) == "Cn" else match.group(0)
    if not isinstance(value, str):
        return value
    return re.sub(r"\\u([0-9a-f]{4})|\\U00([0-9a-f]{6})", character, value)


# Differences that are meant, each with the test that recognises it in (text, theirs, ours).
EXPLAINED = {
    "integral() came with Prometheus 3.16": lambda text, theirs, ours: "integral" in text,
    "our limits on depth and size": lambda text, theirs, ours: re.search(
        r"levels deep|operations deep|more than \d+ values|more than \d+ (parts|selectors|matchers)|at most \d+ are allowed",
        ours.get("error", "")),
    "RE2 and Go's regexp name the offending part differently": lambda text, theirs, ours: (
        "error parsing regexp" in theirs.get("error", "")
        and ours.get("error", "").split("error parsing regexp")[0]
        == theirs["error"].split("error parsing regexp")[0]),
    "a label given twice: Prometheus keeps both, we keep the last": lambda text, theirs, ours: (
        theirs.get("twice", False)),
    "Prometheus prints two signs for the smallest offset": lambda text, theirs, ours: (
        "offset --" in theirs.get("print", "")),
    "we add parentheses where Prometheus prints an offset that reads back as less": (
        lambda text, theirs, ours: "offset" in theirs.get("print", "") and all(
            re.sub("[ ()\n]", "", str(theirs[k])) == re.sub("[ ()\n]", "", str(ours.get(k))) for k in theirs)),
    "Go escapes code points that Unicode has not assigned": lambda text, theirs, ours: (
        {k: unassigned_as_they_are(v) for k, v in theirs.items()} == ours),
    "growing native histograms are not supported yet": lambda text, theirs, ours: (
        "not supported yet" in ours.get("error", "")),
    "Prometheus skips nonsense among a histogram's buckets, we refuse it": lambda text, theirs, ours: (
        re.search("in (histogram description|series values)", ours.get("error", "")) is not None
        and inside_brackets(text, ours["error"])),
    "JSON has no NaN and no infinity: Prometheus fails, we quote them": lambda text, theirs, ours: (
        "unsupported value" in theirs.get("ast", "")
        and {**theirs, "ast": ""} == {**ours, "ast": ""}),
}


def run(command, **kwargs):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **kwargs).stdout


def build_oracle():
    """Builds main.go with the one file of Prometheus that Go does not let us import."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("main.go", "literals.go", "go.mod", "go.sum"):
        shutil.copyfile(HERE / name, BUILD / name)
    env = {**os.environ, "GOFLAGS": "-mod=mod"}
    module = pathlib.Path(run(["go", "list", "-m", "-f", "{{.Dir}}", MODULE], cwd=BUILD, env=env).strip())
    translate = (module / "web/api/v1/translate_ast.go").read_text()
    (BUILD / "translate_ast.go").write_text(translate.replace("package v1", "package main", 1))
    subprocess.run(["go", "build", "-o", "oracle", "."], cwd=BUILD, env=env, check=True)
    return BUILD / "oracle", module


def corpus(oracle, module):
    """Every string literal of Prometheus' parser and engine tests, every eval of its scripts."""
    files = glob.glob(str(module / "promql/parser/*_test.go")) + glob.glob(str(module / "promql/*_test.go"))
    texts = [base64.b64decode(line) for line in run([str(oracle), *sorted(files)]).split("\n")[:-1]]
    series = []
    for path in sorted(glob.glob(str(module / "promql/promqltest/testdata/*.test"))):
        for line in pathlib.Path(path).read_bytes().splitlines():
            line = line.strip()
            found = re.match(rb"eval\w* (?:instant at \S+|range from \S+ to \S+ step \S+) (.*)", line)
            if found:
                texts.append(found.group(1))
            elif re.match(rb"[\w:{\"]+.* \S", line) and not line.startswith((b"eval", b"load", b"expect")):
                series.append(line)
    return sorted({t for t in texts if len(t) < 4000}), sorted(set(series))


TOKENS = (
    b"( ) [ ] { } , : + - * / % ^ == != <= >= < > = =~ !~ @ </ >/ and or unless atan2 bool by without on "
    b"ignoring group_left group_right offset anchored smoothed fill fill_left fill_right start end step "
    b"range min_of max_of sum topk quantile count_values limitk limit_ratio rate time info absent 5m 1h30m 0 "
    b"1 -1 1e3 0x1f 017 08 1_000 .5 5. Inf NaN 1y2w3d 5s3m \"a\" 'b' `c` \"\\n\" \"\\x\" foo bar:baz a b job "
    b"__name__ [5m] [5m:] [5m:1m] (5m) offset(5m) {a=\"b\"} {a=~\"b(\"} # \n step() range() start() end() "
    b"max_of(1,2) fill(1) 0s ms 1ms 9e99 99999999999y !  . _ $ \" ' ` \\ \xc3\xa9 \xff \xe2\x82\xac").split(b" ")


def mutate(rng, texts):
    text = bytearray(rng.choice(texts))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice((1, 1, 2, 5)))
        match rng.randrange(8):
            case 0:
                del text[at:end]
            case 1:
                text[at:at] = rng.choice(TOKENS)
            case 2:
                text[at:at] = b" " + rng.choice(TOKENS) + b" "
            case 3:
                text[at:end] = rng.choice(TOKENS)
            case 4:
                other = rng.choice(texts)
                cut = rng.randrange(len(other) + 1)
                text[at:] = other[cut:]
            case 5:
                text[at:at] = text[rng.randrange(len(text) + 1):][:10]
            case 6:  # one word for another
                words = list(re.finditer(rb"\w+|[^\w\s]", bytes(text)))
                if words:
                    word = rng.choice(words)
                    text[word.start():word.end()] = rng.choice(TOKENS)
            case 7:
                text[:] = b"(" + text + b")" + b" " + rng.choice(TOKENS) + b" " + rng.choice(texts)
    return bytes(text[:2000])


def ask(command, lines):
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # noqa: E731
    answers = run([str(command)], input="".join(lines), preexec_fn=limit).split("\n")[:-1]
    if len(answers) != len(lines):
        sys.exit(f"{command}: {len(answers)} answers to {len(lines)} lines")
    return [json.loads(a) for a in answers]


def explain(text, theirs, ours):
    for reason, test in EXPLAINED.items():
        if test(text, theirs, ours):
            return reason
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="differences to print")
    parser.add_argument("--tool", default=str(ROOT / "build/release/bin/promql_parse_tool"))
    args = parser.parse_args()
    if shutil.which("go") is None:
        print("skipped: go is not installed (https://go.dev/dl; 1.26 or later)")
        return SKIPPED
    oracle, module = build_oracle()
    texts, series = corpus(oracle, module)
    rng = random.Random(args.seed)
    cases = [("expr", flags, t) for t in texts for flags in (0, 3)]
    cases += [(kind, 3, t) for t in texts for kind in ("selector", "metric")]
    cases += [("series", 3, t) for t in series + texts]
    for _ in range(args.mutations):
        kind = rng.choice(("expr",) * 8 + ("selector", "metric", "series"))
        cases.append((kind, rng.choice((0, 3, 3, 3)), mutate(rng, series if kind == "series" else texts)))
    # Prometheus expands a repetition whatever its count.
    cases = [c for c in cases if c[0] != "series" or not re.search(rb"x\d{5}", c[2])]
    lines = [f"{kind} {flags} {base64.b64encode(text).decode()}\n" for kind, flags, text in cases]
    theirs, ours = ask(oracle, lines), ask(args.tool, lines)

    reasons, different = collections.Counter(), 0
    for (kind, flags, text), t, o in zip(cases, theirs, ours):
        if t == o:
            continue
        reason = explain(text.decode(errors="replace"), t, o)
        if reason:
            reasons[reason] += 1
            continue
        different += 1
        if different <= args.show:
            print(f"--- {kind} flags={flags} {text!r}")
            for key in sorted(t.keys() | o.keys()):
                if t.get(key) != o.get(key):
                    print(f"  {key}\n    prometheus: {t.get(key)}\n    synoptic:   {o.get(key)}")
    for reason, count in reasons.most_common():
        print(f"explained {count}: {reason}")
    accepted = sum("error" not in t for t in theirs)
    for name, value in (("texts", len(cases)), ("accepted", accepted),
                        ("explained", sum(reasons.values())), ("different", different)):
        print(f"parser_{name} {value} count")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
