//! Closed pipes and interrupts: quiet, with their own exit codes, and nothing half-done.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

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

#[test]
fn a_command_that_is_blocked_heeds_signals() {
    let bench = Bench::with_sample();
    // A terminal that goes away is no reason to leave half of something behind.
    for signal in [Signal::TERM, Signal::HUP] {
        // A pipe that nobody reads holds less than the collection.
        let mut export =
            bench.command(&["export", "docs"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(export.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        send_signal(&export, signal);
        assert_eq!(exit_code(export), Some(130), "{signal:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_done_is_said_though_the_result_cannot_be_printed() {
    let bench = Bench::with_sample();
    let id = bench.create();
    for (arguments, done) in
        [(&["create", "x"][..], "was made"), (&["restore", &id], "were restored and proved")]
    {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = bench.command(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(done), "{said}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = bench.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(141) && said.contains(done), "{said}");
    }
    assert_eq!(bench.json(&["list"])["backups"].as_array().unwrap().len(), 3);
}

#[test]
#[cfg(target_os = "linux")]
fn a_second_signal_ends_what_undoes_its_work_and_is_blocked() {
    let bench = Bench::with_sample();
    // Whoever opens this file waits for its writer, who never comes.
    let pipe = bench.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let import = bench.command(&["import", "new", "pipe"]).stderr(Stdio::null()).spawn().unwrap();
    wait_for_handlers(&import);
    send_signal(&import, Signal::INT);
    send_signal(&import, Signal::TERM);
    assert_eq!(exit_code(import), Some(130));
}

#[test]
fn an_interrupted_download_leaves_no_file() {
    const HALF: &[u8] = b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n01234";
    let bench = Bench::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arguments = ["download", "550e8400-e29b-41d4-a716-446655440000", "x.backup", "--server", &url];
    let download = bench.command(&arguments).stderr(Stdio::null()).spawn().unwrap();
    // It sends half of the file, and then nothing for as long as the test lasts.
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(HALF).unwrap();
    let names = || fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names().count(), 1, "it writes to a file that is not x.backup yet");
    interrupt(&download);
    assert_eq!(exit_code(download), Some(130));
    assert_eq!(names().count(), 0, "{:?}", names().next());
}

/// Waits until a process handles SIGTERM: before, a signal ends it as any other.
#[cfg(target_os = "linux")]
fn wait_for_handlers(child: &Child) {
    const TERM_BIT: u64 = 1 << (15 - 1);
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & TERM_BIT != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

/// The exit code of a process that must end; one that does not is killed.
pub(crate) fn exit_code(mut child: Child) -> Option<i32> {
    const LONG_ENOUGH: Duration = Duration::from_secs(60);
    let pid = pid(&child);
    let (sender, ended) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait().unwrap()));
    let Ok(status) = ended.recv_timeout(LONG_ENOUGH) else {
        kill_process(pid, Signal::KILL).unwrap();
        panic!("it is still alive");
    };
    status.code()
}

/// Sends SIGINT, as Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    send_signal(child, Signal::INT);
}

fn send_signal(child: &Child, signal: Signal) {
    kill_process(pid(child), signal).unwrap();
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

/// An id that has not been used.
fn rand_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
