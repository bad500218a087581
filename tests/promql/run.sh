#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/promql/run.sh RUNNER [-v] [SCRIPT_NAME...]
# Runs the promqltest runner over Prometheus' scripts of the pinned version and our own, or over those
# named. Exits 77 where Prometheus' cannot be had.
set -euo pipefail

module=github.com/prometheus/prometheus
version=v0.315.0

find_scripts() {
  if [ -n "${PROMQLTEST_SCRIPTS:-}" ]; then echo "$PROMQLTEST_SCRIPTS"; return; fi
  command -v go >/dev/null || return 1
  local dir
  dir="$(go env GOMODCACHE)/$module@$version"
  [ -d "$dir" ] || (cd / && GOFLAGS=-mod=mod go mod download "$module@$version" >/dev/null 2>&1) || return 1
  echo "$dir/promql/promqltest/testdata"
}

runner=$1
shift
if ! scripts=$(find_scripts); then
  echo "skipped: needs Go and $module@$version for its test scripts" >&2
  exit 77
fi
options=()
if [ "${1:-}" = -v ]; then options+=(-v); shift; fi
own=$(cd "$(dirname "$0")" && pwd)/scripts
files=()
for name in "$@"; do
  if [ -e "$own/$name" ]; then files+=("$own/$name"); else files+=("$scripts/$name"); fi
done
[ ${#files[@]} -gt 0 ] || files=("$scripts"/*.test "$own"/*.test)
exec "$runner" "${options[@]}" "${files[@]}"
