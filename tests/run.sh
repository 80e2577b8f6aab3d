#!/usr/bin/env bash
# Sets up and runs every test. The last line is `N passed, N failed`; the exit code is 0 where none failed.
#
#   ./tests/run.sh          everything that takes minutes at most
#   ./tests/run.sh --long   and then the long modes: tests marked `#[ignore = "long: …"]`, optimised
#
# A machine needs Rust (with rustfmt and clippy), git and a C compiler. Anything else is installed from
# Debian's packages where that is allowed, or named.
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

long=false
case "${1-}" in
  '') ;;
  --long) long=true ;;
  *) echo "usage: ./tests/run.sh [--long]" >&2; exit 2 ;;
esac

cache=tests/.cache
log="$cache/step.log"
passed=0
failed=0
failures=()
mkdir -p "$cache"

# Runs one step and counts it: by the result lines that test runners print, or as one where it prints none.
step() {
  local name=$1 code=0 limit=() good bad
  shift
  printf '\n== %s\n' "$name"
  # A program that hangs is a failure, and the rest still runs. Long modes take what they take.
  if ! $long && [ "$(type -t "$1")" = file ] && command -v timeout >/dev/null; then limit=(timeout --kill-after=1m 30m); fi
  ${limit[@]+"${limit[@]}"} "$@" </dev/null 2>&1 | tee "$log" || code=1
  good=$(sed -nE 's/^test result: .* ([0-9]+) passed.*/\1/p' "$log" | sum)
  bad=$(sed -nE 's/^test result: .* ([0-9]+) failed.*/\1/p' "$log" | sum)
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ "$((good + bad))" -eq 0 ]; then good=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$bad" -gt 0 ]; then failures+=("$name"); fi
}

# The sum of the numbers on stdin; of none it is 0.
sum() {
  awk '{ total += $1 } END { print total + 0 }'
}

has_wasm_target() {
  [ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null)" ]
}

# Installs what the machine lacks from Debian's packages; says what to install where it may not.
install_packages() {
  local missing=()
  command -v jq >/dev/null || missing+=(jq)
  command -v curl >/dev/null || missing+=(curl ca-certificates)
  command -v valgrind >/dev/null || missing+=(valgrind)
  command -v cc >/dev/null || missing+=(gcc libc6-dev)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  command -v chromium >/dev/null || missing+=(chromium)
  command -v chromedriver >/dev/null || missing+=(chromium-driver)
  if ! has_wasm_target && command -v dpkg-query >/dev/null; then
    for package in rustc-web cargo-web rust-web-src lld-19; do
      dpkg-query -W "$package" >/dev/null 2>&1 || missing+=("$package")
    done
  fi
  if [ "${#missing[@]}" -eq 0 ]; then return 0; fi
  if ! command -v apt-get >/dev/null; then
    echo "please install: ${missing[*]}" >&2
    return 1
  elif [ "$(id -u)" -ne 0 ]; then
    echo "please run: sudo apt-get install ${missing[*]}" >&2
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  { apt-get install -y --no-install-recommends "${missing[@]}" ||
    { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; }; } </dev/null
}

# A Python environment with what the clients' tests need, made anew where their requirements change.
python_environment() {
  local wanted
  wanted=$(sha256sum tests/clients/requirements.txt; python3 --version)
  if [ "$(cat "$cache/venv/made-for" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv" &&
    "$cache/venv/bin/pip" install --quiet --disable-pip-version-check -r tests/clients/requirements.txt &&
    echo "$wanted" >"$cache/venv/made-for"
}

step "packages" install_packages
step "python" python_environment
step "format" cargo fmt --all --check
step "format of the benchmark" cargo fmt --manifest-path tests/bench/Cargo.toml --check
step "clippy" cargo clippy --workspace --all-targets --all-features -- -D warnings
rm -rf "$cache/matrix"
# The rules of the house (cargo xtask tidy) are one of these tests.
step "tests" cargo test --workspace --no-fail-fast
step "instructions" cargo xtask instructions
step "wasm" cargo xtask wasm-check
step "wasm in Node" cargo xtask wasm-test node
step "wasm in Chromium" cargo xtask wasm-test browser
step "package" node tests/wasm/run.mjs
step "page" node tests/page/run.mjs
step "clients" "$cache/venv/bin/python" tests/clients/run.py
if command -v cargo-deny >/dev/null; then
  step "dependencies" cargo deny check bans licenses sources
fi
if $long; then
  step "benchmark" cargo clippy --manifest-path tests/bench/Cargo.toml --target-dir target/bench --all-targets -- -D warnings
  step "long modes" cargo test --workspace --release --no-fail-fast -- --ignored
  if cargo +nightly miri --version >/dev/null 2>&1; then
    step "miri" env RUSTFLAGS="-C target-feature=+avx2,+bmi1,+bmi2,+lzcnt,+popcnt" CARGO_TARGET_DIR="$cache/miri" \
      cargo +nightly miri test --package vecvault-float --lib tests::memory
  fi
  step "package, long modes" node tests/wasm/run.mjs --long
  step "page, long modes" node tests/page/run.mjs --long
  step "floats on wasm" cargo xtask wasm-test long
fi

# The matrix of faults: a line a cell, from the tests that filled it.
printf '\n== faults\n'
{
  printf 'fault\toperation\tstore\tcases\tsucceeded\trefused or found\tcut off\n'
  sort "$cache"/matrix/* 2>/dev/null
} | awk -F '\t' '
  { line[NR] = $0; for (i = 1; i <= NF; i++) if (length($i) > width[i]) width[i] = length($i); total += $4 }
  END {
    for (n = 1; n <= NR; n++) {
      fields = split(line[n], field, FS)
      for (i = 1; i <= fields; i++) printf i <= 3 ? "%-" width[i] "s  " : "%" width[i] "s  ", field[i]
      print ""
    }
    print NR - 1 " cells, " total " cases"
  }'

echo
for name in ${failures[@]+"${failures[@]}"}; do echo "failed: $name"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
