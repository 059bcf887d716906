#!/usr/bin/env bash
# Runs a generator or a compiler, and fails when it fails or warns.
#
# usage: quietly.sh COMMAND...
set -euo pipefail
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# The Java generator says this about every contract that shows what a request looks like: it would put one example
# into Markdown that isn't made here, and objects are too much for that.
known='[WARNING] Ignoring complex example on request body'

status=0
"$@" >"$output" 2>&1 || status=$?
warnings=$(grep -E '\[WARNING\]|\bWARN\b|\b[Ww]arnings?\b' "$output" | grep -vxF -- "$known" || true)
if ((status)) || [[ -n $warnings ]]; then
  cat "$output" >&2
  if ((status)); then echo "failed: $*" >&2; else echo "warned: $*" >&2; fi
  exit 1
fi
