#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Every path that a tracked .md names exists.

A path is: a relative link target; a `back-ticked` word with a slash that starts in one of our top
folders or ends like a file of ours; `scripts/...` in a code block. `a/{b,c}.h` names both files,
`*` matches; words with <placeholders> and what a build leaves in build/ are not checked.
"""
import itertools
import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^\s*(```|~~~)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TICKED = re.compile(r"`([^`\n]+)`")
IN_BLOCK = re.compile(r"(?:^|[\s=])(?:\./)?(scripts/[\w./-]+)")
WORD = re.compile(r"^[\w.+{},*/-]+(:\d+)?$")
FILE_LIKE = re.compile(r"\.(h|cc|cmake|py|sh|md|ya?ml|proto|test|txt|json|in)$")
GENERATED = ("build/", "data/", ".cache/")


def braces(word):
    """a{b,c}d -> abd, acd; any number of groups, not nested."""
    parts = re.split(r"\{([^{}]*)\}", word)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*choices)]


def exists(root, folder, word):
    word = re.sub(r"\.pb\.(h|cc)$", ".proto", word)  # protoc makes the one of the other
    for base in (folder, root):
        if "*" in word:
            if any(True for _ in base.glob(word.rstrip("/"))):
                return True
        elif (base / word).exists():
            return True
    return False


def named_paths(line, in_block, tops):
    if in_block:
        yield from IN_BLOCK.findall(line)
        return
    for target in LINK.findall(line):
        if not re.match(r"^([a-z+]+:|#|/)", target):
            yield target.split("#")[0]
    for word in TICKED.findall(line):
        word = word.split()[0] if word.startswith(("scripts/", "./scripts/")) else word
        word = word.removeprefix("./")
        if "/" not in word or word.startswith("/") or not WORD.match(word):
            continue
        word = word.split(":")[0]
        if word.split("/")[0] in tops or FILE_LIKE.search(word) or word.endswith("/"):
            yield word


def main():
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, text=True,
                             capture_output=True).stdout.split("\0")
    tops = {path.split("/")[0] for path in tracked if "/" in path}
    missing = 0
    for path in sorted(path for path in tracked if path.endswith(".md")):
        file = root / path
        if not file.exists():
            continue
        in_block = False
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if FENCE.match(line):
                in_block = not in_block
                continue
            for named in named_paths(line, in_block, tops):
                if named.startswith(GENERATED):
                    continue
                for word in braces(named):
                    if word and not exists(root, file.parent, word):
                        missing += 1
                        print(f"{path}:{number}: names {word}, which does not exist")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
