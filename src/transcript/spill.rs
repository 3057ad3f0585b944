//! Where the texts that came are kept: in memory, and the oldest of them in a file once there are many.
//!
//! A text is part of a block. Blocks that are full wait in line; where those of all records of the
//! process take more than [`IN_MEMORY`] bytes, the first of the line go into a file without a name,
//! which the system removes with the process, however that ends. Where no file can be had, or its disk
//! is full, they stay in memory.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use bytes::Bytes;

use crate::protocol::Text;

/// How many bytes the full blocks of the process may take in memory.
pub const IN_MEMORY: usize = 16 << 20;

/// How many bytes a block has room for. A text that is longer than an eighth of it has a block of its
/// own.
const BLOCK: usize = 64 << 10;

/// A text that came: where it is kept, and how long it is.
#[derive(Clone)]
pub struct StoredText {
    block: Arc<Block>,
    /// Its first byte in the block.
    start: u32,
    length: u32,
}

impl StoredText {
    /// Its length, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The text.
    ///
    /// Where the file cannot be read any more it is empty, and [`trouble`] says so: no verdict may
    /// rest on it.
    #[must_use]
    pub fn read(&self) -> Text {
        text(self.block.read(self.range()))
    }

    /// Where it is in its block.
    fn range(&self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

fn text(bytes: io::Result<Bytes>) -> Text {
    bytes
        .and_then(|bytes| Text::try_from(bytes).map_err(io::Error::other))
        .unwrap_or_else(|error| {
            let _ = TROUBLE.set(format!("read a text of the record again: {error}"));
            Text::default()
        })
}

/// Reads many texts, about in the order in which they came: the file is asked for whole blocks.
#[derive(Debug, Default)]
pub struct Reader {
    /// The latest blocks that were read from the file, the last one first.
    latest: VecDeque<(Arc<Block>, Bytes)>,
}

/// How many blocks a reader keeps: as many connections may bring texts in turns.
const LATEST: usize = 16;

impl Reader {
    /// The text; see [`StoredText::read`].
    pub fn read(&mut self, kept: &StoredText) -> Text {
        let known = self
            .latest
            .iter()
            .find(|it| Arc::ptr_eq(&it.0, &kept.block));
        if let Some((_, bytes)) = known {
            return text(part(bytes, kept.range()));
        }
        match kept.block.read_from_file() {
            Some(Ok(bytes)) => {
                let read = text(part(&bytes, kept.range()));
                self.latest.truncate(LATEST - 1);
                self.latest.push_front((Arc::clone(&kept.block), bytes));
                read
            }
            Some(Err(error)) => text(Err(error)),
            None => kept.read(),
        }
    }
}

impl fmt::Debug for StoredText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().as_str().fmt(f)
    }
}

impl From<&str> for StoredText {
    fn from(text: &str) -> Self {
        Texts::default().keep_alone(text)
    }
}

/// Why texts that had been written to the file could not be read again, where that has happened. What
/// was judged since is worth nothing.
#[must_use]
pub fn trouble() -> Option<String> {
    TROUBLE.get().cloned()
}

/// Whether no text can go to a file: none can be had, or its disk is full.
#[must_use]
pub fn stay_in_memory() -> bool {
    IS_FULL.load(Ordering::Relaxed)
}

/// Lets the file be made in this folder, where it can be; otherwise it is in the system's folder for
/// temporary files.
pub fn spill_into(folder: PathBuf) {
    lock(&STORE).folder = Some(folder);
}

/// Keeps the texts of one connection, one behind the other.
#[derive(Debug, Default)]
pub struct Texts {
    /// The block that has room, and its length so far.
    open: Option<(Arc<Block>, usize)>,
}

impl Texts {
    /// Keeps a text.
    pub fn keep(&mut self, text: &str) -> StoredText {
        if text.len() > BLOCK / 8 {
            let kept = self.keep_alone(text);
            enlist(&kept.block, kept.len());
            return kept;
        }
        // Most connections are short. Who has filled a block is likely to fill the next one.
        let mut room = 0;
        if let Some((full, length)) = self.open.take_if(|(_, used)| *used + text.len() > BLOCK) {
            full.seal();
            enlist(&full, length);
            room = BLOCK;
        }
        let (block, used) = self.open.get_or_insert_with(|| {
            let content = Content::Open(Vec::with_capacity(room));
            (Arc::new(Block::of(content)), 0)
        });
        block.append(text);
        let start = *used;
        *used += text.len();
        StoredText::within(block, start, text.len())
    }

    /// Keeps a text in a block of its own, which stays in memory.
    fn keep_alone(&mut self, text: &str) -> StoredText {
        let content = Content::Memory(Bytes::copy_from_slice(text.as_bytes()));
        StoredText::within(&Arc::new(Block::of(content)), 0, text.len())
    }
}

impl Drop for Texts {
    fn drop(&mut self) {
        if let Some((block, length)) = self.open.take() {
            block.seal();
            enlist(&block, length);
        }
    }
}

impl StoredText {
    fn within(block: &Arc<Block>, start: usize, length: usize) -> Self {
        // A message has at most `LARGEST_MESSAGE` bytes, far less than these numbers can say.
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            block: Arc::clone(block),
            start: short(start),
            length: short(length),
        }
    }
}

#[derive(Debug)]
struct Block {
    content: Mutex<Content>,
    /// How many bytes of [`IN_MEMORY`] it takes.
    takes: AtomicUsize,
}

#[derive(Debug)]
enum Content {
    /// There is room for more.
    Open(Vec<u8>),
    /// It is full.
    Memory(Bytes),
    /// It is full, and is in the file from this byte on; it has so many.
    File(Arc<File>, u64, usize),
}

impl Block {
    fn of(content: Content) -> Self {
        Self {
            content: Mutex::new(content),
            takes: AtomicUsize::new(0),
        }
    }

    fn append(&self, text: &str) {
        if let Content::Open(bytes) = &mut *lock(&self.content) {
            bytes.extend_from_slice(text.as_bytes());
        }
    }

    fn seal(&self) {
        let mut content = lock(&self.content);
        if let Content::Open(bytes) = &mut *content {
            // Most connections are short: what they have no use for is given back.
            bytes.shrink_to_fit();
            *content = Content::Memory(std::mem::take(bytes).into());
        }
    }

    fn read(&self, range: Range<usize>) -> io::Result<Bytes> {
        let (file, from) = match &*lock(&self.content) {
            Content::Open(bytes) => {
                let text = bytes.get(range);
                return text.map(Bytes::copy_from_slice).ok_or_else(short);
            }
            Content::Memory(bytes) => return part(bytes, range),
            Content::File(file, from, _) => (Arc::clone(file), *from),
        };
        let mut bytes = vec![0; range.len()];
        place::read(&file, &mut bytes, from + range.start as u64)?;
        Ok(bytes.into())
    }

    /// All of it, as it is in the file.
    fn read_from_file(&self) -> Option<io::Result<Bytes>> {
        let Content::File(file, from, length) = &*lock(&self.content) else {
            return None;
        };
        let mut bytes = vec![0; *length];
        let read = place::read(file, &mut bytes, *from);
        Some(read.map(|()| bytes.into()))
    }

    /// Moves it into the file.
    fn spill(&self, file: &Arc<File>, from: u64) -> io::Result<u64> {
        let bytes = match &*lock(&self.content) {
            Content::Memory(bytes) => bytes.clone(),
            _ => return Ok(0),
        };
        place::write(file, &bytes, from)?;
        let length = bytes.len();
        *lock(&self.content) = Content::File(Arc::clone(file), from, length);
        Ok(length as u64)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        TAKEN.fetch_sub(*self.takes.get_mut(), Ordering::Relaxed);
    }
}

fn part(bytes: &Bytes, range: Range<usize>) -> io::Result<Bytes> {
    let there = range.end <= bytes.len();
    there.then(|| bytes.slice(range)).ok_or_else(short)
}

fn short() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// How many bytes the full blocks take in memory.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

static TROUBLE: OnceLock<String> = OnceLock::new();

static STORE: Mutex<Store> = Mutex::new(Store {
    folder: None,
    line: Vec::new(),
    file: None,
});

/// No file can be had, or its disk is full.
static IS_FULL: AtomicBool = AtomicBool::new(false);

/// What the process has in memory and could write to its file.
struct Store {
    folder: Option<PathBuf>,
    /// Full blocks, the first one first. Those that nobody needs any more are passed over.
    line: Vec<Weak<Block>>,
    /// The file, and how long it is.
    file: Option<(Arc<File>, u64)>,
}

/// A full block waits in line. Where there is too much, the first half of the line goes to the file.
fn enlist(block: &Arc<Block>, length: usize) {
    block.takes.store(length, Ordering::Relaxed);
    let taken = TAKEN.fetch_add(length, Ordering::Relaxed) + length;
    let mut store = lock(&STORE);
    store.line.push(Arc::downgrade(block));
    if taken > IN_MEMORY && !stay_in_memory() {
        store.spill();
    }
}

impl Store {
    fn spill(&mut self) {
        let waiting = std::mem::take(&mut self.line);
        let mut waiting = waiting.into_iter().filter(|it| it.strong_count() > 0);
        while TAKEN.load(Ordering::Relaxed) > IN_MEMORY / 2 {
            let Some(next) = waiting.next() else { break };
            let Some(block) = next.upgrade() else {
                continue;
            };
            if self.write(&block).is_err() {
                IS_FULL.store(true, Ordering::Relaxed);
                self.line.push(next);
                break;
            }
            TAKEN.fetch_sub(block.takes.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        }
        self.line.extend(waiting);
    }

    fn write(&mut self, block: &Block) -> io::Result<()> {
        let (file, end) = match &mut self.file {
            // Nobody needs what is in it any more.
            Some((file, end)) if Arc::strong_count(file) == 1 => {
                *end = 0;
                (file, end)
            }
            Some((file, end)) => (file, end),
            none => {
                let named = self.folder.as_ref().map(tempfile::tempfile_in);
                let file = match named {
                    Some(Ok(file)) => file,
                    _ => tempfile::tempfile()?,
                };
                let file = Arc::new(file);
                let (file, end) = none.insert((file, 0));
                (file, end)
            }
        };
        *end += block.spill(file, *end)?;
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reading and writing at a place of a file.
#[cfg(unix)]
mod place {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub fn read(file: &File, bytes: &mut [u8], from: u64) -> io::Result<()> {
        file.read_exact_at(bytes, from)
    }

    pub fn write(file: &File, bytes: &[u8], from: u64) -> io::Result<()> {
        file.write_all_at(bytes, from)
    }
}

#[cfg(not(unix))]
mod place {
    use std::fs::File;
    use std::io::{self, Read, Seek, SeekFrom, Write};
    use std::sync::{Mutex, PoisonError};

    /// A file has one place for all who use it.
    static ONE: Mutex<()> = Mutex::new(());

    pub fn read(mut file: &File, bytes: &mut [u8], from: u64) -> io::Result<()> {
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(bytes)
    }

    pub fn write(mut file: &File, bytes: &[u8], from: u64) -> io::Result<()> {
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(from))?;
        file.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_was_kept_wherever_it_is() {
        let mut texts = Texts::default();
        let said = |n: usize| format!("{n} é😀 {}", "x".repeat(n % 300));
        let kept: Vec<StoredText> = (0..2_000).map(|n| texts.keep(&said(n))).collect();
        let long = "y".repeat(BLOCK);
        let alone = texts.keep(&long);
        let empty = texts.keep("");
        drop(texts);
        let file = Arc::new(tempfile::tempfile().expect("a file"));
        let mut end = 0;
        for moved in [false, true] {
            let mut reader = Reader::default();
            for (n, kept) in kept.iter().enumerate() {
                assert_eq!(kept.read().as_str(), said(n), "moved: {moved}");
                assert_eq!(reader.read(kept).as_str(), said(n), "moved: {moved}");
                assert_eq!(kept.len(), said(n).len());
            }
            assert_eq!(alone.read().as_str(), long);
            assert_eq!(reader.read(&alone).as_str(), long);
            assert_eq!(reader.read(&kept[0]).as_str(), said(0));
            assert!(empty.is_empty() && empty.read().is_empty());
            for kept in kept.iter().chain([&alone, &empty]) {
                end += kept.block.spill(&file, end).expect("room");
            }
        }
        let inside = kept.iter().chain([&alone, &empty]);
        let mut inside = inside.map(|it| matches!(&*lock(&it.block.content), Content::File(..)));
        assert!(inside.all(|it| it), "every block was moved");
    }

    #[test]
    fn what_cannot_be_read_again_is_no_text_and_is_told() {
        let kept = StoredText::from("hello");
        let file = Arc::new(tempfile::tempfile().expect("a file"));
        *lock(&kept.block.content) = Content::File(file, 0, 5);
        assert!(kept.block.read(0..5).is_err());
        assert!(matches!(kept.block.read_from_file(), Some(Err(_))));
    }

    #[test]
    fn more_than_may_be_in_memory_goes_to_the_file() {
        let mut texts = Texts::default();
        let text = "z".repeat(BLOCK / 8);
        let kept: Vec<StoredText> = (0..IN_MEMORY / text.len() * 2)
            .map(|_| texts.keep(&text))
            .collect();
        assert!(TAKEN.load(Ordering::Relaxed) <= IN_MEMORY + BLOCK);
        assert!(matches!(&*lock(&kept[0].block.content), Content::File(..)));
        assert!(kept.iter().all(|it| it.read().as_str() == text));
    }
}
