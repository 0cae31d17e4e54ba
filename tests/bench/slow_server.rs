//! A server whose delays are known: a fixed time for each answer, and a full stop every so often. For `scripts/load-peers`.
//!
//! `slow_server PORT DELAY_US PAUSE_MS EVERY_MS`; the script builds it with rustc alone. With `0 0 0` it answers as fast as it can. While it stands still no
//! request is begun; one that was begun before is answered late.
#![cfg(unix)]

#[path = "../support/server.rs"]
mod server;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use server::{Reply, Server, answer, rest};

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let [port, delay, pause, every] = numbers[..] else {
        // `cargo test --benches` and the like: there is nothing to do.
        return;
    };
    let port = u16::try_from(port).expect("a port");
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    let start = Instant::now();
    let (delay, pause, every) = (
        Duration::from_micros(delay),
        Duration::from_millis(pause),
        Duration::from_millis(every),
    );
    let body = answer(200, "{\"state\": \"well\", \"number\": 1234567890}");
    let _server = Server::on(
        listener,
        |stream| stream,
        move |_| {
            if !pause.is_zero() {
                // It stands still in the last part of each period.
                let into = start.elapsed().as_nanos() % every.as_nanos();
                let left = every.as_nanos() - into;
                if left <= pause.as_nanos() {
                    rest(Duration::from_nanos(u64::try_from(left).unwrap_or(0)));
                }
            }
            if !delay.is_zero() {
                rest(delay);
            }
            Reply::Keep(body.clone())
        },
    );
    rest(Duration::from_hours(1));
}
