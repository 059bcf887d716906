#!/usr/bin/env bash
# Makes the client of a language from openapi.yaml, runs the program that uses it, and proves that it does its work.
# All that this installs and makes lies in folders that git ignores, or in the caches of Maven and Cargo.
#
# usage: sdk.sh make LANGUAGE         generate the client, compile it and the program; no warnings
#        sdk.sh run LANGUAGE          run the program; run.sh says what the environment has to hold
#        sdk.sh test SPSD LANGUAGE... run each program against an spsd
#        sdk.sh selftest              show that warnings fail; after "make python" and "make java"
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
quietly=$here/quietly.sh

# fresh INSTALLED LIST: whether INSTALLED was made from LIST as it is now.
fresh() { cmp -s "$1/.installed" "$2"; }

make_typescript() {
  if ! fresh node_modules package-lock.json; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.installed
  fi
  "$quietly" node_modules/.bin/openapi-ts
  "$quietly" node_modules/.bin/tsc
}
run_typescript() { NODE_EXTRA_CA_CERTS=$SPS_CA node build/src/main.js; }

make_python() {
  if ! fresh .venv requirements.txt; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.txt
    cp requirements.txt .venv/.installed
  fi
  PATH=$PWD/.venv/bin:$PATH
  generate_python ../../../openapi.yaml generated
  "$quietly" python -m compileall -q generated
  "$quietly" mypy
}
# generate_python CONTRACT FOLDER
generate_python() {
  mkdir -p "$2"
  "$quietly" openapi-python-client generate --path "$1" --output-path "$2/sps_client" \
    --overwrite --meta none --config config.yml
}
run_python() { PYTHONPATH=generated .venv/bin/python sdk_test.py; }

make_java() { generate_java ../../../openapi.yaml generated compile; }
# generate_java CONTRACT FOLDER PHASE
generate_java() { "$quietly" mvn --batch-mode --no-transfer-progress -Dcontract="$1" -Dgenerated="$2" "$3"; }
run_java() { java -cp 'target/classes:target/lib/*' SdkTest; }

make_rust() { "$quietly" cargo build --locked; }
run_rust() { cargo run --quiet --locked; }

# program LANGUAGE SPSD [NAME=VALUE]: the program against an spsd.
program() { "$here/run.sh" "$2" env "${@:3}" "$here/sdk.sh" run "$1"; }

test_all() {
  local spsd=$1 language
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  "$here/run.sh" "$spsd" sh -c 'cp "$SPS_CA" "$0"' "$work/other.pem"
  for language in "${@:2}"; do
    echo "== $language"
    program "$language" "$spsd"
    if program "$language" "$spsd" SPS_CA="$work/other.pem" >"$work/out" 2>&1 || ! grep -qi certif "$work/out"; then
      cat "$work/out" >&2
      echo "the $language program trusted a certificate that it must not trust" >&2
      exit 1
    fi
    echo "refused a certificate that nobody vouches for"
  done
}

# refuses COMMAND...: fails when the command succeeds.
refuses() {
  if "$@" >"$work/out" 2>&1; then
    echo "the gate let pass: $*" >&2
    exit 1
  fi
}

said() { grep -qF "$1" "$work/out" || { cat "$work/out" >&2; exit 1; }; }

selftest() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  "$quietly" printf '%s\n' done '[WARNING] Ignoring complex example on request body'
  refuses "$quietly" false
  refuses "$quietly" echo '[WARNING] LocalTime (reserved word) cannot be used as model name. Renamed to ModelLocalTime'
  refuses "$quietly" echo 'warning: unused variable: `a`'

  # What the generators said before the contract was reshaped.
  local contract=../../openapi.yaml
  sed "s/^            empty: .*TransactionOpening' }/&\n        '*\/*': {}/" "$contract" >"$work/types.yaml"
  sed 's/ZonelessTime/LocalTime/' "$contract" >"$work/name.yaml"
  for planted in types name; do
    ! cmp -s "$contract" "$work/$planted.yaml" || { echo "nothing was planted: $planted" >&2; exit 1; }
  done
  (cd python && PATH=$PWD/.venv/bin:$PATH && refuses generate_python "$work/types.yaml" "$work/python")
  said 'WARNING parsing POST /api/transaction'
  (cd java && refuses generate_java "$work/name.yaml" "$work/java" generate-sources)
  said 'LocalTime (reserved word)'
}

case $1 in
make) cd "$2" && "make_$2" ;;
run) cd "$2" && "run_$2" ;;
test)
  spsd=$(realpath "$here/../../$2")
  test_all "$spsd" "${@:3}"
  ;;
selftest) selftest ;;
esac
