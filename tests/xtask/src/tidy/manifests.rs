//! Arrows between packages, read from their manifests and from what core is really built from.

use toml::{Table, Value};

use super::arrows::{PACKAGES, Package};
use super::{File, Finding, House};

/// Manifests that go against the arrows, or are not under the workspace's lints.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        let text = file.text.as_deref().unwrap_or_default();
        let manifest: Table = match text.parse() {
            Ok(manifest) => manifest,
            Err(error) => {
                findings.push(Finding::new(&file.path, 1, format!("no manifest: {error}"), "mend it"));
                continue;
            }
        };
        match PACKAGES.iter().find(|package| format!("{}/Cargo.toml", package.folder) == file.path) {
            Some(package) => findings.extend(package_findings(file, text, &manifest, package)),
            None => findings.push(Finding::new(
                &file.path,
                1,
                "a package that the map does not know",
                "add it to tests/xtask/src/tidy/arrows.rs and to ARCHITECTURE.md",
            )),
        }
    }
    findings
}

/// What core is built from, a line each as `cargo tree` says it: none of it may be of the host.
pub(super) fn check_tree(tree: &str) -> Vec<Finding> {
    let core = &PACKAGES[0];
    let manifest = format!("{}/Cargo.toml", core.folder);
    let mut names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    let refused = names.into_iter().filter(|name| core.refuses.contains(name));
    refused
        .map(|name| {
            let problem = format!("core is built with `{name}` through one of its dependencies");
            let remedy = format!("see `cargo tree -p {} -e normal --target all -i {name}`", core.name);
            Finding::new(&manifest, 1, problem, remedy)
        })
        .collect()
}

fn package_findings(file: &File, text: &str, manifest: &Table, package: &Package) -> Vec<Finding> {
    let mut findings = Vec::new();
    if manifest.get("package").and_then(|p| p.get("name")).and_then(Value::as_str) != Some(package.name) {
        let problem = format!("the package of `{}` is `{}`", package.folder, package.name);
        findings.push(Finding::new(&file.path, 1, problem, "keep its name"));
    }
    if manifest.get("lints").and_then(|l| l.get("workspace")).and_then(Value::as_bool) != Some(true) {
        let remedy = "add `[lints]` with `workspace = true`";
        findings.push(Finding::new(&file.path, 1, "not under the workspace's lints", remedy));
    }
    for (table, name) in dependencies(manifest) {
        // Its own tests may ask for its features.
        let itself = name == package.name && table == "dev-dependencies";
        let ours = name.starts_with("vecvault") && !itself && !package.knows.contains(&&*name);
        // What a package's tests use does not become part of it, but an arrow stays an arrow.
        let refused = table != "dev-dependencies" && package.refuses.contains(&&*name);
        if ours || refused {
            let line =
                text.lines().position(|line| line.trim_start().starts_with(&*name)).map_or(1, |i| i + 1);
            let problem = format!("`{}` may not depend on `{name}`", package.name);
            findings.push(Finding::new(&file.path, line, problem, "put what needs it where it may be known"));
        }
    }
    findings
}

/// Every dependency of a manifest, by its real name, with the table that it stands in.
fn dependencies(manifest: &Table) -> Vec<(&'static str, String)> {
    let mut tables = vec![manifest];
    tables.extend(
        manifest
            .get("target")
            .and_then(Value::as_table)
            .into_iter()
            .flat_map(Table::values)
            .filter_map(Value::as_table),
    );
    let mut found = Vec::new();
    for table in tables {
        for kind in ["build-dependencies", "dependencies", "dev-dependencies"] {
            let entries = table.get(kind).and_then(Value::as_table).into_iter().flatten();
            found.extend(entries.map(|(key, value)| {
                let renamed = value.get("package").and_then(Value::as_str);
                (kind, renamed.unwrap_or(key).to_owned())
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::house::fixture::{house, places};
    use super::*;

    const HEAD: &str = "[package]\nname = \"vecvault-core\"\n[lints]\nworkspace = true\n";

    fn core(rest: &str) -> Vec<String> {
        places(&check(&house(&[("core/Cargo.toml", &format!("{HEAD}{rest}"))])))
    }

    #[test]
    fn core_depends_on_no_runtime_and_no_host() {
        assert!(core("[dependencies]\nserde = \"1\"\n[dev-dependencies]\ntokio = \"1\"\n").is_empty());
        assert_eq!(core("[dependencies]\nserde = \"1\"\ntokio = \"1\"\n"), ["core/Cargo.toml:7"]);
        assert_eq!(core("[dependencies]\nvecvault.workspace = true\n"), ["core/Cargo.toml:6"]);
        assert_eq!(core("[dev-dependencies]\nvecvault.workspace = true\n"), ["core/Cargo.toml:6"]);
        assert_eq!(
            core("[target.'cfg(unix)'.dependencies]\nx = { package = \"rayon\", version = \"1\" }\n").len(),
            1
        );
    }

    #[test]
    fn a_host_deep_in_the_tree_is_a_finding() {
        assert!(check_tree("vecvault-core v0.1.0 (core)\nserde v1.0.0\n").is_empty());
        assert_eq!(check_tree("serde v1.0.0\ngetrandom v0.4.3\ngetrandom v0.4.3 (*)\n").len(), 1);
    }

    #[test]
    fn native_and_wasm_do_not_know_each_other() {
        let native = "[package]\nname = \"vecvault\"\n[lints]\nworkspace = true\n[dependencies]\nvecvault-wasm = \"0\"\n";
        let wasm = "[package]\nname = \"vecvault-wasm\"\n[lints]\nworkspace = true\n[dependencies]\nvecvault = \"0\"\n";
        let house = house(&[("native/Cargo.toml", native), ("wasm/Cargo.toml", wasm)]);
        assert_eq!(places(&check(&house)), ["native/Cargo.toml:6", "wasm/Cargo.toml:6"]);
    }

    #[test]
    fn a_package_is_known_and_under_the_workspaces_lints() {
        let bare = "[package]\nname = \"vecvault-wasm\"\n";
        let house = house(&[("tests/new/Cargo.toml", HEAD), ("wasm/Cargo.toml", bare)]);
        assert_eq!(places(&check(&house)), ["tests/new/Cargo.toml:1", "wasm/Cargo.toml:1"]);
    }
}
