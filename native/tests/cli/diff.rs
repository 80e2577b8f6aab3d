//! Two backups compared, here and through a server.

use super::bench::Bench;
use super::server::Served;

#[test]
fn two_backups_are_equal_or_say_what_was_added_removed_and_changed() {
    let bench = Bench::new();
    let line = |id: &str, number: u32| format!("{{\"id\":\"{id}\",\"vector\":[{number},1]}}\n");
    bench.write("first.jsonl", [line("a", 1), line("b", 2), line("c", 3)].concat());
    bench.write("second.jsonl", [line("b", 2), line("c", 4), line("d", 5), line("e\\u001b[2J", 6)].concat());
    bench.run(&["import", "docs", "first.jsonl"]).expect(0);
    let (first, twin) = (bench.create(), bench.create());
    bench.run(&["import", "docs", "second.jsonl", "--replace"]).expect(0);
    let second = bench.create();
    let file = bench.backup_file(&second);
    let report = bench.run(&["diff", &first, &second, "--json"]).expect(1).document();
    let docs = &report["collections"][0];
    let counts = ["added", "removed", "changed", "unchanged"].map(|name| docs[name].as_u64().unwrap());
    assert_eq!((&docs["status"], counts), (&"different".into(), [2, 1, 1, 1]));
    assert_eq!(bench.run(&["diff", &first, &file, "--json"]).expect(1).document(), report);

    let said = bench.run(&["diff", &first, &file, "--limit", "1"]).expect(1).stdout;
    for line in ["  + d\n", "  + … and 1 more\n", "  - a\n", "  ~ c\n"] {
        assert!(said.contains(line), "{said}");
    }
    let all = bench.run(&["diff", &first, &second]).expect(1).stdout;
    assert!(!all.contains('\u{1b}'), "an id commands no terminal: {all}");
    assert!(bench.run(&["diff", &first, &twin]).expect(0).stdout.contains("as both say; verify reads them"));
    assert_eq!(bench.json(&["diff", &file, &second])["equal"], true);
    bench.run(&["diff", &first, "none.backup"]).expect(10);
    bench.run(&["diff", &first, "550e8400-e29b-41d4-a716-446655440000"]).expect(10);
    bench.run(&["diff", &first]).expect(2);

    let served = Served::start(&bench, &[], "backups are in");
    assert_eq!(served.run(&["diff", &first, &second, "--json"]).expect(1).document(), report);
    served.run(&["diff", &first, &twin]).expect(0);
    served.run(&["diff", &first, &file]).expect(2);
    served.run(&["diff", &file, &file]).expect(0);
}
