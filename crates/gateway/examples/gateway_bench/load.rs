//! Sending at a fixed rate, and what is measured of it.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep_until};

/// A timer is this exact; what is later was kept waiting by the load itself, and counts.
const TIMER: Duration = Duration::from_millis(2);

/// Milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured(Vec<f64>);

impl Measured {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1_000.0);
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn percentile(&mut self, share: f64) -> f64 {
        self.0.sort_by(f64::total_cmp);
        let last = self.0.len().saturating_sub(1) as f64;
        self.0.get((last * share).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

/// What sites and desks waited for.
#[derive(Debug, Default)]
pub(crate) struct Shop {
    pub(crate) intake: Measured,
    pub(crate) changes: Measured,
    pub(crate) actions: Measured,
    /// Of pages, unpacked.
    pub(crate) bytes: usize,
}

/// Does `work` at a fixed rate, whether or not what was begun before has come to its end.
pub(crate) async fn at_a_rate<W: Future<Output = ()> + Send + 'static>(
    rate: u32,
    time: Duration,
    work: impl Fn(usize) -> W,
) -> Measured {
    let start = Instant::now();
    let mut under_way = JoinSet::new();
    let count = (time.as_secs_f64() * f64::from(rate)) as u32;
    for n in 0..count {
        let due = start + Duration::from_secs(n.into()) / rate;
        sleep_until(due.into()).await;
        let work = work(n as usize);
        let begun = if due.elapsed() < TIMER { Instant::now() } else { due };
        under_way.spawn(async move {
            work.await;
            begun.elapsed()
        });
    }
    let mut measured = Measured::default();
    while let Some(took) = under_way.join_next().await {
        measured.add(took.unwrap());
    }
    measured
}

/// Who sends: straight to the gateway, on no connection that it may be closing just then.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(20)).build().unwrap()
}

/// A submission that is like no other.
pub(crate) fn payload(n: usize) -> String {
    let comment = "Здравствуйте! Хочу записаться на консультацию по имплантации, удобно в будни после обеда.";
    format!(
        r#"{{"name":"Анна Проверочная {n}","phone":"+7 900 {:03}-{:02}-{:02}","service":"Имплантация","comment":"{comment}","page":"/implant"}}"#,
        n / 10_000 % 1_000,
        n / 100 % 100,
        n % 100,
    )
}
