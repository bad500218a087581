#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# usage: scripts/lib/build_prometheus.sh [--cached]
# Prints the path of a Prometheus 3.15 server, building it first when the cache has none. Prometheus
# comes as a Go module through the module proxy; the tag remove_all_sd leaves out every service
# discovery but files and HTTP, which the lab does not use, and with them most of the modules.
# The build is cached outside the tree. Exit code 3: none built and --cached given, or no Go here
# (callers then take Debian's 2.42).
set -euo pipefail

version=v0.315.0   # the module's version of Prometheus 3.15.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/synoptic/prometheus-$version"
binary="$cache/prometheus"
if [ -x "$binary" ]; then echo "$binary"; exit 0; fi
[ "${1:-}" != --cached ] || exit 3

go=$(command -v go || ls /usr/local/go/bin/go 2>/dev/null || true)
if [ -z "$go" ]; then echo "build_prometheus: no Go on this machine" >&2; exit 3; fi

mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
if [ -x "$binary" ]; then echo "$binary"; exit 0; fi

echo "build_prometheus: building Prometheus $version (once; some minutes)" >&2
scratch="$cache/module"
rm -rf "$scratch" && mkdir "$scratch" && cd "$scratch"
cat >go.mod <<MOD
module synoptic-lab-prometheus
MOD
export GOFLAGS=-mod=mod GOWORK=off CGO_ENABLED=0 GOTOOLCHAIN="${GOTOOLCHAIN:-auto}"
"$go" get "github.com/prometheus/prometheus/cmd/prometheus@$version" >&2
nice -n 10 "$go" build -tags remove_all_sd -trimpath \
  -ldflags "-s -w -X github.com/prometheus/common/version.Version=3.15.0" \
  -o "$binary.new" github.com/prometheus/prometheus/cmd/prometheus >&2
mv "$binary.new" "$binary"
cd / && rm -rf "$scratch"
echo "$binary"
