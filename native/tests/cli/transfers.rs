//! Backups out of the store and into it, here and through a server.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bench::Bench;
use super::http::send;
use super::server::Served;

const READY: &str = "backups are in";
const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";

#[test]
fn a_backup_is_downloaded_to_the_byte_and_never_over_a_file() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let original = fs::read(bench.path(&bench.backup_file(&id))).unwrap();
    let served = Served::start(&bench, &[], READY);
    for (run, name) in [
        (Box::new(|arguments: &[&str]| bench.run(arguments)) as Box<dyn Fn(&[&str]) -> _>, "here.backup"),
        (Box::new(|arguments: &[&str]| served.run(arguments)), "there.backup"),
    ] {
        let reply = run(&["download", &id, name, "--json"]).expect(0).document();
        assert_eq!(reply["size"], original.len());
        assert_eq!((&reply["ok"], &reply["verifiable"]), (&true.into(), &true.into()));
        assert!(fs::read(bench.path(name)).unwrap() == original);
        run(&["download", &id, name]).expect(11);
        assert!(run(&["download", &id, "-"]).expect(0).stdout.as_bytes() == original);
        run(&["download", &id, "-", "--json"]).expect(2);
        run(&["download", UNKNOWN]).expect(10);
        let said = run(&["download", &id]).expect(0).stdout;
        assert!(said.contains("whole"), "{said}");
        fs::remove_file(bench.path(&format!("{id}.backup"))).unwrap();
    }
    let mut damaged = original;
    damaged[1_000] ^= 1;
    fs::write(bench.path(&bench.backup_file(&id)), &damaged).unwrap();
    let said = served.run(&["download", &id]).expect(20);
    assert!(said.stdout.contains("DAMAGED") && said.stderr.contains("damaged:"), "{said:?}");
    assert!(fs::read(bench.path(&format!("{id}.backup"))).unwrap() == damaged, "kept as it is");
}

#[test]
fn a_file_may_have_a_name_that_is_no_text() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let name = OsStr::from_bytes(b"bad\xff");
    for arguments in [&["download", &id][..], &["export", "docs"]] {
        for json in [&[][..], &["--json"]] {
            let output = bench.command(arguments).arg(name).args(json).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            assert!(String::from_utf8(output.stdout).unwrap().contains(&arguments[1][..4]));
            fs::remove_file(bench.path("").join(name)).unwrap();
        }
    }
}

#[test]
fn a_file_is_uploaded_once_and_only_whole() {
    let bench = Bench::with_sample();
    let id = bench.create();
    bench.run(&["download", &id, "kept.backup"]).expect(0);
    let whole = fs::read(bench.path("kept.backup")).unwrap();
    bench.write("cut.backup", &whole[..whole.len() - 7]);
    let shown = bench.json(&["show", &id]);
    let served = Served::start(&bench, &[], READY);
    for run in [
        Box::new(|arguments: &[&str]| bench.run(arguments)) as Box<dyn Fn(&[&str]) -> _>,
        Box::new(|arguments: &[&str]| served.run(arguments)),
    ] {
        run(&["upload", "kept.backup"]).expect(11);
        run(&["delete", &id]).expect(0);
        let refused = run(&["upload", "cut.backup", "--json"]).expect(20).error();
        assert_eq!(refused["kind"], "damaged");
        run(&["upload", "none.backup"]).expect(10);
        run(&["upload", "backups"]).expect(2);
        assert_eq!(fs::read_dir(bench.path("backups")).unwrap().count(), 0, "nothing is left");
        assert_eq!(run(&["upload", "kept.backup", "--json"]).expect(0).document(), shown);
        assert!(fs::read(bench.path(&bench.backup_file(&id))).unwrap() == whole);
        run(&["verify", &id]).expect(0);
    }
    drop(served);
    let served = Served::start(&bench, &["--max-upload-bytes", "1000"], READY);
    let refused = served.run(&["upload", "kept.backup"]).expect(2);
    assert!(refused.stderr.contains("over the limit of 1000 bytes"), "{refused:?}");
}

/// Passes connections on to a server, and cuts the first ones off after so many bytes of the answer.
fn cutting_proxy(to: String, cut: usize, after: u64) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), TcpStream::connect(&to).unwrap());
            let number = count.fetch_add(1, Ordering::SeqCst);
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            server.write_all(&head).unwrap();
            let most = if number < cut { after } else { u64::MAX };
            // Who has had enough hangs up.
            let _ = std::io::copy(&mut server.take(most), &mut client);
        }
    });
    (url, connections)
}

#[test]
fn a_download_that_breaks_off_is_taken_up_where_it_broke() {
    let bench = Bench::with_sample();
    let id = bench.create();
    let original = fs::read(bench.path(&bench.backup_file(&id))).unwrap();
    let served = Served::start(&bench, &[], READY);
    let address = served.url.trim_start_matches("http://").to_owned();
    let (url, connections) = cutting_proxy(address.clone(), 2, 100_000);
    assert!(original.len() > 300_000);
    bench.run(&["download", &id, "resumed.backup", "--server", &url]).expect(0);
    assert!(fs::read(bench.path("resumed.backup")).unwrap() == original);
    assert_eq!(connections.load(Ordering::SeqCst), 3);
    // A head alone is no progress.
    let (url, connections) = cutting_proxy(address, usize::MAX, 10);
    bench.run(&["download", &id, "never.backup", "--server", &url]).expect(1);
    assert!(connections.load(Ordering::SeqCst) >= 1 && !bench.path("never.backup").exists());
    let range = ("range", "bytes=0-4");
    let part = send("GET", &format!("{}/api/backups/{id}/download", served.url), &[range], None);
    assert_eq!((part.status, part.body.as_slice()), (206, &original[..5]));
    assert_eq!(part.headers["content-range"], format!("bytes 0-4/{}", original.len()));
}
