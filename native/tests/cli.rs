//! The command line as a script sees it: the built binary, its exit codes, stdout and stderr.

#[cfg(test)]
mod cli {
    mod backups;
    pub(crate) mod bench;
    mod crashes;
    mod diff;
    mod errors;
    mod failing_sync;
    mod full_disk;
    mod http;
    mod jobs;
    mod load;
    mod records;
    mod server;
    mod signals;
    mod transfers;
}

#[cfg(test)]
#[path = "../../core/tests/common/matrix.rs"]
mod matrix;
