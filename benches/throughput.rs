//! How many messages a second one viewer takes, over the WebSocket and over HTTP: read only, parsed whole, and the way
//! the suite does it (read, decoded and recorded); and decoding alone.
//!
//! Nothing here asserts a time. `cargo bench -- --test` runs everything once, over few messages.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/loops.rs"]
mod loops;
#[path = "support/server.rs"]
mod server;

use std::hint::black_box;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use reconnect_acceptance::protocol::Decoder;
use reconnect_acceptance::protocol::framing::wrap_sse;
use serde_json::Value;

/// Events that the server sends on one connection, and how many where nothing is measured.
const EVENTS: usize = 200_000;
const FEW: usize = 2_000;

/// Different messages that are decoded.
const DECODED: usize = 1_000;

fn receiving(criterion: &mut Criterion) {
    let tried = std::env::args().any(|argument| argument == "--test");
    let events = if tried { FEW } else { EVENTS };
    let texts = loops::texts(events);
    let messages = texts.len();
    let server = server::serve(server::on_the_wire(&texts));
    let runtime = loops::runtime();
    let mut group = criterion.benchmark_group("receiving");
    group
        .throughput(Throughput::Elements(messages as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10);
    group.bench_function("tokio-tungstenite, texts dropped", |bencher| {
        bencher.iter_custom(|times| {
            let once = |_| loops::bare(&runtime, server, messages, |text| drop(black_box(text)));
            (0..times).map(once).sum()
        });
    });
    group.bench_function("tokio-tungstenite and serde_json::Value", |bencher| {
        bencher.iter_custom(|times| {
            let parse = |text: tokio_tungstenite::tungstenite::Utf8Bytes| {
                let value: Value = serde_json::from_str(&text).expect("JSON");
                black_box(value);
            };
            let once = |_| loops::bare(&runtime, server, messages, parse);
            (0..times).map(once).sum()
        });
    });
    group.bench_function("a viewer of the suite, transcript kept", |bencher| {
        bencher.iter_custom(|times| {
            let server = || loops::over_websocket(server);
            let once = |_| loops::viewer(&runtime, server(), events).0;
            (0..times).map(once).sum()
        });
    });
    group.finish();
}

fn receiving_over_http(criterion: &mut Criterion) {
    let tried = std::env::args().any(|argument| argument == "--test");
    let events = if tried { FEW } else { EVENTS };
    let texts = loops::texts(events);
    let server = server::serve_over_http(server::as_an_answer(&texts));
    let runtime = loops::runtime();
    let mut group = criterion.benchmark_group("receiving over HTTP");
    group
        .throughput(Throughput::Elements(texts.len() as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10);
    group.bench_function("hyper, chunks dropped", |bencher| {
        bencher.iter_custom(|times| {
            let once = |_| loops::bare_over_http(&runtime, server, |data| drop(black_box(data)));
            (0..times).map(once).sum()
        });
    });
    group.bench_function("a viewer of the suite, transcript kept", |bencher| {
        bencher.iter_custom(|times| {
            let once = |_| loops::viewer(&runtime, loops::over_http(server), events).0;
            (0..times).map(once).sum()
        });
    });
    group.finish();
}

fn decoding(criterion: &mut Criterion) {
    let plain = frames::run_contents(DECODED);
    let sse: Vec<String> = plain
        .iter()
        .map(|json| wrap_sse("RunContent", json))
        .collect();
    let mut group = criterion.benchmark_group("decoding");
    group.throughput(Throughput::Elements(DECODED as u64));
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| {
            for text in &plain {
                black_box(serde_json::from_str::<Value>(text).expect("JSON"));
            }
        });
    });
    for (name, texts) in [("the decoder, plain", &plain), ("the decoder, SSE", &sse)] {
        group.bench_function(name, |bencher| {
            let mut decoder = Decoder::new();
            bencher.iter(|| {
                for text in texts {
                    black_box(decoder.decode(text));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, receiving, receiving_over_http, decoding);
criterion_main!(benches);
