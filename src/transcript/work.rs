//! Counts what is looked at, so that a test can tell how the work of a check grows with its transcript.
//!
//! A release build counts nothing and pays nothing.

#[cfg(debug_assertions)]
thread_local! {
    static LOOKS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How many entries, deliveries, subscriptions, connections and runs this thread has looked at; 0 in a
/// build without debug assertions.
#[must_use]
pub fn looks() -> u64 {
    #[cfg(debug_assertions)]
    return LOOKS.get();
    #[cfg(not(debug_assertions))]
    0
}

/// Counts one look.
#[inline]
pub(crate) fn count() {
    #[cfg(debug_assertions)]
    LOOKS.set(LOOKS.get() + 1);
}

/// Counts a look for each item.
pub(crate) fn counted<I: DoubleEndedIterator>(
    items: I,
) -> impl DoubleEndedIterator<Item = I::Item> {
    items.inspect(|_| count())
}
