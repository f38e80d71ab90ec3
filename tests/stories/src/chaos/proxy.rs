//! A line that behaves badly: it refuses connections, delays, stops in the middle of a request or of its answer, loses
//! answers, and resets.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use sim::Chance;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What happens to a connection.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Good,
    /// Reset at once.
    Refused,
    /// So many bytes of what the desk sends get through, then it is reset.
    CutAsking(u64),
    /// The gateway gets everything, and so many bytes of its answers get through, then it is reset.
    CutAnswering(u64),
    /// Each piece waits so long, milliseconds.
    Slow(u64),
    /// After so many bytes of answers nothing comes for so long, milliseconds, and then it ends.
    Silent(u64, u64),
}

/// What all lines of a story have in common.
#[derive(Debug)]
pub(super) struct Weather {
    bad: AtomicBool,
    /// A push was answered just now.
    answered: Notify,
    chance: Mutex<Chance>,
    refused: AtomicU64,
    cut_asking: AtomicU64,
    cut_answering: AtomicU64,
    slow: AtomicU64,
    silent: AtomicU64,
    good: AtomicU64,
}

impl Weather {
    pub(super) fn of(seed: u64) -> Self {
        Self {
            bad: AtomicBool::new(false),
            answered: Notify::new(),
            chance: Mutex::new(Chance::of(seed)),
            refused: AtomicU64::new(0),
            cut_asking: AtomicU64::new(0),
            cut_answering: AtomicU64::new(0),
            slow: AtomicU64::new(0),
            silent: AtomicU64::new(0),
            good: AtomicU64::new(0),
        }
    }

    pub(super) fn turns_bad(&self) {
        self.bad.store(true, Ordering::SeqCst);
    }

    /// What was good or slow stays; what was to break breaks no more.
    pub(super) fn turns_good(&self) {
        self.bad.store(false, Ordering::SeqCst);
    }

    /// Waits until a push is answered, but no longer than this: the worst moment to die in.
    pub(super) async fn a_push_is_answered(&self, limit: Duration) {
        let _ = tokio::time::timeout(limit, self.answered.notified()).await;
    }

    fn is_bad(&self) -> bool {
        self.bad.load(Ordering::SeqCst)
    }

    fn fate(&self) -> Fate {
        if !self.is_bad() {
            return Fate::Good;
        }
        let mut chance = self.chance.lock().unwrap();
        match chance.below(100) {
            0..=29 => Fate::Good,
            30..=39 => Fate::Refused,
            40..=54 => Fate::CutAsking(1 + chance.below(3_000)),
            55..=74 => Fate::CutAnswering(chance.below(3_000)),
            75..=89 => Fate::Slow(5 + chance.below(300)),
            _ => Fate::Silent(chance.below(2_000), 500 + chance.below(2_500)),
        }
    }

    fn count(&self, fate: Fate) {
        let counter = match fate {
            Fate::Good => &self.good,
            Fate::Refused => &self.refused,
            Fate::CutAsking(_) => &self.cut_asking,
            Fate::CutAnswering(_) => &self.cut_answering,
            Fate::Slow(_) => &self.slow,
            Fate::Silent(..) => &self.silent,
        };
        counter.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn figures(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        format!(
            "{} good, {} slow, {} refused, {} cut in what was asked, {} cut in the answer, {} silent",
            of(&self.good),
            of(&self.slow),
            of(&self.refused),
            of(&self.cut_asking),
            of(&self.cut_answering),
            of(&self.silent),
        )
    }
}

/// One line to the gateway.
#[derive(Debug)]
pub(super) struct Line {
    address: SocketAddr,
}

impl Line {
    /// Opens a line on a free port of the loopback.
    pub(super) async fn open(gateway: SocketAddr, weather: Arc<Weather>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((desk, _)) = listener.accept().await {
                let weather = Arc::clone(&weather);
                tokio::spawn(async move { carry(desk, gateway, &weather).await });
            }
        });
        Self { address }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Reset, not closed: whoever is at the other end sees a broken line.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

async fn carry(mut desk: TcpStream, gateway: SocketAddr, weather: &Weather) {
    let fate = weather.fate();
    if matches!(fate, Fate::Refused) {
        weather.count(fate);
        return reset(&desk);
    }
    // a gateway that is dead refuses: so does the line
    let Ok(mut upstream) = TcpStream::connect(gateway).await else { return reset(&desk) };
    let (asks, answers) = match fate {
        Fate::CutAsking(bytes) => (Some(bytes), None),
        Fate::CutAnswering(bytes) | Fate::Silent(bytes, _) => (None, Some(bytes)),
        _ => (None, None),
    };
    let wait = match fate {
        Fate::Slow(millis) => Duration::from_millis(millis),
        _ => Duration::ZERO,
    };
    let pushes = AtomicBool::new(false);
    let asked = |bytes: &[u8]| {
        if bytes.starts_with(b"POST /v1/actions") {
            pushes.store(true, Ordering::SeqCst);
        }
    };
    let answered = |_: &[u8]| {
        if pushes.swap(false, Ordering::SeqCst) {
            weather.answered.notify_waiters();
        }
    };
    let cut = {
        let (mut from_desk, mut to_desk) = desk.split();
        let (mut from_gateway, mut to_gateway) = upstream.split();
        tokio::select! {
            cut = pump(&mut from_desk, &mut to_gateway, asks, wait, weather, asked) => cut,
            cut = pump(&mut from_gateway, &mut to_desk, answers, wait, weather, answered) => cut,
        }
    };
    let happened = if cut || matches!(fate, Fate::Slow(_)) { fate } else { Fate::Good };
    weather.count(happened);
    if cut {
        if let Fate::Silent(_, millis) = fate {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        reset(&desk);
        reset(&upstream);
    }
}

/// Carries bytes until the end, or until so many have gone through; whether it was cut. What is behind the cut was sent and
/// never arrives. `passed` sees each piece that has got through.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    most: Option<u64>,
    wait: Duration,
    weather: &Weather,
    passed: impl Fn(&[u8]),
) -> bool {
    let mut buffer = vec![0; 4_096];
    let mut carried = 0;
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return false };
        if !wait.is_zero() && weather.is_bad() {
            tokio::time::sleep(wait).await;
        }
        let left = most
            .filter(|_| weather.is_bad())
            .map_or(usize::MAX, |most| usize::try_from(most.saturating_sub(carried)).unwrap_or(usize::MAX));
        let cut = read > left;
        if to.write_all(&buffer[..read.min(left)]).await.is_err() {
            return false;
        }
        if cut {
            let _ = to.flush().await;
            return true;
        }
        passed(&buffer[..read]);
        carried += read as u64;
    }
}
