//! How many messages a second one viewer takes: read only, parsed whole, and the way the suite does
//! it (read, decoded and recorded); and decoding alone.
//!
//! Nothing here asserts a time. `cargo bench -- --test` runs everything once.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/server.rs"]
mod server;

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use futures::{SinkExt, StreamExt};
use reconnect_acceptance::client::{Address, Patience, Recorder, Redactor, Viewer, tls};
use reconnect_acceptance::protocol::framing::wrap_sse;
use reconnect_acceptance::protocol::{Action, Decoder, Position};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Messages that the server sends on one connection.
const MESSAGES: usize = 200_000;

/// Different messages that are decoded.
const DECODED: usize = 1_000;

fn receiving(criterion: &mut Criterion) {
    let server = server::serve(server::on_the_wire(&frames::run_contents(MESSAGES)));
    // As the command line makes it.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut group = criterion.benchmark_group("receiving");
    group
        .throughput(Throughput::Elements(MESSAGES as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10);
    group.bench_function("tokio-tungstenite, texts dropped", |bencher| {
        bencher.iter_custom(|times| bare(&runtime, server, times, |text| drop(black_box(text))));
    });
    group.bench_function("tokio-tungstenite and serde_json::Value", |bencher| {
        bencher.iter_custom(|times| {
            bare(&runtime, server, times, |text| {
                let value: Value = serde_json::from_str(&text).expect("JSON");
                black_box(value);
            })
        });
    });
    group.bench_function("a viewer of the suite, transcript kept", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| viewer(&runtime, server)).sum());
    });
    group.finish();
}

/// From the request to the last message, for a loop around the socket in a task of its own.
fn bare(
    runtime: &Runtime,
    server: SocketAddr,
    times: u64,
    each: impl FnMut(tokio_tungstenite::tungstenite::Utf8Bytes) + Copy + Send + 'static,
) -> Duration {
    let once = |_| {
        runtime
            .block_on(runtime.spawn(async move {
                let tcp = TcpStream::connect(server).await.expect("a connection");
                let url = format!("ws://{server}/workflows/ws");
                let (mut socket, _) = client_async(url, tcp).await.expect("an upgrade");
                let began = Instant::now();
                read(&mut socket, each).await;
                began.elapsed()
            }))
            .expect("no panic")
    };
    (0..times).map(once).sum()
}

async fn read(
    socket: &mut WebSocketStream<TcpStream>,
    mut each: impl FnMut(tokio_tungstenite::tungstenite::Utf8Bytes),
) {
    let request = Frame::text(reconnect().to_text());
    socket.send(request).await.expect("the request is sent");
    for _ in 0..MESSAGES {
        match socket.next().await {
            Some(Ok(Frame::Text(text))) => each(text),
            other => panic!("a text was to come, not {other:?}"),
        }
    }
}

/// From the request to the last message, for a viewer whose step waits for that message.
fn viewer(runtime: &Runtime, server: SocketAddr) -> Duration {
    let patience = Patience {
        silence: Duration::from_secs(30),
        quiet: Duration::from_secs(1),
    };
    let address = Address::new(
        &format!("ws://{server}/workflows/ws"),
        tls::config(None).expect("TLS settings"),
        Vec::new(),
        patience.silence,
    );
    let address = Arc::new(address.expect("an address"));
    let recorder = Arc::new(Recorder::new(Arc::new(Redactor::default())));
    let mut ada = Viewer::new("Ada", address, None, Arc::clone(&recorder), patience);
    let last = (MESSAGES - 1) as u64;
    let took = runtime.block_on(async {
        ada.open().await.expect("a connection");
        let began = Instant::now();
        let asked = ada.say(reconnect()).await.expect("the request is sent");
        ada.wait(asked, "the last message", |entry| {
            let index = entry.message()?.event()?.index.at()?;
            (index == last).then_some(())
        })
        .await
        .expect("the last message");
        let took = began.elapsed();
        ada.retire().await.expect("no panic");
        took
    });
    assert!(recorder.len() as usize > MESSAGES, "every message is kept");
    took
}

fn reconnect() -> Action {
    Action::Reconnect {
        run_id: Some(frames::RUN.to_owned()),
        position: Position::Null,
        workflow_id: None,
        session_id: None,
    }
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

criterion_group!(benches, receiving, decoding);
criterion_main!(benches);
