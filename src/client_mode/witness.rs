//! The lines in which a client says what it shows: JSON objects on stdout, each with `shown`, `state` or `gap`. Everything
//! else on stdout is the client's own business.

use serde::Deserialize;

use crate::transcript::ClientEntry;

/// A longer word of a client's is cut, in characters.
const LONGEST: usize = 200;

#[derive(Deserialize)]
struct Line {
    shown: Option<Shown>,
    state: Option<String>,
    status: Option<String>,
    gap: Option<Gap>,
}

#[derive(Deserialize)]
struct Gap {
    first: u64,
    last: u64,
}

#[derive(Deserialize)]
struct Shown {
    run: String,
    event_index: u64,
}

/// What this line says; `None` where it is none of these.
#[must_use]
pub fn read(line: &[u8]) -> Option<ClientEntry> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let short = |text: String| text.chars().take(LONGEST).collect::<String>();
    match (line.shown, line.state) {
        (Some(Shown { run, event_index }), _) => Some(ClientEntry::Shown {
            run: short(run),
            event_index,
        }),
        (None, Some(state)) => Some(ClientEntry::State {
            state: short(state),
            status: line.status.map(short),
        }),
        (None, None) => line
            .gap
            .map(|Gap { first, last }| ClientEntry::Gap { first, last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_form_are_read_and_others_are_not() {
        let shown = br#"{"shown": {"run": "r", "event_index": 12}}"#;
        assert!(matches!(
            read(shown),
            Some(ClientEntry::Shown {
                event_index: 12,
                ..
            })
        ));
        let state = br#"{"state": "ended", "status": "completed"}"#;
        let Some(ClientEntry::State { state, status }) = read(state) else {
            panic!("a state");
        };
        assert_eq!((&*state, status.as_deref()), ("ended", Some("completed")));
        for other in [
            &b"event 3"[..],
            b"{}",
            b"[1]",
            b"\xff\xfe",
            br#"{"shown": {"run": "r", "event_index": -1}}"#,
        ] {
            assert_eq!(read(other), None);
        }
    }
}
