//! `unsafe` stands where its reasons are written down, and nowhere else.

use proc_macro2::{TokenStream, TokenTree};

use super::{Finding, House};

/// Where `unsafe` is allowed: the float codec, whose head comment says why.
const ALLOWED: &str = "core/float/src/";

/// The keyword anywhere else, macros included.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, _) in house.rust() {
        if file.path.starts_with(ALLOWED) {
            continue;
        }
        let tokens = file.text.as_deref().unwrap_or_default().parse::<TokenStream>().unwrap_or_default();
        let mut lines = Vec::new();
        find(tokens, &mut lines);
        findings.extend(lines.into_iter().map(|line| {
            let remedy = format!("write it in safe Rust; `unsafe` is for {ALLOWED} only");
            Finding::new(&file.path, line, "`unsafe`", remedy)
        }));
    }
    findings
}

fn find(tokens: TokenStream, lines: &mut Vec<usize>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => find(group.stream(), lines),
            TokenTree::Ident(ident) if ident == "unsafe" => lines.push(ident.span().start().line),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::house::fixture::{house, places};
    use super::*;

    #[test]
    fn the_keyword_is_a_finding_outside_the_float_codec() {
        let code = "// unsafe\nfn a() {\n    m!(unsafe { b() });\n}\nunsafe impl C for D {}\n";
        let house = house(&[("core/float/src/a.rs", code), ("native/src/a.rs", code)]);
        assert_eq!(places(&check(&house)), ["native/src/a.rs:3", "native/src/a.rs:5"]);
    }
}
