# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the scripts: the root of the tree, and the two ways to build.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

# build_preset PRESET [TARGET...]: configures when needed and builds the targets (default: all).
build_preset() {
  local preset=$1
  shift
  [ -f "$root/build/$preset/build.ninja" ] || (cd "$root" && cmake --preset "$preset" >&2)
  ninja -C "$root/build/$preset" -j"${SYNOPTIC_JOBS:-$(nproc)}" "$@" >&2
}
