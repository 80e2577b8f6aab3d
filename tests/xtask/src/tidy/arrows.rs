//! The arrows of the map: which package may know which, and which room of a package which other room.
//!
//! Whoever adds a room or an arrow does it here and in ARCHITECTURE.md, with a reason. What is not listed
//! is not allowed.

/// A package of the repository.
pub(super) struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its folder.
    pub folder: &'static str,
    /// The packages of the repository that it may depend on.
    pub knows: &'static [&'static str],
    /// Packages from elsewhere that would take it out of its role.
    pub refuses: &'static [&'static str],
}

/// What needs an operating system, a runtime or JavaScript, and what reads clocks and randomness.
const OF_THE_HOST: [&str; 14] = [
    "fjall",
    "getrandom",
    "heed",
    "hyper",
    "js-sys",
    "mio",
    "object_store",
    "rand",
    "rayon",
    "redb",
    "tokio",
    "warp",
    "wasm-bindgen",
    "web-sys",
];

/// The packages and the arrows between them.
pub(super) const PACKAGES: [Package; 9] = [
    // The codec alone: built for speed where core is built for size, and the only place of `unsafe`.
    Package { name: "vecvault-float", folder: "core/float", knows: &[], refuses: &OF_THE_HOST },
    Package { name: "vecvault-core", folder: "core", knows: &["vecvault-float"], refuses: &OF_THE_HOST },
    Package {
        name: "vecvault",
        folder: "native",
        knows: &["vecvault-core"],
        refuses: &["js-sys", "wasm-bindgen", "web-sys"],
    },
    Package {
        name: "vecvault-wasm",
        folder: "wasm",
        knows: &["vecvault-core"],
        refuses: &["heed", "hyper", "mio", "object_store", "rayon", "redb", "tokio", "warp"],
    },
    Package {
        name: "vecvault-tests",
        folder: "tests",
        knows: &["vecvault-core", "vecvault", "vecvault-xtask"],
        refuses: &[],
    },
    Package { name: "vecvault-xtask", folder: "tests/xtask", knows: &[], refuses: &[] },
    // A workspace of its own, so that the rivals that it measures stay out of the project's build.
    Package {
        name: "vecvault-bench",
        folder: "tests/bench",
        knows: &["vecvault-core", "vecvault"],
        refuses: &[],
    },
    // A workspace of its own too: the project's builds do not compile the tools that make the npm package.
    Package { name: "vecvault-wasm-tools", folder: "tests/xtask/wasm-tools", knows: &[], refuses: &[] },
    // A workspace of its own, because fuzzing needs nightly Rust.
    Package { name: "vecvault-fuzz", folder: "tests/fuzz", knows: &["vecvault-tests"], refuses: &[] },
];

/// A room of a package and all that it may name of the same package.
pub(super) struct Room {
    /// The module, right under the crate's root.
    pub name: &'static str,
    /// Other rooms, or single things in them.
    pub knows: &'static [&'static str],
}

/// Everything below the verbs.
const BELOW_VERBS: &[&str] = &["blob", "collections", "error", "format", "host", "maybe_send", "model"];
/// A verb may build on another one: restore selects collections as create does.
const VERB: &[&str] = &[
    "blob",
    "collections",
    "error",
    "format",
    "hashes",
    "host",
    "maybe_send",
    "model",
    "create",
    "delete",
    "diff",
    "inspect",
    "list",
    "projection",
    "restore",
    "statistics",
    "verify",
];

/// The rooms of core. `crate::error` is known everywhere for `excerpt`, which cuts hostile text for
/// messages.
const CORE: &[Room] = &[
    Room { name: "maybe_send", knows: &[] },
    // A value of the model is valid by the format's limits and JSON rules, and a backup's id is its key.
    Room {
        name: "model",
        knows: &["blob::BlobKey", "error", "format::FormatError", "format::json", "format::limits"],
    },
    Room { name: "format", knows: &["error", "model"] },
    Room { name: "blob", knows: &["error", "format::limits", "maybe_send"] },
    // The collections in memory keep count of themselves, as every source may.
    Room { name: "collections", knows: &["error", "format::fingerprint", "maybe_send", "model"] },
    Room { name: "error", knows: &["blob", "collections", "format", "model"] },
    Room { name: "hashes", knows: &[] },
    Room { name: "host", knows: &["error", "maybe_send"] },
    Room { name: "create", knows: VERB },
    Room { name: "delete", knows: VERB },
    Room { name: "diff", knows: VERB },
    Room { name: "inspect", knows: VERB },
    Room { name: "list", knows: VERB },
    Room { name: "projection", knows: VERB },
    Room { name: "restore", knows: VERB },
    Room { name: "statistics", knows: VERB },
    Room { name: "verify", knows: VERB },
    Room { name: "conformance", knows: BELOW_VERBS },
];

/// The rooms of native: stores that know nobody, a vault that brings them together, and two faces. The
/// command line belongs to the binary and sees the library from outside.
const NATIVE: &[Room] = &[
    Room { name: "blob", knows: &[] },
    Room { name: "collections", knows: &[] },
    Room { name: "embedding", knows: &[] },
    Room { name: "workers", knows: &[] },
    Room { name: "lines", knows: &["collections"] },
    Room { name: "plan", knows: &["collections"] },
    Room { name: "upload", knows: &["blob"] },
    Room { name: "vault", knows: &["blob", "collections", "plan", "upload", "workers"] },
    Room {
        name: "server",
        knows: &["blob", "collections", "embedding", "lines", "upload", "vault", "workers"],
    },
    Room { name: "cli", knows: &[] },
];

/// The crates whose rooms have arrows, by folder of their sources.
pub(super) const CRATES: [(&str, &[Room]); 2] = [("core/src/", CORE), ("native/src/", NATIVE)];

/// Paths that core must not name, and what to do instead.
pub(super) const DENIED_IN_CORE: [(&str, &str); 13] = [
    ("chrono::Local", "take the time as an argument"),
    ("std::env", "take the value as an argument"),
    ("std::fs", "go through BlobStore"),
    ("std::net", "go through BlobStore or a collection trait"),
    ("std::os", "leave it to the host"),
    ("std::process", "leave it to the host"),
    ("std::thread", "hand the work to Workers"),
    ("std::time::Instant", "leave measuring to the host's Monitor"),
    ("std::time::SystemTime", "take the time as an argument"),
    ("Utc::now", "take the time as an argument"),
    ("Uuid::new_v4", "take the id as an argument"),
    ("Uuid::new_v7", "take the id as an argument"),
    ("Uuid::now_v7", "take the id as an argument"),
];
