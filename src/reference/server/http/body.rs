//! The bodies of requests: forms, urlencoded or multipart. Every other body has no fields.

use std::collections::HashMap;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{StatusCode, header};
use memchr::memmem;

use crate::reference::server::http::answer::Refusal;

/// The longest form that is read, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// The fields of a form, by name.
pub(super) type Form = HashMap<String, String>;

/// The fields of a form, in order.
pub(super) type Fields = Vec<(String, String)>;

/// Reads the body of a request.
///
/// # Errors
///
/// 413 where it is too long.
pub(super) async fn fields(head: &Parts, body: Incoming) -> Result<Fields, Refusal> {
    let body = Limited::new(body, LARGEST_FORM).collect();
    let body = body
        .await
        .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The form is too long"))?;
    let of = head.headers.get(header::CONTENT_TYPE);
    let of = of.and_then(|of| of.to_str().ok()).unwrap_or_default();
    let bytes = body.to_bytes();
    Ok(match boundary(of) {
        Some(boundary) => parts(&bytes, boundary),
        None if of.starts_with("application/x-www-form-urlencoded") => {
            form_urlencoded::parse(&bytes).into_owned().collect()
        }
        None => Fields::new(),
    })
}

/// What is between the parts of a multipart form (RFC 7578, section 4.1).
fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.strip_prefix("multipart/form-data")?;
    let mut parameters = parameters.split(';').map(str::trim);
    let boundary = parameters.find_map(|it| it.strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"')).filter(|it| !it.is_empty())
}

/// The fields of a multipart form; files are left out.
fn parts(body: &[u8], boundary: &str) -> Fields {
    let between = format!("--{boundary}");
    let ends: Vec<usize> = memmem::find_iter(body, &between).collect();
    let parts = ends.windows(2).filter_map(|pair| match pair {
        [from, to] => body.get(from + between.len()..*to),
        _ => None,
    });
    parts.filter_map(part).collect()
}

/// The name and the value of one part.
fn part(part: &[u8]) -> Option<(String, String)> {
    const AFTER_HEAD: &[u8] = b"\r\n\r\n";
    let end = memmem::find(part, AFTER_HEAD)?;
    let head = String::from_utf8_lossy(part.get(..end)?);
    let value = part.get(end + AFTER_HEAD.len()..)?;
    let value = value.strip_suffix(b"\r\n").unwrap_or(value);
    let mut parameters = head.split([';', '\r', '\n']).map(str::trim);
    if parameters.clone().any(|it| it.starts_with("filename")) {
        return None;
    }
    let name = parameters.find_map(|it| it.strip_prefix("name="))?;
    let value = String::from_utf8_lossy(value).into_owned();
    Some((name.trim_matches('"').to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_multipart_form_are_read_and_files_are_not() {
        let body = "--x1\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\ntwo\r\nlines\r\n\
                    --x1\r\ncontent-disposition: form-data; name=\"empty\"\r\n\r\n\r\n\
                    --x1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nno\r\n--x1--\r\n";
        let of = "multipart/form-data; charset=utf-8; boundary=\"x1\"";
        let fields = parts(body.as_bytes(), boundary(of).expect("a boundary"));
        let expected = [("message", "two\r\nlines"), ("empty", "")];
        let expected: Fields = expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(fields, expected);
        for of in ["multipart/form-data", "application/json", ""] {
            assert_eq!(boundary(of), None);
        }
        assert_eq!(parts(b"", "x1"), Fields::new());
    }
}
