#!/usr/bin/env bash
# Refuses a contract that breaks clients of the last released one, unless its version
# says so: by a new major number, or before 1.0 by a new minor one. A release of the
# contract is a tag contract-vX.Y.Z.
#
# usage: breaking.sh OASDIFF   (in a clone)
set -euo pipefail
oasdiff=$1
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  echo "this clone is shallow and may lack the last tag: git fetch --unshallow --tags" >&2
  exit 2
fi
if ! tag=$(git describe --tags --match 'contract-v*' --abbrev=0 2>/dev/null); then
  echo "no tag contract-v*: nothing to compare with"
  exit 0
fi
version() { sed -n '/^info:/,/^[a-z]/s/^  version: *//p' | head -1; }
base=$(mktemp)
trap 'rm -f "$base"' EXIT
git show "$tag:openapi.yaml" >"$base"
was=$(version <"$base")
is=$(version <openapi.yaml)
if [ "contract-v$was" != "$tag" ]; then
  echo "the contract of $tag says that it is $was" >&2
  exit 1
fi
if "$oasdiff" breaking --fail-on ERR "$base" openapi.yaml >"$base.report" 2>&1; then
  rm "$base.report"
  echo "$is breaks nothing of $was"
  exit 0
fi
breaks=$(grep -c '^error' "$base.report" || true)
if [ "$breaks" = 0 ]; then # it failed for another reason
  cat "$base.report" >&2
  rm "$base.report"
  exit 2
fi
IFS=. read -r was_major was_minor _ <<<"$was"
IFS=. read -r major minor _ <<<"$is"
if ((major > was_major || major == 0 && was_major == 0 && minor > was_minor)); then
  rm "$base.report"
  echo "$is breaks $was in $breaks places, as its version says"
  exit 0
fi
cat "$base.report" >&2
rm "$base.report"
echo "$is breaks $was in $breaks places, and its version does not say so" >&2
exit 1
