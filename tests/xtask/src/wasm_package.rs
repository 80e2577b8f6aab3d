//! The npm package: `wasm/pkg/` out of `wasm/`.
//!
//! cargo builds, wasm-bindgen makes the glue, wasm-opt makes it small, and the package's own JavaScript is
//! put beside. That happens for each part of the package twice, without and with WebAssembly's SIMD; the glue of both
//! is the same, and an engine loads the one that it can. The part with threads is for Node alone, and made where there is
//! a standard library for it. Everything is pinned: Rust's crates by `Cargo.lock`,
//! the tools by the locks in `tests/xtask/wasm-tools/`. Equal sources and an equal compiler give equal bytes,
//! wherever they lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::npm::{self, copy};
use crate::target_directory;
use crate::wasm_target::{self, Build, TARGET, run, small_cargo};

/// What is built and where to.
pub struct Options {
    /// The folder that the package is written to; what it held is replaced.
    pub out: PathBuf,
    /// Features of vecvault-wasm beside those of the parts; the published package has none.
    pub features: Vec<String>,
    /// The parts that are wanted, as the published package has them: all, where none is named.
    pub parts: Vec<String>,
    /// The name of the folder that cargo builds in, below its own.
    pub build_in: String,
}

impl Options {
    /// The package that is published.
    pub fn published(root: &Path) -> Self {
        Self {
            out: root.join("wasm/pkg"),
            features: Vec::new(),
            parts: Vec::new(),
            build_in: "wasm-package".into(),
        }
    }

    /// What a page has of it, where `www/build.mjs` looks for that.
    pub fn for_page(root: &Path) -> Self {
        let parts = vec!["vecvault".into(), "vecvault-analysis".into()];
        Self { out: root.join("tests/.cache/page-vecvault"), parts, ..Self::published(root) }
    }
}

/// The instructions that the compiler uses for this target; every engine of the last years has them.
const INSTRUCTIONS: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Names that wasm-bindgen makes up for what glue and module call each other; they are a tenth of the scripts.
const MADE_UP_NAMES: &str = "^(__wb|__externref|wasm_bindgen_)";

/// A part of the package: what is one module, and loaded as one.
struct Part {
    /// What its modules' names begin with.
    name: &'static str,
    /// The feature of vecvault-wasm that is in it.
    feature: &'static str,
    /// The name of its glue.
    glue: &'static str,
    /// How the name of each of its modules ends, and what that is built for.
    builds: &'static [(&'static str, Build)],
}

/// What every engine loads one of.
const WITH_AND_WITHOUT_SIMD: &[(&str, Build)] = &[(".wasm", Build::Plain), ("-simd.wasm", Build::Simd)];

/// The parts: what is loaded at once, what is as much again and wanted seldom, and the first of them with threads.
const PARTS: [Part; 3] = [
    Part { name: "vecvault", feature: "backups", glue: "glue", builds: WITH_AND_WITHOUT_SIMD },
    Part {
        name: "vecvault-analysis",
        feature: "analysis",
        glue: "analysis-glue",
        builds: WITH_AND_WITHOUT_SIMD,
    },
    Part {
        name: "vecvault-threads",
        feature: "backups",
        glue: "threads-glue",
        builds: &[(".wasm", Build::Threads)],
    },
];

/// Makes the package; an error says what failed or what to install.
pub fn build(root: &Path, options: &Options) -> Result<(), String> {
    let packages = packages(root)?;
    let made = target_directory(root).join(&options.build_in).join("package");
    let _ = fs::remove_dir_all(&made);
    let modules = made.with_file_name("modules");
    fs::create_dir_all(&made).map_err(|error| format!("{}: {error}", made.display()))?;
    for part in wanted_parts(root, options)? {
        let mut glues = Vec::new();
        for &(ending, build) in part.builds {
            let module = format!("{}{ending}", part.name);
            let folder = modules.join(&module);
            make_module(root, options, (part, build), &packages, &folder)?;
            copy(&folder.join("module.wasm"), &made.join(&module))?;
            let glue = folder.join("small/glue.js");
            glues.push(fs::read(&glue).map_err(|error| format!("{module}: its glue: {error}"))?);
            copy(&glue, &made.join(part.glue).with_extension("js"))?;
        }
        if glues.iter().any(|glue| *glue != glues[0]) {
            return Err(format!("{} with and without SIMD needs different glue", part.name));
        }
    }
    assemble(root, &made, &packages, &options.out)
}

/// The parts that are made.
fn wanted_parts(root: &Path, options: &Options) -> Result<Vec<&'static Part>, String> {
    if let Some(unknown) = options.parts.iter().find(|wanted| PARTS.iter().all(|part| part.name != **wanted))
    {
        return Err(format!("the package has no part {unknown}"));
    }
    let is_wanted =
        |part: &&Part| options.parts.is_empty() || options.parts.iter().any(|name| name == part.name);
    let mut parts: Vec<&Part> = PARTS.iter().filter(is_wanted).collect();
    let has_threads = |part: &Part| part.builds.iter().any(|(_, build)| *build == Build::Threads);
    if parts.iter().any(|part| has_threads(part)) && !wasm_target::has_threads(root)? {
        let without =
            "without vecvault/threads: that takes Debian's rustc-web, cargo-web, rust-web-src and lld-19";
        if !options.parts.is_empty() {
            return Err(without.to_owned());
        }
        eprintln!("{without}");
        parts.retain(|part| !has_threads(part));
    }
    Ok(parts)
}

/// One module and its glue, as `module.wasm` and `small/glue.js` in `made`.
fn make_module(
    root: &Path,
    options: &Options,
    (part, build): (&Part, Build),
    packages: &Path,
    made: &Path,
) -> Result<(), String> {
    let _ = fs::remove_dir_all(made);
    let compiled = compile(root, options, part, build)?;
    let mut bindgen = Command::new(tools(root)?);
    bindgen.arg("wasm-bindgen").arg(&compiled).args([
        "--target",
        "web",
        "--no-typescript",
        // Bundlers would look for the module that glue loads by itself.
        "--omit-default-module-path",
        // Every engine has had it since 2021.
        "--encode-into",
        "always",
        "--out-name",
        "glue",
    ]);
    run(bindgen.arg("--out-dir").arg(made), "wasm-bindgen failed")?;
    shorten_names(root, packages, made)?;
    let mut optimise = Command::new("node");
    optimise
        .arg(packages.join("binaryen/bin/wasm-opt"))
        // Nothing has its place in the first kilobyte: there the stack ends.
        .args(["-Os", "--low-memory-unused", "--strip-debug", "--strip-producers"])
        .args(INSTRUCTIONS);
    optimise.args(match build {
        Build::Plain => &[][..],
        Build::Simd => &["--enable-simd"],
        Build::Threads => &["--enable-simd", "--enable-threads"],
    });
    optimise.arg(made.join("glue_bg.wasm")).arg("-o").arg(made.join("module.wasm"));
    run(&mut optimise, "wasm-opt failed")
}

/// Makes the glue small, as `small/glue.js`, and gives the module the names that it has there.
fn shorten_names(root: &Path, packages: &Path, made: &Path) -> Result<(), String> {
    let names = made.join("names.json");
    // The comments in it number what differs from module to module; the rest must not.
    let mut glue = Command::new("node");
    glue.current_dir(made).arg(packages.join("esbuild/bin/esbuild")).args(["glue.js", "--outdir=small"]);
    glue.args(["--minify", "--format=esm", "--target=es2022", "--log-level=error"]);
    // Nobody calls it but the scripts of the package: they need no warnings, and free what is theirs by name.
    glue.args(["--drop:console", "--define:Symbol.dispose=undefined"]);
    glue.arg(format!("--mangle-props={MADE_UP_NAMES}"));
    run(glue.arg(format!("--mangle-cache={}", names.display())), "esbuild failed")?;
    let mut rename = Command::new(tools(root)?);
    rename.arg("short-names").arg(made.join("glue_bg.wasm")).arg(&names);
    run(&mut rename, "the names of the module cannot be shortened")
}

/// The tools, wasm-bindgen among them: built once for each version.
pub fn tools(root: &Path) -> Result<PathBuf, String> {
    let target = root.join("tests/.cache/wasm-tools");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--quiet", "--locked", "--manifest-path"]);
    cargo.arg("tests/xtask/wasm-tools/Cargo.toml").arg("--target-dir").arg(&target);
    // It is built for this machine, whatever the caller builds for.
    cargo.env_remove("RUSTC").env_remove("CARGO_BUILD_TARGET");
    run(&mut cargo, "wasm-bindgen does not build")?;
    Ok(target.join("debug/vecvault-wasm-tools"))
}

fn compile(root: &Path, options: &Options, part: &Part, build: Build) -> Result<PathBuf, String> {
    let (mut cargo, mut flags) = small_cargo(root, "rustc", &options.build_in, build)?;
    cargo.args(["--locked", "--package", "vecvault-wasm", "--lib", "--profile", build.profile()]);
    // Alone: of a crate that is an rlib too, cargo optimises no more than the crate itself.
    cargo.args(["--crate-type", "cdylib"]);
    cargo.args(["--no-default-features", "--features", part.feature]);
    for feature in &options.features {
        cargo.args(["--features", feature]);
    }
    // Panics name source files: let them not name somebody's folders.
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let remaps = [(home.join("registry/src"), "crates"), (root.to_path_buf(), "vecvault")];
    flags.extend(remaps.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    run(&mut cargo, "vecvault-wasm does not build")?;
    let target = target_directory(root).join(&options.build_in);
    Ok(target.join(TARGET).join(build.profile()).join("vecvault_wasm.wasm"))
}

/// wasm-opt and esbuild.
fn packages(root: &Path) -> Result<PathBuf, String> {
    npm::installed(root, "tests/xtask/wasm-tools", "wasm-packages", "wasm-opt and esbuild")
}

/// The entry with threads, which a package without that part does not have.
const THREADS: [&str; 3] = ["threads.js", "threads-worker.js", "lost.js"];

/// Puts the package together: modules and glue as they are in `made`, the scripts without their comments, types,
/// manifest and README.
fn assemble(root: &Path, made: &Path, packages: &Path, out: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(out);
    let source = root.join("wasm");
    let has_threads = made.join("threads-glue.js").exists();
    let is_wanted = |file: &Path| {
        has_threads || !file.file_name().is_some_and(|name| THREADS.iter().any(|left_out| name == *left_out))
    };
    let mut scripts = Command::new("node");
    scripts.current_dir(&source).arg(packages.join("esbuild/bin/esbuild"));
    for folder in ["js", "js/stores"] {
        let entries = fs::read_dir(source.join(folder)).map_err(|error| format!("{folder}: {error}"))?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let scripts_of_it = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "js"));
        scripts.args(scripts_of_it.filter(|file| is_wanted(file)));
    }
    let outdir = format!("--outdir={}", out.display());
    scripts.args([
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--log-level=warning",
        "--outbase=js",
        &outdir,
    ]);
    run(&mut scripts, "esbuild failed")?;
    for entry in fs::read_dir(made).map_err(|error| format!("{}: {error}", made.display()))?.flatten() {
        copy(&entry.path(), &out.join(entry.file_name()))?;
    }
    for name in ["js/vecvault.d.ts", "js/analysis.d.ts", "package.json", "README.md"] {
        copy(&source.join(name), &out.join(Path::new(name).file_name().unwrap_or_default()))?;
    }
    if has_threads {
        copy(&source.join("js/threads.d.ts"), &out.join("threads.d.ts"))
    } else {
        leave_out_entry(&out.join("package.json"), "./threads")
    }
}

/// Takes an entry out of a package's manifest: its lines, up to the brace that closes it.
fn leave_out_entry(manifest: &Path, entry: &str) -> Result<(), String> {
    let whole = fs::read_to_string(manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let begin = format!("    \"{entry}\": {{\n");
    let rest =
        whole.split_once(&begin).and_then(|(before, from)| Some((before, from.split_once("    },\n")?.1)));
    let (before, after) = rest.ok_or_else(|| format!("{}: no entry {entry}", manifest.display()))?;
    fs::write(manifest, format!("{before}{after}"))
        .map_err(|error| format!("{}: {error}", manifest.display()))
}
