//! A position in JSON text, and the steps it takes.

use super::string::{StringEnd, StringScan, scan_string, skip_string};
use crate::format::{FormatError, FormatErrorKind};

/// Steps through JSON text, token by token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner of `bytes` that stands at offset `at`.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Stands at `at` next.
    pub(crate) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// The byte it stands before; an error of kind `Truncated` at the end.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Result<u8, FormatError> {
        self.bytes.get(self.at).copied().ok_or_else(|| FormatError::truncated(self.at as u64))
    }

    /// Steps over one byte.
    #[inline(always)]
    pub(crate) fn step(&mut self) {
        self.at += 1;
    }

    /// Steps over JSON white space.
    #[inline(always)]
    pub(crate) fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// Steps over decimal digits.
    #[inline(always)]
    pub(crate) fn skip_digits(&mut self) {
        while let Some(b'0'..=b'9') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// Steps over white space and gives the byte after it.
    #[inline(always)]
    pub(crate) fn peek_token(&mut self) -> Result<u8, FormatError> {
        self.skip_whitespace();
        self.peek()
    }

    /// Steps over white space and `byte`, which must be there.
    #[inline]
    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), FormatError> {
        let found = self.peek_token()?;
        if found != byte {
            return Err(self.unexpected(&format!("expected '{}'", byte as char)));
        }
        self.at += 1;
        Ok(())
    }

    /// Steps over `byte` if it comes next, after white space.
    #[inline]
    pub(crate) fn accept(&mut self, byte: u8) -> Result<bool, FormatError> {
        let found = self.peek_token()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    /// Steps over white space and a string; gives the text between its quotes as it stands there.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<StringScan<'a>, FormatError> {
        if self.peek_token()? != b'"' {
            return Err(self.unexpected("expected a string"));
        }
        let scan = scan_string(self.bytes, self.at + 1)?;
        self.at = scan.end;
        Ok(scan)
    }

    /// Steps over white space and a string, and does not look whether it is UTF-8.
    #[inline]
    pub(crate) fn skip_string(&mut self) -> Result<StringEnd, FormatError> {
        if self.peek_token()? != b'"' {
            return Err(self.unexpected("expected a string"));
        }
        let end = skip_string(self.bytes, self.at + 1)?;
        self.at = end.quote + 1;
        Ok(end)
    }

    /// Nothing may follow.
    pub(crate) fn expect_end(&self) -> Result<(), FormatError> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(FormatError::new(
            FormatErrorKind::TrailingBytes,
            self.at as u64,
            "bytes after the end of the value",
        ))
    }

    /// An error about the byte it stands before.
    #[cold]
    pub(crate) fn unexpected(&self, expected: &str) -> FormatError {
        let found = match self.bytes.get(self.at) {
            Some(byte) => format!("'{}'", byte.escape_ascii()),
            None => return FormatError::truncated(self.at as u64),
        };
        FormatError::invalid(self.at as u64, format!("{expected}, found {found}"))
    }
}
