//! A secret that is looked for everywhere, in every form that servers write secrets in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

/// A secret with a part of letters and digits alone, which every escape leaves as it is but those that
/// escape everything.
pub struct Canary {
    pub secret: &'static str,
    pub core: &'static str,
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn each_byte(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn utf16(c: char) -> String {
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units).iter();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}

fn swapped(text: &str) -> String {
    each(text, |c| match c.is_ascii_uppercase() {
        true => c.to_ascii_lowercase().to_string(),
        false => c.to_ascii_uppercase().to_string(),
    })
}

/// A way to write a text down, by its name.
pub type Form = (&'static str, fn(&str) -> String);

/// Every form that a server may write a secret in.
pub const FORMS: &[Form] = &[
    ("plain", str::to_owned),
    ("in the other case", swapped),
    ("bearer", |text| format!("Bearer {text}")),
    ("JSON", json),
    ("JSON in JSON", |text| json(&json(text))),
    ("JSON, every character", |text| each(text, utf16)),
    ("JSON with escaped slashes", |text| {
        json(text).replace('/', "\\/")
    }),
    ("JavaScript", |text| {
        each_byte(text, |it| format!("\\x{it:02x}"))
    }),
    ("percent", |text| {
        each_byte(text, |it| match it.is_ascii_alphanumeric() {
            true => char::from(it).to_string(),
            false => format!("%{it:02X}"),
        })
    }),
    ("percent, every byte", |text| {
        each_byte(text, |it| format!("%{it:02x}"))
    }),
    ("percent twice", |text| {
        each_byte(text, |it| format!("%25{it:02X}"))
    }),
    ("form", |text| {
        form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }),
    ("HTML", |text| {
        each(text, |c| match c {
            '"' => "&quot;".to_owned(),
            '&' => "&amp;".to_owned(),
            other => other.to_string(),
        })
    }),
    ("HTML, every character", |text| {
        each(text, |c| format!("&#{};", u32::from(c)))
    }),
    ("HTML, in hexadecimal", |text| {
        each(text, |c| format!("&#x{:X};", u32::from(c)))
    }),
    ("hexadecimal", |text| {
        each_byte(text, |it| format!("{it:02x}"))
    }),
    ("hexadecimal in capitals", |text| {
        each_byte(text, |it| format!("{it:02X}"))
    }),
    ("base64", |text| STANDARD.encode(text)),
    ("base64 for URLs", |text| URL_SAFE.encode(text)),
    ("base64 without padding", |text| {
        STANDARD_NO_PAD.encode(text)
    }),
    ("base64 for URLs without padding", |text| {
        URL_SAFE_NO_PAD.encode(text)
    }),
    ("base64, one byte later", |text| {
        STANDARD.encode(format!(":{text}"))
    }),
    ("base64, two bytes later", |text| {
        URL_SAFE.encode(format!("u:{text}!"))
    }),
    ("base64 of JSON", |text| {
        STANDARD.encode(format!("{{\"t\":\"{}\"}}", json(text)))
    }),
    ("base64 in a URL", |text| {
        form_urlencoded::byte_serialize(STANDARD.encode(text).as_bytes()).collect()
    }),
];

impl Canary {
    /// The secret in every form, one behind the other.
    pub fn in_every_form(&self) -> String {
        let all: Vec<String> = FORMS.iter().map(|(_, form)| form(self.secret)).collect();
        all.join(" ")
    }

    /// In which form the text gives it away, if it does. This looks for the core, in ways of its own,
    /// and shares nothing with what masks the secret.
    pub fn found_in(&self, text: &str) -> Option<&'static str> {
        let lower = text.to_ascii_lowercase();
        // Files escape what they hold in turn.
        let mut bare = lower.replace("&amp;", "&");
        while bare.contains("\\\\") || bare.contains("%25") {
            bare = bare.replace("\\\\", "\\").replace("%25", "%");
        }
        let core = self.core.to_ascii_lowercase();
        let of_letters: [(&str, String); 8] = [
            ("plain", core),
            ("JSON", each(self.core, utf16)),
            (
                "JavaScript",
                each_byte(self.core, |it| format!("\\x{it:02x}")),
            ),
            ("percent", each_byte(self.core, |it| format!("%{it:02x}"))),
            ("HTML", each(self.core, |c| format!("&#{};", u32::from(c)))),
            (
                "HTML",
                each(self.core, |c| format!("&#x{:x};", u32::from(c))),
            ),
            (
                "HTML",
                each(self.core, |c| format!("&#x{:04x};", u32::from(c))),
            ),
            (
                "hexadecimal",
                each_byte(self.core, |it| format!("{it:02x}")),
            ),
        ];
        for (name, needle) in of_letters {
            if bare.contains(&needle) || lower.contains(&needle) {
                return Some(name);
            }
        }
        let in_base64 = (0..3).flat_map(|before| {
            let whole = format!("{}{}", "x".repeat(before), self.core);
            let end = whole.len() * 8 / 6;
            let start = (before * 8).div_ceil(6);
            [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|it| it.encode(&whole)[start..end].to_owned())
        });
        for needle in in_base64 {
            if text.contains(&needle) {
                return Some("base64");
            }
        }
        None
    }
}
