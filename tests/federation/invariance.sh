#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/federation/invariance.sh COMPARER [ARGS...]
# Starts the real engine (tests/compat/engine/server.sh) and lets COMPARER (federation_invariance) hold
# its truth against it. Without Go says so, and the truth is our evaluator's alone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
comparer=$1
shift
coproc engine { exec "$here/../compat/engine/server.sh" -worlds 0; }
port=0
read -r port <&"${engine[0]}" || port=0
"$comparer" "$@" --engine "$port"
