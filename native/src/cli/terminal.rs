//! Text for people: tables, sizes, and no control character from data.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A text from outside, safe to print: control characters, and those that reorder or hide text, are
/// written as escapes. A name cannot move the cursor, recolour the screen or forge a line.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unprintable(c) { plain.extend(c.escape_default()) } else { plain.push(c) }
    }
    Cow::Owned(plain)
}

/// [`plain`] for a text of several lines whose line ends are ours.
pub(crate) fn plain_lines(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// At most `columns` columns of a text, with an ellipsis where it was longer.
pub(crate) fn shorten(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut short = String::new();
    for c in text.chars() {
        // The ellipsis takes a column.
        if short.width() + c.width().unwrap_or(0) + 1 > columns {
            break;
        }
        short.push(c);
    }
    short.push('…');
    Cow::Owned(short)
}

/// A size as people read it, such as `9.77 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

/// A size as people read it, and exactly: `9.77 MiB (10,240,000 bytes)`.
pub(crate) fn exact_size(bytes: u64) -> String {
    format!("{} ({} bytes)", size(bytes), count(bytes))
}

/// A count with its thousands apart, such as `5,000`.
pub(crate) fn count(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// Rows under headings, aligned; a heading that begins with `>` aligns its column to the right.
#[derive(Debug)]
pub(crate) struct Table {
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&str]) -> Self {
        let right = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let first = headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect();
        Self { right, rows: vec![first] }
    }

    /// Adds a row; its texts are made [`plain`].
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.iter().map(|cell| plain(cell).into_owned()).collect());
    }

    /// The table's lines.
    pub(crate) fn render(&self) -> String {
        let columns = self.right.len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let gap = " ".repeat(widths[column] - cell.width());
                let apart = if column == 0 { "" } else { "  " };
                let (before, after) =
                    if self.right[column] { (gap, String::new()) } else { (String::new(), gap) };
                // Writing to a String cannot fail.
                let _ = write!(line, "{apart}{before}{cell}{after}");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_data_reaches_the_terminal_as_a_command() {
        assert_eq!(plain("docs é 日本"), "docs é 日本");
        assert_eq!(plain("a\u{1b}[31m\r\nb\u{7}"), "a\\u{1b}[31m\\r\\nb\\u{7}");
        assert_eq!(plain("\u{9b}2J\u{202e}x\u{7f}"), "\\u{9b}2J\\u{202e}x\\u{7f}");
        let mut table = Table::new(&["name"]);
        table.row(["a\tb\n"]);
        assert_eq!(table.render(), "name\na\\tb\\n\n");
    }

    #[test]
    fn columns_are_aligned_by_what_the_terminal_shows() {
        let mut table = Table::new(&["name", ">count"]);
        table.row(["日本", "5"]);
        table.row(["abcdef", "1,000"]);
        assert_eq!(table.render(), "name    count\n日本        5\nabcdef  1,000\n");
    }

    #[test]
    fn long_texts_are_cut_at_the_column() {
        assert_eq!(shorten("abc", 3), "abc");
        assert_eq!(shorten("abcd", 3), "ab…");
        assert_eq!(shorten("日本語", 4), "日…");
    }
}
