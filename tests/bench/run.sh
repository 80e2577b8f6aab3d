#!/usr/bin/env bash
# Measures VecVault beside its rivals and prints the table, which is also kept in tests/.cache/bench/latest.md.
#
#   ./tests/bench/run.sh              some 20 minutes on two cores
#   ./tests/bench/run.sh --quick      small data, a few minutes
#   ./tests/bench/run.sh --only NAME  one section: codec, verbs, create, restore, verify, list, page, chroma, scaling
#   ./tests/bench/run.sh --million    scaling up to a million records (15 GB of disk)
#   ./tests/bench/run.sh --data DIR   real embeddings: a .npy and a .jsonl or .jsonl.gz in the same order
#
# Needs what the project needs. Rivals in Python and Postgres (with pgvector) are installed with pip into
# tests/.cache/bench/venv; what cannot be installed is a row that says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache="$PWD/tests/.cache/bench"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
mkdir -p "$cache"

# A Python environment with the rivals, made anew where their requirements change.
rivals() {
  local wanted
  wanted=$(sha256sum tests/bench/python/requirements.txt; python3 --version) || return 1
  if [ "$(cat "$cache/venv/made-for" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv" || return 1
  # One by one: what cannot be installed does not keep the others out.
  while read -r requirement; do
    "$cache/venv/bin/pip" install --quiet --disable-pip-version-check "$requirement" || true
  done < <(grep -v '^#' tests/bench/python/requirements.txt)
  echo "$wanted" >"$cache/venv/made-for"
}

cargo build --release --package vecvault
cargo build --release --manifest-path tests/bench/Cargo.toml
rivals || echo "no Python environment: its rivals are left out" >&2

exec "$CARGO_TARGET_DIR/release/vecvault-bench" table --cache "$cache" \
  --vecvault "$CARGO_TARGET_DIR/release/vecvault" "$@"
