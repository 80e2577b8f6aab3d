//! Which keys the metadata have, and what stands under them.

use serde::Serialize;

use crate::format::FormatError;
use crate::format::json::Scanner;

/// How many different keys are told apart: the first so many that are met.
const MOST_KEYS: usize = 1_000;
/// A longer key, in bytes, is not told apart.
const MOST_KEY_BYTES: usize = 256;

/// The keys right under the metadata's top, where the metadata are an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MetadataKeys {
    /// Records without metadata.
    pub absent: u64,
    /// Records whose metadata are no object.
    pub not_objects: u64,
    /// The keys, those that most records have first; equal ones by their bytes. At most 1,000: of more, the
    /// first that were met.
    pub keys: Vec<KeyCoverage>,
    /// How often other keys were met: those beyond the 1,000, and keys of more than 256 bytes.
    pub other: u64,
}

/// A key, and in how many records it has values of which type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyCoverage {
    /// The key.
    pub key: String,
    /// How many records have it.
    pub count: u64,
    /// How many values are of each type.
    pub types: JsonTypes,
}

/// Counts by JSON type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JsonTypes {
    /// Strings.
    pub string: u64,
    /// Numbers.
    pub number: u64,
    /// `true` and `false`.
    pub boolean: u64,
    /// `null`.
    pub null: u64,
    /// Objects.
    pub object: u64,
    /// Arrays.
    pub array: u64,
}

impl JsonTypes {
    /// Counts a value by its first byte.
    fn add(&mut self, first: u8) {
        *match first {
            b'"' => &mut self.string,
            b't' | b'f' => &mut self.boolean,
            b'n' => &mut self.null,
            b'{' => &mut self.object,
            b'[' => &mut self.array,
            _ => &mut self.number,
        } += 1;
    }

    fn total(&self) -> u64 {
        self.string + self.number + self.boolean + self.null + self.object + self.array
    }
}

/// What has been met so far.
#[derive(Default)]
pub(super) struct Keys {
    /// Ascending by key.
    keys: Vec<(Box<str>, JsonTypes)>,
    found: MetadataKeys,
}

impl Keys {
    pub(super) fn add(&mut self, metadata: Option<&str>) {
        let Some(text) = metadata else {
            self.found.absent += 1;
            return;
        };
        // What a reader gives is valid JSON, so that the walk does not end early.
        if !matches!(self.walk(text), Ok(true)) {
            self.found.not_objects += 1;
        }
    }

    /// Goes through the members of an object; `false` where it is none.
    fn walk(&mut self, text: &str) -> Result<bool, FormatError> {
        let mut scanner = Scanner::new(text.as_bytes(), 0);
        if !scanner.accept(b'{')? {
            return Ok(false);
        }
        if scanner.accept(b'}')? {
            return Ok(true);
        }
        loop {
            let key = scanner.string()?;
            scanner.expect(b':')?;
            let first = scanner.peek_token()?;
            self.count(&key.text(), first);
            skip_value(&mut scanner)?;
            if !scanner.accept(b',')? {
                return Ok(true);
            }
        }
    }

    fn count(&mut self, key: &str, first: u8) {
        match self.keys.binary_search_by(|(known, _)| (**known).cmp(key)) {
            Ok(at) => self.keys[at].1.add(first),
            Err(at) if self.keys.len() < MOST_KEYS && key.len() <= MOST_KEY_BYTES => {
                let mut types = JsonTypes::default();
                types.add(first);
                self.keys.insert(at, (key.into(), types));
            }
            Err(_) => self.found.other += 1,
        }
    }

    pub(super) fn finish(&mut self) -> MetadataKeys {
        let mut found = std::mem::take(&mut self.found);
        for (key, types) in self.keys.drain(..) {
            let count = types.total();
            let at = found.keys.partition_point(|more: &KeyCoverage| more.count >= count);
            found.keys.insert(at, KeyCoverage { key: key.into(), count, types });
        }
        found
    }
}

/// Steps over a value of valid JSON.
fn skip_value(scanner: &mut Scanner<'_>) -> Result<(), FormatError> {
    let mut depth = 0usize;
    loop {
        match scanner.peek_token()? {
            b'"' => drop(scanner.skip_string()?),
            b'{' | b'[' => {
                depth += 1;
                scanner.step();
                continue;
            }
            // An empty object or array.
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                scanner.step();
            }
            b',' | b':' => {
                scanner.step();
                continue;
            }
            _ => {
                while !matches!(scanner.peek()?, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r') {
                    scanner.step();
                }
            }
        }
        if depth == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[Option<&str>]) -> MetadataKeys {
        let mut keys = Keys::default();
        texts.iter().for_each(|text| keys.add(*text));
        keys.finish()
    }

    #[test]
    fn keys_have_types_and_coverage() {
        let found = of(&[
            None,
            Some("null"),
            Some("\"{\""),
            Some("[{\"no\":1}]"),
            Some(" { } "),
            Some(r#"{"a":1,"b":"}{\"","c":{"d":[{},[],{"a":"]"}],"e":-1.5e3}}"#),
            Some("{\n \"b\" : [ ] , \"a\":\ttrue,\"\\u0063\":null}"),
            Some(r#"{"a":false,"a2":[1,[2],{}]}"#),
        ]);
        assert_eq!((found.absent, found.not_objects, found.other), (1, 3, 0));
        let rows: Vec<_> = found.keys.iter().map(|k| (k.key.as_str(), k.count)).collect();
        assert_eq!(rows, [("a", 3), ("b", 2), ("c", 2), ("a2", 1)]);
        assert_eq!(found.keys[0].types, JsonTypes { number: 1, boolean: 2, ..JsonTypes::default() });
        assert_eq!(found.keys[1].types, JsonTypes { string: 1, array: 1, ..JsonTypes::default() });
        assert_eq!(found.keys[2].types, JsonTypes { object: 1, null: 1, ..JsonTypes::default() });
    }

    #[test]
    fn what_is_held_of_hostile_keys_is_bounded() {
        let mut keys = Keys::default();
        for n in 0..1_500 {
            keys.add(Some(&format!("{{\"common\":1,\"{n:04}\":2}}")));
        }
        keys.add(Some(&format!("{{\"{}\":3}}", "k".repeat(300))));
        let found = keys.finish();
        assert_eq!((found.keys.len(), found.other), (1_000, 502));
        assert_eq!((&*found.keys[0].key, found.keys[0].count), ("common", 1_500));
    }
}
