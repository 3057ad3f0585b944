//! Takes a whole frame out of what a server sends, as no network between two TCP connections can: the
//! proof that a fault shows through the proxy.

/// The frames of one direction, unmasked (RFC 6455, section 5.2), behind an HTTP answer.
pub struct Frames {
    /// Which frame is lost, counted from 0.
    lost: usize,
    number: usize,
    upgraded: bool,
    /// What has come and is not yet whole.
    rest: Vec<u8>,
}

impl Frames {
    pub fn losing(lost: usize) -> Self {
        Self {
            lost,
            number: 0,
            upgraded: false,
            rest: Vec::new(),
        }
    }

    /// What may be passed on, once this has come.
    pub fn kept(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let mut kept = Vec::new();
        if !self.upgraded {
            let head = self.rest.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(head) = head else { return kept };
            kept.extend(self.rest.drain(..head + 4));
            self.upgraded = true;
        }
        while let Some(length) = length(&self.rest) {
            if self.rest.len() < length {
                break;
            }
            let frame = self.rest.drain(..length);
            if self.number != self.lost {
                kept.extend(frame);
            }
            self.number += 1;
        }
        kept
    }
}

/// How long the frame is that begins here, where that can be known.
fn length(bytes: &[u8]) -> Option<usize> {
    let short = usize::from(bytes.get(1)? & 0x7f);
    let wide = |from: usize, to: usize| {
        let field = bytes.get(from..to)?;
        let value = field
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        Some(to + value)
    };
    match short {
        126 => wide(2, 4),
        127 => wide(2, 10),
        _ => Some(2 + short),
    }
}

#[test]
fn one_frame_is_taken_out_wherever_the_pieces_are_cut() {
    let mut text = vec![0x81, 126, 0, 200];
    text.extend([b'x'; 200]);
    let whole = [
        b"HTTP/1.1 101 x\r\n\r\n".as_slice(),
        b"\x81\x02hi",
        &text,
        b"\x81\x03bye",
    ]
    .concat();
    let wanted = [
        b"HTTP/1.1 101 x\r\n\r\n".as_slice(),
        b"\x81\x02hi",
        b"\x81\x03bye",
    ]
    .concat();
    for piece in [1, 7, 1000] {
        let mut frames = Frames::losing(1);
        let kept: Vec<u8> = whole.chunks(piece).flat_map(|it| frames.kept(it)).collect();
        assert_eq!(kept, wanted);
    }
}
