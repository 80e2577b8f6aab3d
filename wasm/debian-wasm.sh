#!/bin/sh
# A Rust toolchain for wasm32-unknown-unknown out of Debian's packages, for machines where rustup has not
# installed that target. Prints the toolchain's folder; makes it the first time, in about a minute.
#
# Debian ships the compiler and the source of the standard library for the web, but not the library built.
# So it is built here, once for each version of the packages, and kept in the user's cache. Nothing is
# downloaded. Exit code 3: the packages are not installed.
set -eu

target=wasm32-unknown-unknown
packages="rustc-web cargo-web rust-web-src lld-19"
# shellcheck disable=SC2086 # the list is meant to be split
if ! dpkg-query -W $packages >/dev/null 2>&1; then exit 3; fi

version=$(dpkg-query -W -f '${Version}' rustc-web | tr -c 'A-Za-z0-9.\n' _)
place="${XDG_CACHE_HOME:-$HOME/.cache}/vecvault/debian-wasm-$version"
if [ -e "$place/complete" ]; then echo "$place"; exit 0; fi
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
echo '#![no_std]' > "$made/std/src/lib.rs"
(
  cd "$made/std"
  # The two names that let a stable cargo build std from source where Debian keeps it.
  RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT=/usr/lib/rustlib/src/rust/library \
    RUSTC="$made/bin/rustc" RUSTFLAGS='' CARGO_TARGET_DIR="$made/std/target" \
    /usr/bin/cargo build --quiet --release --target "$target" -Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro >&2
)
rm -f "$made/std/target/$target/release/deps/libempty-"*
cp "$made/std/target/$target/release/deps/lib"*.rlib "$libraries/"
rm -rf "$made/std"
touch "$made/complete"
mv -T "$made" "$place" 2>/dev/null || [ -e "$place/complete" ]
echo "$place"
