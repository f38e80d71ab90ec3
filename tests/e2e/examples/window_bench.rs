//! From the start of the program to the first usable queue, and the memory then, against an empty window of the same
//! framework: both started by the same driver in the same run. Prints JSON lines.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement speaks on stdout and stops at trouble")]

use std::time::{Duration, Instant};

use e2e::{RECEPTIONIST, Scene};

const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let scene = Scene::set("bench").await;
    scene.post_the_night().await;
    let first = scene.open_window().await;
    first.connect(&scene).await;
    first.close().await;

    let (mut empty, mut ours) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let window = scene.open_empty_window().await;
        window.first("body").await;
        empty.push(started.elapsed(), window.memory_kb());
        window.close().await;

        let started = Instant::now();
        let window = scene.open_window().await;
        window.find("sign-in-login").await;
        let to_form = started.elapsed();
        // Typing is the person's time, not ours.
        let (login, secret) = RECEPTIONIST;
        window.fill("sign-in-login", login).await;
        window.fill("sign-in-secret", secret).await;
        let submitted = Instant::now();
        window.click("sign-in-submit").await;
        window.click("nav-queue").await;
        window.find("queue-row").await;
        ours.push(to_form + submitted.elapsed(), window.memory_kb());
        window.close().await;
    }
    let (empty_s, ours_s) = (median(&mut empty.seconds), median(&mut ours.seconds));
    let (empty_mb, ours_mb) = (median(&mut empty.megabytes), median(&mut ours.megabytes));
    println!(
        "{}",
        serde_json::json!({
            "bench": "window", "rounds": ROUNDS,
            "empty_window_s": empty_s, "usable_queue_s": ours_s, "times_empty": ours_s / empty_s,
            "empty_mb": empty_mb, "queue_mb": ours_mb, "times_empty_memory": ours_mb / empty_mb,
        })
    );
}

#[derive(Default)]
struct Samples {
    seconds: Vec<f64>,
    megabytes: Vec<f64>,
}

impl Samples {
    fn push(&mut self, took: Duration, kilobytes: u64) {
        self.seconds.push(took.as_secs_f64());
        self.megabytes.push(f64::from(u32::try_from(kilobytes).unwrap()) / 1024.0);
    }
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
