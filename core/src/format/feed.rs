//! Bytes that arrive in pieces, for parsers that take whole values.
//!
//! A parser tries the value at the front; when it runs out of bytes, the feed waits until twice as many
//! are there before it lets it try again, so that a large value that drips in costs no more than twice its
//! reading. What has arrived bounds the memory, whatever the bytes declare.

use super::FormatError;
use super::json::Scanner;

/// Bytes that have arrived and are not used yet.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    buffer: Vec<u8>,
    used: usize,
    /// The offset of `buffer[0]` in the whole.
    base: u64,
    /// How many unused bytes must be there before the next try is worth it.
    wanted: usize,
    ended: bool,
}

impl Feed {
    /// Adds bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.used > 0 {
            self.buffer.drain(..self.used);
            self.base += self.used as u64;
            self.used = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// No more bytes will come.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The offset in the whole of the first unused byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.used as u64
    }

    /// Lets `parse` try the unused bytes; it gives how many it used, and a value. `None` means that more
    /// bytes are needed. A value that is not whole within `limit` bytes is too large. Offsets in errors
    /// become offsets in the whole.
    pub(crate) fn attempt<T>(
        &mut self,
        limit: usize,
        parse: impl FnOnce(&[u8]) -> Result<(usize, T), FormatError>,
    ) -> Result<Option<T>, FormatError> {
        let rest = &self.buffer[self.used..];
        if rest.len() < self.wanted && !self.ended {
            return Ok(None);
        }
        match parse(rest) {
            // However the bytes came: what fits once must fit always.
            Ok((used, _)) if used > limit => {
                Err(FormatError::too_large(self.offset(), "the length of the value", limit))
            }
            Ok((used, value)) => {
                self.used += used;
                self.wanted = 0;
                Ok(Some(value))
            }
            Err(error) if error.is_truncated() && rest.len() > limit => {
                Err(FormatError::too_large(self.offset(), "the length of the value", limit))
            }
            Err(error) if error.is_truncated() && !self.ended => {
                self.wanted = (rest.len() * 2).min(limit + 1).max(1);
                Ok(None)
            }
            Err(error) => Err(error.shifted(self.offset())),
        }
    }

    /// Uses all that is there, behind the end of the whole: it may be white space, and is not kept.
    pub(crate) fn only_space(&mut self) -> Result<(), FormatError> {
        let mut scanner = Scanner::new(&self.buffer[self.used..], 0);
        scanner.skip_whitespace();
        scanner.expect_end().map_err(|error| error.shifted(self.offset()))?;
        self.used = self.buffer.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses `n` bytes of 'x' and a full stop.
    fn sentence(bytes: &[u8]) -> Result<(usize, usize), FormatError> {
        match bytes.iter().position(|b| *b == b'.') {
            Some(at) => Ok((at + 1, at)),
            None => Err(FormatError::truncated(bytes.len() as u64)),
        }
    }

    #[test]
    fn values_come_out_however_the_bytes_are_cut() {
        let text = b"xx.xxxxxxxx..x.";
        for size in 1..=text.len() {
            let (mut feed, mut lengths) = (Feed::default(), Vec::new());
            for piece in text.chunks(size) {
                feed.push(piece);
                while let Some(length) = feed.attempt(100, sentence).unwrap() {
                    lengths.push(length);
                }
            }
            feed.end();
            while let Ok(Some(length)) = feed.attempt(100, sentence) {
                lengths.push(length);
            }
            assert_eq!(lengths, [2, 8, 0, 1], "in pieces of {size}");
            assert_eq!(feed.offset(), text.len() as u64);
        }
    }

    #[test]
    fn a_value_that_drips_in_is_tried_a_logarithmic_number_of_times() {
        let (mut feed, mut tries) = (Feed::default(), 0);
        for _ in 0..10_000 {
            feed.push(b"x");
            feed.attempt(100_000, |bytes| {
                tries += 1;
                sentence(bytes)
            })
            .unwrap();
        }
        assert!(tries < 20, "{tries} tries");
    }

    #[test]
    fn a_value_past_the_limit_is_refused_and_so_is_one_that_the_end_cuts() {
        let mut feed = Feed::default();
        feed.push(&[b'x'; 11]);
        assert!(feed.attempt(10, sentence).unwrap_err().to_string().contains("limit of 10"));
        let mut feed = Feed::default();
        feed.push(b"x.xx");
        feed.attempt(10, sentence).unwrap();
        assert_eq!(feed.attempt(10, sentence).unwrap(), None);
        feed.end();
        assert_eq!(feed.attempt(10, sentence).unwrap_err().offset(), 4);
    }
    #[test]
    fn what_is_too_large_is_so_however_the_bytes_are_cut() {
        let text = b"xxxxxxxxxx.xxxxxxxxx.";
        for size in 1..=text.len() {
            let mut feed = Feed::default();
            let refused = text.chunks(size).any(|piece| {
                feed.push(piece);
                feed.attempt(10, sentence).is_err()
            });
            assert!(refused, "in pieces of {size}");
        }
    }

    #[test]
    fn white_space_behind_the_end_is_not_kept_and_anything_else_is_refused() {
        let mut feed = Feed::default();
        for _ in 0..100 {
            feed.push(&[b' '; 1000]);
            feed.only_space().unwrap();
            assert!(feed.buffer.len() <= 1000);
        }
        feed.push(b"\n x");
        assert_eq!(feed.only_space().unwrap_err().offset(), 100_002);
    }
}
