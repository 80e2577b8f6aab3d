//! The limits of `core/FORMAT.md` are those of the code, both ways.
//!
//! A limit is a row of a table whose first cell is the constant's name in backticks and whose second cell
//! is its value, as a number or as the constant spells it.

use std::collections::BTreeMap;

use super::{Finding, House};

const CODE: &str = "core/src/format/limits.rs";
const TEXT: &str = "core/FORMAT.md";

/// Limits by name, with their values and lines.
type Limits = BTreeMap<String, (Option<u128>, usize)>;

/// Limits that one of the two lacks, or has with another value.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let Some(syntax) = house.file(CODE).and_then(super::File::syntax) else {
        return vec![Finding::new(CODE, 1, "there is no such file", "keep every limit of the format in it")];
    };
    let Some(text) = house.file(TEXT).and_then(|file| file.text.as_deref()) else {
        return vec![Finding::new(TEXT, 1, "there is no such file", "specify the format in it")];
    };
    let (code, table) = (of_code(syntax), of_table(text));
    let mut findings = Vec::new();
    for (name, (value, line)) in &code {
        let remedy = format!("make {TEXT} and {CODE} say the same");
        let finding = |path, line, problem| Some(Finding::new(path, line, problem, &*remedy));
        findings.extend(match (value, table.get(name)) {
            (None, _) => finding(CODE, *line, format!("tidy cannot evaluate `{name}`")),
            (_, None) => finding(CODE, *line, format!("`{name}` is not in the table of {TEXT}")),
            (Some(value), Some((said, line))) if *said != Some(*value) => {
                finding(TEXT, *line, format!("`{name}` is {value} in the code"))
            }
            _ => None,
        });
    }
    for (name, (_, line)) in table.iter().filter(|(name, _)| !code.contains_key(*name)) {
        let problem = format!("`{name}` is no constant of {CODE}");
        findings.push(Finding::new(TEXT, *line, problem, "remove the row or add the constant"));
    }
    findings
}

fn of_code(syntax: &syn::File) -> Limits {
    let mut limits = Limits::new();
    for item in &syntax.items {
        if let syn::Item::Const(constant) = item {
            let value = evaluate(&constant.expr, &limits);
            let line = constant.ident.span().start().line;
            limits.insert(constant.ident.to_string(), (value, line));
        }
    }
    limits
}

fn of_table(text: &str) -> Limits {
    let mut limits = Limits::new();
    for (i, line) in text.lines().enumerate() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (Some(name), Some(value)) = (cells.next(), cells.next()) else { continue };
        let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) else { continue };
        if name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_') {
            let value: String = value.chars().filter(|c| !"`,".contains(*c)).collect();
            let value = syn::parse_str(&value).ok().and_then(|value| evaluate(&value, &limits));
            limits.insert(name.to_owned(), (value, i + 1));
        }
    }
    limits
}

/// The value of a constant expression over integers and the limits before it.
fn evaluate(expression: &syn::Expr, known: &Limits) -> Option<u128> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(int), .. }) => int.base10_parse().ok(),
        syn::Expr::Paren(inner) => evaluate(&inner.expr, known),
        syn::Expr::Cast(inner) => evaluate(&inner.expr, known),
        syn::Expr::Path(path) => known.get(&path.path.get_ident()?.to_string())?.0,
        syn::Expr::Binary(binary) => {
            let (left, right) = (evaluate(&binary.left, known)?, evaluate(&binary.right, known)?);
            match binary.op {
                syn::BinOp::Add(_) => left.checked_add(right),
                syn::BinOp::Sub(_) => left.checked_sub(right),
                syn::BinOp::Mul(_) => left.checked_mul(right),
                syn::BinOp::Shl(_) => left.checked_shl(u32::try_from(right).ok()?),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::house::fixture::{house, places};
    use super::*;

    const LIMITS: &str =
        "/// A.\npub const A: usize = 256;\npub const B: u64 = 16 << 20;\npub const C: usize = 2 * A + 1;\n";

    fn against(table: &str) -> Vec<String> {
        places(&check(&house(&[(CODE, LIMITS), (TEXT, table)])))
    }

    #[test]
    fn a_table_that_says_the_same_passes() {
        assert!(
            against("| `A` | 256 | x |\n| `B` | 16,777,216 | x |\n| `C` | `2 * A + 1` | x |\n| `id` | 7 |\n")
                .is_empty()
        );
        assert!(against("| `A` | 256 |\n| `B` | 16 << 20 |\n| `C` | 513 |\n").is_empty());
    }

    #[test]
    fn another_value_a_missing_row_and_a_row_too_many_are_findings() {
        assert_eq!(against("| `A` | 255 |\n| `B` | 16 << 20 |\n| `C` | 513 |\n"), ["core/FORMAT.md:1"]);
        assert_eq!(against("| `A` | 256 |\n| `C` | 513 |\n"), ["core/src/format/limits.rs:3"]);
        assert_eq!(
            against("| `A` | 256 |\n| `B` | 16 << 20 |\n| `C` | 513 |\n| `D` | 1 |\n"),
            ["core/FORMAT.md:4"]
        );
    }

    #[test]
    fn neither_file_can_go_missing() {
        assert_eq!(places(&check(&house(&[(CODE, LIMITS)]))), ["core/FORMAT.md:1"]);
        assert_eq!(places(&check(&house(&[(TEXT, "")]))), ["core/src/format/limits.rs:1"]);
    }
}
