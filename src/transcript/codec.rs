//! How the fields of entries are stored that need more than a derived codec: texts, which live in
//! blocks and are decoded when read, and durations.

use std::cell::RefCell;
use std::time::Duration;

use crate::protocol::Decoder;
use crate::transcript::spill::{Reader, Texts};

/// What one transcript needs while it is written or read.
#[derive(Default)]
struct State {
    reader: Reader,
    decoder: Decoder,
    texts: Texts,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Gives this thread a fresh state as long as it lives, and nothing afterwards.
pub(super) struct Fresh(());

impl Fresh {
    pub(super) fn begin() -> Self {
        STATE.take();
        Self(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        STATE.take();
    }
}

/// A text that the viewer sent; what it says is decoded again.
pub(super) mod sent {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::protocol::{Action, form};

    pub fn serialize<S: Serializer>(
        text: &str,
        _: &Action,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(String, Box<Action>), D::Error> {
        let text = String::deserialize(deserializer)?;
        let action = Box::new(form::said(&text));
        Ok((text, action))
    }
}

/// A text that came; what it says is decoded again, so that a newer suite judges an old transcript by
/// what it knows now.
pub(super) mod received {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::STATE;
    use crate::protocol::Message;
    use crate::transcript::spill::StoredText;

    pub fn serialize<S: Serializer>(
        text: &StoredText,
        _: &Message,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = STATE.with_borrow_mut(|state| state.reader.read(text));
        serializer.serialize_str(&text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(StoredText, Message), D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(STATE.with_borrow_mut(|state| {
            let message = state.decoder.decode(&text);
            (state.texts.keep(&text), message)
        }))
    }
}

/// A refusal over HTTP; what it says follows from its status and its text.
pub(super) mod refused {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::protocol::Message;

    #[derive(Deserialize, Serialize)]
    struct Stored<T> {
        status: u16,
        text: T,
    }

    pub fn serialize<S: Serializer>(
        status: &u16,
        text: &str,
        _: &Message,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let status = *status;
        Stored { status, text }.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(u16, Box<str>, Box<Message>), D::Error> {
        let Stored { status, text } = Stored::<Box<str>>::deserialize(deserializer)?;
        let message = Message::refusal(status, &text);
        Ok((status, text, Box::new(message)))
    }
}

/// A duration in microseconds, as it is stored.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A duration, as exact as it is stored.
pub(super) fn exact(duration: Duration) -> Duration {
    Duration::from_micros(micros(duration))
}

/// A duration in whole microseconds.
pub(super) mod micros {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(super::micros(*duration))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}
