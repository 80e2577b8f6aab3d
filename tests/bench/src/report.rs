//! Markdown tables, printed and kept.

use std::fmt::Write as _;

/// Text that grows by headings, notes and tables.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
}

impl Report {
    pub(crate) fn heading(&mut self, text: &str) {
        self.add(&format!("\n## {text}\n\n"));
    }

    pub(crate) fn note(&mut self, text: &str) {
        self.add(&format!("{text}\n"));
    }

    pub(crate) fn table(&mut self, table: &Table) {
        self.add(&format!("{}\n", table.render()));
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn add(&mut self, text: &str) {
        print!("{text}");
        self.text.push_str(text);
    }
}

/// A table whose first column is text and whose others are figures.
#[derive(Debug)]
pub(crate) struct Table {
    columns: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        let header: Vec<String> = header.into_iter().map(Into::into).collect();
        Self { columns: header.len(), rows: vec![header] }
    }

    /// A row; cells that it lacks stay empty.
    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        cells.resize(self.columns, String::new());
        self.rows.push(cells);
    }

    fn render(&self) -> String {
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns).map(|column| width(column).max(2)).collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Writing to a String cannot fail.
                let _ = match column {
                    0 => write!(text, "| {cell:<width$} "),
                    _ => write!(text, "| {cell:>width$} "),
                };
            }
            text.push_str("|\n");
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    text.push('|');
                    text.push_str(&"-".repeat(width + 1));
                    text.push(if column == 0 { '-' } else { ':' });
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

/// A ratio to three digits.
pub(crate) fn times(value: f64) -> String {
    match value {
        value if !value.is_finite() => "-".into(),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

pub(crate) fn per_cent(value: f64) -> String {
    format!("{value:.0} %")
}

pub(crate) fn seconds(value: f64) -> String {
    match value {
        value if !value.is_finite() => "-".into(),
        value if value < 1e-3 => format!("{:.0} us", value * 1e6),
        value if value < 1.0 => format!("{:.1} ms", value * 1e3),
        value => format!("{value:.2} s"),
    }
}

pub(crate) fn mega(bytes: f64) -> String {
    format!("{:.0}", bytes / 1e6)
}
