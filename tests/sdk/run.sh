#!/usr/bin/env bash
# Runs a program against an spsd of its own, which ends with it.
#
# The program gets SPS_URL, SPS_CA (a PEM file), SPS_USER, SPS_PASSWORD, and in SPS_TRAIL the name of a file to make.
#
# usage: run.sh SPSD COMMAND...
set -euo pipefail
work=$(mktemp -d)
spsd=
finish() {
  [[ -z $spsd ]] || { kill "$spsd" && wait "$spsd"; } 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

SPS_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
SPSD_ADMIN_PASSWORD=$SPS_PASSWORD "$1" serve --demo --data "$work/data" --listen 127.0.0.1:0 \
  --ready-file "$work/ready.json" >"$work/log" 2>&1 &
spsd=$!
until [[ -s $work/ready.json ]]; do
  kill -0 "$spsd" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.05
done
member() { sed -E "s/.*\"$1\": ?\"([^\"]*)\".*/\1/" "$work/ready.json"; }
export SPS_URL=$(member url) SPS_CA=$(member ca) SPS_USER=admin SPS_PASSWORD SPS_TRAIL=$work/trail.zat
status=0
"${@:2}" || status=$?
if ((status)); then cat "$work/log" >&2; fi
exit "$status"
