#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/compat/engine/run.sh COMPARER [--queries N] [--seed S] [--data-seed S] [--worlds N]
#                                   [--show N] [--smoke] [--again QUESTION]
# Starts the real engine (server.sh) and lets COMPARER (promql_random_compare) ask both. --smoke: 5,000 queries; --again: the one question of a line
# "ask again", with the --data-seed that it was printed for. Exits 77 where Go is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
comparer=$1
shift
queries=20000 seed=1 data_seed=1 worlds=8 show=20 again=
while [ $# -gt 0 ]; do
  case "$1" in
    --queries) queries=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --data-seed) data_seed=$2; shift 2 ;;
    --worlds) worlds=$2; shift 2 ;;
    --show) show=$2; shift 2 ;;
    --again) again=$2; shift 2 ;;
    --smoke) queries=5000; shift ;;
    *) echo "random: unknown argument \"$1\"" >&2; exit 2 ;;
  esac
done
coproc engine { exec "$here/server.sh" -seed "$data_seed" -worlds "$worlds"; }
server=$engine_PID
read -r port <&"${engine[0]}" || { status=0; wait "$server" || status=$?; exit "$status"; }
if [ -n "$again" ]; then
  status=0
  "$comparer" "$port" again "$again" || status=$?
  exit "$status"
fi
echo "random: $queries queries, --seed $seed, --data-seed $data_seed, --worlds $worlds"
"$comparer" "$port" "$queries" "$seed" "$show" "$here/explained.txt"
