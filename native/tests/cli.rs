//! The command line as a script sees it: the built binary, its exit codes, stdout and stderr.

#[cfg(test)]
mod cli {
    mod backups;
    pub(crate) mod bench;
    mod errors;
    mod records;
    mod server;
    mod signals;
}
