//! Which paths a Rust file names: in imports, in code, in attributes and inside macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A path that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    /// Its segments as written, `crate`, `self` and `super` included.
    pub segments: Vec<String>,
    /// Whether a `use` brings it into scope: then a whole module may stand for what is in it.
    pub imported: bool,
    /// The line.
    pub line: usize,
    /// How many inline modules it stands in: what `super` counts from.
    pub depth: usize,
}

/// Everything that the code of a file names, but for `#[cfg(test)]` items.
pub(super) fn mentions(syntax: &syn::File) -> Vec<Mention> {
    let mut collector = Collector { found: Vec::new(), depth: 0 };
    collector.visit_file(syntax);
    collector.found
}

/// Whether these are the attributes of an item for tests only.
pub(super) fn is_cfg_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

struct Collector {
    found: Vec<Mention>,
    depth: usize,
}

impl Collector {
    fn add(&mut self, segments: Vec<String>, imported: bool, line: usize) {
        self.found.push(Mention { segments, imported, line, depth: self.depth });
    }

    fn import(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before)),
            syn::UseTree::Name(syn::UseName { ident, .. })
            | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                let mut segments = before.clone();
                if ident != "self" {
                    segments.push(ident.to_string());
                }
                self.add(segments, true, ident.span().start().line);
            }
            syn::UseTree::Glob(glob) => self.add(before.clone(), true, glob.star_token.spans[0].start().line),
        }
    }

    /// Paths in a text that is not parsed: `ident (:: ident)*`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 && !segments.is_empty() => {
                    segments.push(ident.to_string())
                }
                TokenTree::Ident(ident) => {
                    self.flush(&mut segments, line);
                    line = ident.span().start().line;
                    segments.push(ident.to_string());
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.flush(&mut segments, line);
                    self.tokens(group.stream());
                }
                _ => self.flush(&mut segments, line),
            }
            colons = 0;
        }
        self.flush(&mut segments, line);
    }

    fn flush(&mut self, segments: &mut Vec<String>, line: usize) {
        let segments = std::mem::take(segments);
        if segments.len() > 1 {
            self.add(segments, false, line);
        }
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if is_cfg_test(&module.attrs) {
            return;
        }
        let inline = usize::from(module.content.is_some());
        self.depth += inline;
        visit::visit_item_mod(self, module);
        self.depth -= inline;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_cfg_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_cfg_test(&item.attrs) {
            self.import(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(first) = path.segments.first().filter(|_| segments.len() > 1) {
            self.add(segments, false, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.tokens(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.tokens(list.tokens.clone());
        visit::visit_meta_list(self, list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let syntax = syn::parse_file(text).unwrap();
        mentions(&syntax).iter().map(|m| format!("{}@{}", m.segments.join("::"), m.line)).collect()
    }

    #[test]
    fn imports_are_spelled_out() {
        let text = "use std::{fs::{self, File}, io as i};\nuse super::a::*;";
        assert_eq!(found(text), ["std::fs@1", "std::fs::File@1", "std::io@1", "super::a@2"]);
    }

    #[test]
    fn code_macros_and_attributes_are_searched_and_tests_are_not() {
        let text = "#[error(\"x\", crate::error::excerpt(.id))]\nstruct E;\nfn a() {\n    std::fs::read(0);\n    \
                    m!(x => { std::net::TcpStream::connect(y: u8) });\n}\n#[cfg(test)]\nmod tests { use std::fs; }";
        assert_eq!(
            found(text),
            ["crate::error::excerpt@1", "std::fs::read@4", "std::net::TcpStream::connect@5"]
        );
    }
}
