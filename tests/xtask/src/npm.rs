//! npm packages that the chores use: installed into the cache, as their lock file says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::wasm_target::run;

/// Installs what `folder`'s lock file says into `tests/.cache/{name}`, where that has changed; gives the
/// folder `node_modules`. `what` is for the message of who has no network.
pub(crate) fn installed(root: &Path, folder: &str, name: &str, what: &str) -> Result<PathBuf, String> {
    let source = root.join(folder);
    let cache = root.join("tests/.cache").join(name);
    let (locked, installed) = (source.join("package-lock.json"), cache.join("installed"));
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    if read(&locked) != read(&installed) {
        let _ = fs::remove_dir_all(&cache);
        for file in ["package.json", "package-lock.json"] {
            copy(&source.join(file), &cache.join(file))?;
        }
        let mut npm = Command::new("npm");
        npm.current_dir(&cache).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
        run(&mut npm, &format!("npm ci failed: installing {what} needs npm and the network, once"))?;
        copy(&locked, &installed)?;
    }
    Ok(cache.join("node_modules"))
}

/// Copies a file; the folder that it goes to is made.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let folder = to.parent().unwrap_or(Path::new(""));
    let copied = fs::create_dir_all(folder).and_then(|()| fs::copy(from, to));
    copied.map(drop).map_err(|error| format!("{} to {}: {error}", from.display(), to.display()))
}
