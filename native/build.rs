//! Embeds the page: what `cargo xtask page` has left in `www/dist/`, or a small page that tells how to build it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the built page is, from this package.
const BUILT: &str = "../www/dist";
/// What its folder is, where it is not built: it is looked at again when that changes.
const SOURCES: &str = "../www";
const PLACEHOLDER: &str = "src/server/page/placeholder.html";

fn main() -> io::Result<()> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let built = package.join(BUILT);
    let mut table = String::from("&[\n");
    if built.join("index.html").exists() {
        println!("cargo:rerun-if-changed={BUILT}");
        for name in names(&built, "")? {
            let twin = format!("{name}.gz");
            let twin = built.join(&twin).exists().then(|| format!("{BUILT}/{twin}"));
            let path = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
            row(&mut table, &package, &path, &format!("{BUILT}/{name}"), twin.as_deref())?;
        }
    } else {
        println!("cargo:rerun-if-changed={SOURCES}");
        println!("cargo:rerun-if-changed={PLACEHOLDER}");
        row(&mut table, &package, "/", PLACEHOLDER, None)?;
    }
    table.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("page.rs"), table)
}

/// Every file below a folder, relative to it and in order, without the compressed twins.
fn names(folder: &Path, prefix: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            names.extend(self::names(&entry.path(), &format!("{name}/"))?);
        } else if !name.ends_with(".gz") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A row of the table of assets.
fn row(table: &mut String, package: &Path, path: &str, file: &str, twin: Option<&str>) -> io::Result<()> {
    let tag = blake3::hash(&fs::read(package.join(file))?).to_hex();
    let include = |file: &str| {
        format!("include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))", format!("/{file}"))
    };
    let gzip = twin.map_or_else(|| "None".to_owned(), |twin| format!("Some({})", include(twin)));
    let row = writeln!(
        table,
        "    Asset {{ path: {path:?}, bytes: {}, gzip: {gzip}, hash: {:?} }},",
        include(file),
        &tag[..32]
    );
    row.map_err(io::Error::other)
}
