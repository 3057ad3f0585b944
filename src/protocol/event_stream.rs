//! Splits a stream of server-sent events into its blocks, as the HTML standard has it (section 9.2.6).
//!
//! LF, CRLF or CR end a line, and an empty line ends a block. A byte order mark at the very beginning is
//! passed over. What comes after the last empty line is no event: a stream that breaks off in the middle of
//! one has not sent it. What the lines of a block say is read by [`framing`](super::framing), like a frame
//! of the WebSocket.
//!
//! Parsers of others hand out events alone: they drop comments, which tell that a server is still there, and
//! replace what is no UTF-8, which a server must not send.

use std::collections::VecDeque;

/// The mark that a stream may begin with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Takes the bytes of a stream as they come, in pieces of any length, and gives its blocks. Every byte is
/// looked at once.
#[derive(Debug)]
pub struct EventStream {
    /// How much of a byte order mark the stream has begun with; `None` once that is settled.
    mark: Option<usize>,
    /// The block that has not ended yet.
    begun: Vec<u8>,
    /// How many bytes its last line has, without its end.
    line: usize,
    /// Whether the last byte was a CR, so that a LF belongs to it.
    after_cr: bool,
    limit: usize,
    blocks: VecDeque<Vec<u8>>,
}

/// A block has more bytes than are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a server-sent event is longer than {limit} bytes")]
pub struct TooLong {
    /// How many bytes a block may have at the most, its line ends included.
    pub limit: usize,
}

impl EventStream {
    /// The beginning of a stream, whose blocks may have so many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            mark: Some(0),
            begun: Vec::new(),
            line: 0,
            after_cr: false,
            limit,
            blocks: VecDeque::new(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`TooLong`] where a block does not end within the limit. The blocks before it can still be taken.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), TooLong> {
        while let (Some(seen), Some(byte)) = (self.mark, bytes.first()) {
            if BYTE_ORDER_MARK[seen] == *byte {
                bytes = &bytes[1..];
                self.mark = Some(seen + 1).filter(|seen| *seen < BYTE_ORDER_MARK.len());
            } else {
                self.mark = None;
                self.read(&BYTE_ORDER_MARK[..seen])?;
            }
        }
        self.read(bytes)
    }

    /// The next block, with the line ends in it and the empty line after it; `None` where it is not there
    /// yet. Every block says something, if only a comment.
    pub fn next_block(&mut self) -> Option<Vec<u8>> {
        self.blocks.pop_front()
    }

    /// What came after the last block: nothing, where the stream is whole.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.begun
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        // Where the block begins in these bytes, as far as it is not in `begun`.
        let mut from = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let follows_cr = std::mem::replace(&mut self.after_cr, *byte == b'\r');
            let is_end = matches!(byte, b'\n' | b'\r');
            if *byte == b'\n' && follows_cr {
                // The second half of a line's end; the block may have been given already.
                if self.begun.is_empty() && from == at {
                    from = at + 1;
                }
            } else if is_end && self.line == 0 {
                self.give(&bytes[from..=at]);
                from = at + 1;
            } else {
                self.line = if is_end { 0 } else { self.line + 1 };
            }
            if self.begun.len() + (at + 1 - from) > self.limit {
                return Err(TooLong { limit: self.limit });
            }
        }
        self.begun.extend_from_slice(&bytes[from..]);
        Ok(())
    }

    /// The block that has begun ends with these bytes.
    fn give(&mut self, end: &[u8]) {
        let mut block = std::mem::take(&mut self.begun);
        block.extend_from_slice(end);
        // Another empty line after one says nothing.
        if block.len() > 1 {
            self.blocks.push_back(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of a stream and its rest, taken in pieces of so many bytes.
    fn split(stream: &str, pieces: usize) -> (Vec<String>, String) {
        let mut events = EventStream::new(1000);
        let mut blocks = Vec::new();
        for piece in stream.as_bytes().chunks(pieces) {
            events.feed(piece).expect("it is short");
            blocks.extend(std::iter::from_fn(|| events.next_block()));
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        (
            blocks.iter().map(|it| text(it)).collect(),
            text(events.rest()),
        )
    }

    #[test]
    fn an_empty_line_ends_a_block_however_the_bytes_come() {
        for (stream, blocks, rest) in [
            (
                "data: a\n\ndata: b\n\n",
                &["data: a\n\n", "data: b\n\n"][..],
                "",
            ),
            (
                "data: a\r\rdata: b\r\r",
                &["data: a\r\r", "data: b\r\r"],
                "",
            ),
            (
                "data: a\r\n\r\ndata: b\r\n\r\n",
                &["data: a\r\n\r", "data: b\r\n\r"],
                "",
            ),
            ("event: a\ndata: b\n\n", &["event: a\ndata: b\n\n"], ""),
            (": hi\n\n\n\r\n\n: ho\n\n", &[": hi\n\n", ": ho\n\n"], ""),
            // What was not sent whole is no event.
            ("data: a\n\ndata: b\n", &["data: a\n\n"], "data: b\n"),
            ("data: a\n", &[], "data: a\n"),
            ("", &[], ""),
            // A mark at the beginning only.
            (
                "\u{feff}data: a\n\n\u{feff}data: b\n\n",
                &["data: a\n\n", "\u{feff}data: b\n\n"],
                "",
            ),
            ("\u{feaf}: a\n\n", &["\u{feaf}: a\n\n"], ""),
            // These end lines elsewhere, but not here.
            (
                "data: \u{85}\u{2028}\u{2029}\u{b}\u{c}\n\n",
                &["data: \u{85}\u{2028}\u{2029}\u{b}\u{c}\n\n"],
                "",
            ),
        ] {
            for pieces in 1..=stream.len().max(1) {
                let (split, left) = split(stream, pieces);
                assert_eq!(
                    (&split[..], &*left),
                    (
                        blocks
                            .iter()
                            .map(|it| (*it).to_owned())
                            .collect::<Vec<_>>()
                            .as_slice(),
                        rest
                    ),
                    "{stream:?} by {pieces}"
                );
            }
        }
    }

    #[test]
    fn a_block_without_an_end_is_not_kept() {
        let mut events = EventStream::new(20);
        events.feed(b"data: a\n\ndata: 34567890").expect("short");
        assert_eq!(events.feed(b"1234567"), Err(TooLong { limit: 20 }));
        assert_eq!(events.next_block().as_deref(), Some(&b"data: a\n\n"[..]));
        assert_eq!(events.next_block(), None);
    }
}
