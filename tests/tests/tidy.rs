//! The rules of the house hold (`cargo xtask tidy` prints the same).

#[test]
fn the_house_is_tidy() {
    let findings = vecvault_xtask::tidy::check(&vecvault_xtask::root().unwrap()).unwrap();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} to mend:\n{}", lines.len(), lines.join("\n"));
}
