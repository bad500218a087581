#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs the missing ones of scripts/lib/packages.txt with apt-get, as root or through sudo.
# Quick when all are there (one dpkg call). SYNOPTIC_NO_INSTALL=1 turns it into a check.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

mapfile -t wanted < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install: this is not a Debian system; install by hand what $here/packages.txt names" >&2
  exit 1
fi

mapfile -t present < <(dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' "${wanted[@]}" 2>/dev/null |
                       awk '$2 == "ii" {print $1}')
missing=()
for package in "${wanted[@]}"; do
  printf '%s\n' "${present[@]}" | grep -qxF -- "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ -n "${SYNOPTIC_NO_INSTALL:-}" ]; then
  echo "install: missing packages: ${missing[*]}" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install: need root or sudo for: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# Debian starts the daemons of the prometheus packages once they are installed. The lab starts its
# own; nobody asked for one on this machine's port 9090. policy-rc.d is Debian's way to say so.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi

echo "install: ${missing[*]}" >&2
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -qq "$@" >&2; }
apt update
apt install --no-install-recommends "${missing[@]}"
