//! Reads what a script printed as a transcript.

use std::sync::Arc;
use std::time::Duration;

use reconnect_acceptance::protocol::Decoder;
use reconnect_acceptance::transcript::{Disconnect, EntryKind, ShownToken, Transcript};

/// A silence of so many seconds is a wait without success: `PATIENCE` of the test.
const PATIENCE: f64 = 4.0;

/// The lines as a transcript, after what the target of the recorded run declared about itself.
pub fn read(printed: &str, recorded: &Transcript) -> Result<Transcript, String> {
    let mut record = Transcript::new();
    let declares =
        |what: &EntryKind| matches!(what, EntryKind::Part { .. } | EntryKind::Retention { .. });
    for entry in recorded.entries().iter().filter(|it| declares(&it.what)) {
        record.push(
            Duration::ZERO,
            &entry.viewer,
            entry.connection,
            entry.what.clone(),
        );
    }
    let mut decoder = Decoder::new();
    for line in printed.lines() {
        let Some((at, viewer, connection, sign, rest)) = parts(line) else {
            continue;
        };
        let all = whats(sign, rest, &mut decoder).ok_or_else(|| format!("read {line:?}"))?;
        for what in all {
            let http = matches!(
                what,
                EntryKind::HttpRequest { .. } | EntryKind::HttpResponse { .. }
            );
            record.push(at, &viewer, if http { 0 } else { connection }, what);
        }
    }
    Ok(record)
}

/// Time, viewer, connection, sign and the rest of a line; `None` for the lines of the result.
fn parts(line: &str) -> Option<(Duration, Arc<str>, u32, &str, &str)> {
    let mut words = line.trim_start().splitn(5, ' ');
    let at = Duration::try_from_secs_f64(words.next()?.parse().ok()?).ok()?;
    let viewer: Arc<str> = words.next()?.into();
    let connection = words.next()?.parse().ok()?;
    Some((at, viewer, connection, words.next()?, words.next()?))
}

fn whats(sign: &str, rest: &str, decoder: &mut Decoder) -> Option<Vec<EntryKind>> {
    Some(match sign {
        "<-" => {
            let (_, literal) = rest.split_once(' ')?;
            if literal.starts_with('b') {
                return Some(vec![EntryKind::ReceivedBinary(1)]);
            }
            let text = unquoted(literal)?;
            vec![EntryKind::received(&text, decoder)]
        }
        "->" if rest.starts_with("b") => vec![EntryKind::SentBinary(1)],
        "->" => {
            let text = unquoted(rest)?.replace("[token]", "[secret]");
            vec![EntryKind::sent(text)]
        }
        ".." => {
            let seconds: f64 = rest
                .strip_prefix("nothing for ")?
                .strip_suffix(" s")?
                .parse()
                .ok()?;
            let after = Duration::from_secs_f64(seconds);
            vec![if seconds < PATIENCE {
                EntryKind::Watched(after)
            } else {
                EntryKind::TimedOut {
                    waiting_for: "more".to_owned(),
                    after,
                }
            }]
        }
        "==" if rest == "connected" || rest == "the stream begins" => vec![EntryKind::Opened],
        "==" if rest == "the stream ended" => vec![EntryKind::StreamEnded { unfinished: 0 }],
        "==" if rest.starts_with("the stream broke") || rest.starts_with("no answer") => {
            vec![EntryKind::Ended(Some(rest.to_owned()))]
        }
        "==" if rest.starts_with("shows token: ") => {
            vec![EntryKind::ShowsToken(match rest.rsplit(' ').next()? {
                "own" => ShownToken::Own,
                "none" => ShownToken::None,
                _ => ShownToken::Wrong,
            })]
        }
        "<x" => {
            let (status, literal) = rest.split_once(' ')?;
            let refused = EntryKind::refused(status.parse().ok()?, &unquoted(literal)?);
            vec![refused, EntryKind::Ended(None)]
        }
        "==" => match rest.strip_prefix("disconnects: ") {
            Some(how) => vec![EntryKind::Disconnected(disconnect(how)?)],
            None => closed(rest.strip_prefix("closed by the server: ")?),
        },
        "=>" => {
            let mut words = rest.splitn(3, ' ');
            vec![EntryKind::HttpRequest {
                method: words.next()?.to_owned(),
                path: words.next()?.to_owned(),
                with_token: words.next().is_some(),
            }]
        }
        "<=" => {
            let (status, literal) = rest.split_once(' ')?;
            vec![EntryKind::HttpResponse {
                status: status.parse().ok()?,
                text: unquoted(literal)?,
            }]
        }
        _ => return None,
    })
}

fn disconnect(how: &str) -> Option<Disconnect> {
    Some(match how {
        "close" => Disconnect::Close,
        "reset" => Disconnect::Reset,
        "silent" => Disconnect::Silent,
        "mid-message" => Disconnect::MidMessage,
        _ => return None,
    })
}

fn closed(how: &str) -> Vec<EntryKind> {
    if how == "without a close frame" {
        return vec![EntryKind::Ended(Some("without a close frame".to_owned()))];
    }
    let code = how.split(' ').next().and_then(|code| code.parse().ok());
    let reason = String::new();
    vec![
        EntryKind::CloseReceived { code, reason },
        EntryKind::Ended(None),
    ]
}

/// The text of a literal that Python's `ascii()` wrote.
fn unquoted(literal: &str) -> Option<String> {
    let quote = literal.chars().next()?;
    let mut rest = literal.strip_prefix(quote)?.strip_suffix(quote)?.chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        let digits = match (c, if c == '\\' { rest.next()? } else { c }) {
            ('\\', 'n') => {
                text.push('\n');
                continue;
            }
            ('\\', 'r') => {
                text.push('\r');
                continue;
            }
            ('\\', 't') => {
                text.push('\t');
                continue;
            }
            ('\\', 'x') => 2,
            ('\\', 'u') => 4,
            ('\\', 'U') => 8,
            (_, c) => {
                text.push(c);
                continue;
            }
        };
        let code: String = rest.by_ref().take(digits).collect();
        text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
    }
    Some(text)
}

#[test]
fn a_literal_of_python_is_read() {
    let text = unquoted(r#"'a\n\r\t\\ \' " \x1b\u202e\U0001f600'"#);
    assert_eq!(text.as_deref(), Some("a\n\r\t\\ ' \" \u{1b}\u{202e}😀"));
    assert_eq!(unquoted(r#""it's""#).as_deref(), Some("it's"));
    assert_eq!(unquoted("'open"), None);
}
