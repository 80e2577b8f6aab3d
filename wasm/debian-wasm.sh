#!/bin/sh
# A Rust toolchain for wasm32-unknown-unknown out of Debian's packages, for machines where rustup has not
# installed that target. Prints the toolchain's folder; makes it the first time, in about a minute.
#
#   wasm/debian-wasm.sh [whole]  for tests: a panic says what it is
#   wasm/debian-wasm.sh small    for the package: a panic is a trap and nothing else, and the library is built for
#                                size. What is compiled for it wants the flags that are printed after the folder,
#                                one a line.
#   wasm/debian-wasm.sh threads  the same with atomics, which the memory of threads wants
#
# Debian ships the compiler and the source of the standard library for the web, but not the library built.
# So it is built here, once for each version of the packages, and kept in the user's cache. Nothing is
# downloaded. Exit code 3: the packages are not installed.
set -eu

kind=${1:-whole}
case "$kind" in
  whole) features=; flags=; ;;
  # Panics are a tenth of what is downloaded, for messages that nobody sees: no export may panic.
  small | threads)
    features=-Zbuild-std-features=optimize_for_size
    flags='-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=shallow'
    if [ "$kind" = threads ]; then flags="$flags -Ctarget-feature=+atomics,+bulk-memory,+mutable-globals"; fi
    ;;
  *) echo "usage: wasm/debian-wasm.sh [whole | small | threads]" >&2; exit 2 ;;
esac
target=wasm32-unknown-unknown
packages="rustc-web cargo-web rust-web-src lld-19"
# shellcheck disable=SC2086 # the list is meant to be split
if ! dpkg-query -W $packages >/dev/null 2>&1; then exit 3; fi

version=$(dpkg-query -W -f '${Version}' rustc-web | tr -c 'A-Za-z0-9.\n' _)
# The number is the script's: another way of building makes another library.
place="${XDG_CACHE_HOME:-$HOME/.cache}/vecvault/debian-wasm-$version-$kind-$(echo "3 $features $flags" | cksum | cut -d' ' -f1)"
answer() {
  echo "$place"
  # shellcheck disable=SC2086 # one flag a line
  [ -z "$flags" ] || printf '%s\n' $flags
}
if [ -e "$place/complete" ]; then answer; exit 0; fi
echo "building the standard library for $target from Debian's rust-web-src, once" >&2

# Made aside and renamed whole, so that an interrupted or a second build leaves no half of one. The
# compiler's wrapper finds its sysroot from where it stands, wherever that is.
mkdir -p "$(dirname "$place")"
made=$(mktemp -d "$place.XXXXXX")
trap 'rm -rf "$made"' EXIT
trap 'exit 130' INT TERM
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
libraries="$made/lib/rustlib/$target/lib"
mkdir -p "$made/bin" "$libraries" "$made/lib/rustlib/$host/bin" "$made/std/src"
ln -s "/usr/lib/rustlib/$host/lib" "$made/lib/rustlib/$host/lib"
ln -s /usr/bin/lld-19 "$made/lib/rustlib/$host/bin/rust-lld"
cat > "$made/bin/rustc" <<'WRAPPER'
#!/bin/sh
exec /usr/bin/rustc --sysroot "$(dirname "$(dirname "$0")")" "$@"
WRAPPER
chmod +x "$made/bin/rustc"

# cargo builds std for an empty crate; what it built is the target's library.
printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' > "$made/std/Cargo.toml"
if [ "$kind" != whole ]; then printf '[profile.release]\nopt-level = "z"\npanic = "abort"\n' >> "$made/std/Cargo.toml"; fi
# What the library says of its sources names no folder of this machine.
# With bitcode, which optimising across crates wants.
flags_of_std="-Cembed-bitcode=yes --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates $flags"
echo '#![no_std]' > "$made/std/src/lib.rs"
(
  cd "$made/std"
  # The two names that let a stable cargo build std from source where Debian keeps it.
  RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT=/usr/lib/rustlib/src/rust/library \
    RUSTC="$made/bin/rustc" RUSTFLAGS="$flags_of_std" CARGO_TARGET_DIR="$made/std/target" \
    /usr/bin/cargo build --quiet --release --target "$target" \
    -Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro $features >&2
)
rm -f "$made/std/target/$target/release/deps/libempty-"*
cp "$made/std/target/$target/release/deps/lib"*.rlib "$libraries/"
rm -rf "$made/std"
touch "$made/complete"
mv -T "$made" "$place" 2>/dev/null || [ -e "$place/complete" ]
answer
