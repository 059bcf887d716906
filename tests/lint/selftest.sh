#!/usr/bin/env bash
# Shows that the gates can fail: each is given a contract with an error that it is
# there to find.
#
# usage: selftest.sh OASDIFF   (in the top directory)
set -euo pipefail
oasdiff=$(realpath "$1")
breaking=$(realpath tests/lint/breaking.sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refuses WHAT COMMAND...: fails when the command succeeds.
refuses() {
  if "${@:2}" >"$work/out" 2>&1; then
    echo "the gate let pass: $1" >&2
    exit 1
  fi
}
accepts() {
  if ! "${@:2}" >"$work/out" 2>&1; then
    echo "the gate refused: $1" >&2
    cat "$work/out" >&2
    exit 1
  fi
}

lint=tests/lint/node_modules/.bin
sed 's/^      operationId: getInfo$/      operationId: getSetup/' openapi.yaml >"$work/twice.yaml"
sed '0,/\/components\/responses\/Forbidden/s//\/components\/responses\/Nothing/' openapi.yaml >"$work/nowhere.yaml"
sed '/^  license:/,/^    url:/d' openapi.yaml >"$work/licence.yaml"
for broken in twice nowhere licence; do
  cmp -s openapi.yaml "$work/$broken.yaml" && { echo "nothing was planted: $broken" >&2; exit 1; }
done
refuses "one name for two operations, by Spectral" "$lint/spectral" lint "$work/twice.yaml" -r tests/lint/spectral.yaml -F hint
for broken in nowhere licence; do
  refuses "$broken, by Redocly" "$lint/redocly" lint "$work/$broken.yaml" --config tests/lint/redocly.yaml
done

clone=$work/clone
git init -q "$clone"
cd "$clone"
commit() { git -c user.name=t -c user.email=t@example.com commit -qam "$1"; }
cp "$OLDPWD/openapi.yaml" .
git add openapi.yaml
sed -i 's/^  version: .*/  version: 1.2.3/' openapi.yaml
commit release
accepts "a contract without a release" "$breaking" "$oasdiff"
git tag contract-v1.2.3
accepts "a contract without changes" "$breaking" "$oasdiff"
sed -i 's/^  \/api\/setup:$/  \/api\/set_up:/' openapi.yaml
for version in 1.2.3 1.3.0; do
  sed -i "s/^  version: .*/  version: $version/" openapi.yaml
  refuses "a path that is gone in $version" "$breaking" "$oasdiff"
done
sed -i 's/^  version: .*/  version: 2.0.0/' openapi.yaml
accepts "a path that is gone in 2.0.0" "$breaking" "$oasdiff"
git tag -d contract-v1.2.3 >/dev/null
git tag contract-v1.2.4
refuses "a tag that is not the version" "$breaking" "$oasdiff"
echo "the gates refuse what they should"
