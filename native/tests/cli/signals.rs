//! Closed pipes and interrupts: quiet, with their own exit codes, and nothing half-done.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use super::bench::Bench;

#[test]
fn a_closed_pipe_ends_an_export_quietly() {
    let bench = Bench::with_sample();
    let mut child =
        bench.command(&["export", "docs"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(141), String::new()));
}

#[test]
fn an_interrupted_import_changes_nothing_and_is_exit_code_130() {
    let bench = Bench::new();
    let mut command = bench.command(&["import", "docs", "-", "--json"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = child.stdin.take().unwrap();
    // More than the pipe and the decoder's first block hold: once it is written, the import is on its way.
    let vector = vec!["0.125"; 384].join(",");
    for i in 0..2_000 {
        writeln!(lines, "{{\"id\":\"{i:06}\",\"vector\":[{vector}]}}").unwrap();
    }
    interrupt(&child);
    // What comes after the signal lets the import see it, if it had been waiting for lines.
    while writeln!(lines, "{{\"id\":\"{}\",\"vector\":[{vector}]}}", rand_id()).is_ok() {}
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "interrupted");
    assert!(output.stdout.is_empty());
    assert!(bench.collections().is_empty());
}

/// Sends SIGINT, as Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

/// An id that has not been used.
fn rand_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
