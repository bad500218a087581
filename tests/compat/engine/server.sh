#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/compat/engine/server.sh [-seed S] [-worlds N]
# Builds the real engine of the pinned Prometheus version and becomes it: its first line is its port
# on loopback, and it ends when its input does. Exits 77 where Go is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../../build/compat/engine
if ! command -v go >/dev/null; then
  echo "skipped: go is not installed (https://go.dev/dl; 1.26 or later)" >&2
  exit 77
fi
mkdir -p "$build"
if ! (cd "$here" && go mod download) >"$build/download.log" 2>&1; then
  echo "skipped: Go's modules cannot be had: $(tail -1 "$build/download.log")" >&2
  exit 77
fi
(cd "$here" && go build -o "$build/engine" ./server)
exec "$build/engine" "$@"
