//! How long files and functions may be.
//!
//! A file's lines are counted without its inline `#[cfg(test)] mod … { … }`; a function's from its `fn` to
//! its closing brace. Code of tests is counted like any other.

use syn::visit::{self, Visit};

use super::mentions::is_cfg_test;
use super::{Finding, House};

/// The longest source file, in lines.
const MAX_FILE_LINES: usize = 400;
/// The longest function, in lines.
const MAX_FUNCTION_LINES: usize = 70;
/// What is source: prose, data and locks may be longer.
const SOURCE: [&str; 8] = [".rs", ".py", ".sh", ".js", ".mjs", ".ts", ".css", ".html"];

/// Files and functions that are too long.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.files.iter().filter(|file| SOURCE.iter().any(|ending| file.path.ends_with(ending))) {
        let Some(text) = &file.text else { continue };
        let lines = text.lines().count() - file.syntax().map_or(0, inline_test_lines);
        if lines > MAX_FILE_LINES {
            let problem = format!("{lines} lines; a file has at most {MAX_FILE_LINES}");
            findings.push(Finding::new(&file.path, 1, problem, "split it by reason to exist"));
        }
    }
    for (file, syntax) in house.rust() {
        let mut functions = Functions { path: &file.path, findings: &mut findings };
        functions.visit_file(syntax);
    }
    findings
}

fn inline_test_lines(syntax: &syn::File) -> usize {
    let lines = |item: &syn::Item| {
        let syn::Item::Mod(module) = item else { return None };
        let (brace, _) = module.content.as_ref().filter(|_| is_cfg_test(&module.attrs))?;
        let first = module.attrs.first()?.pound_token.spans[0].start().line;
        Some(brace.span.close().end().line - first + 1)
    };
    syntax.items.iter().filter_map(lines).sum()
}

struct Functions<'a> {
    path: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl Functions<'_> {
    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let lines = body.brace_token.span.close().end().line - first + 1;
        if lines > MAX_FUNCTION_LINES {
            let problem = format!(
                "`{}` has {lines} lines; a function has at most {MAX_FUNCTION_LINES}",
                signature.ident
            );
            self.findings.push(Finding::new(self.path, first, problem, "give its steps names"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.function(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::super::house::fixture::{house, places};
    use super::*;

    fn function(name: &str, lines: usize) -> String {
        format!("/// Doc.\nfn {name}() {{\n{}}}\n", "    work();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_71_lines_is_a_finding_wherever_it_stands() {
        let text = format!("{}impl A {{ {} }}\n", function("fits", 70), function("long", 71));
        assert_eq!(places(&check(&house(&[("core/src/a.rs", &text)]))), ["core/src/a.rs:73"]);
    }

    #[test]
    fn a_file_of_401_lines_is_a_finding_and_inline_tests_do_not_count() {
        let code = "const A: u8 = 0;\n".repeat(400);
        let with_tests = format!("{code}#[cfg(test)]\nmod tests {{\n{code}}}\n");
        let too_long = format!("{code}const B: u8 = 0;\n");
        let files =
            [("core/src/a.rs", &*with_tests), ("core/src/b.rs", &*too_long), ("tests/c.sh", &*too_long)];
        assert_eq!(places(&check(&house(&files))), ["core/src/b.rs:1", "tests/c.sh:1"]);
    }
}
