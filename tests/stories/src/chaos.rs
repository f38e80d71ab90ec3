//! Real processes under a bad network: a gateway and desks that are killed with -9 at random moments, a line between them
//! that drops, delays, cuts and resets, a site that sends, staff that work. Then the faults end, everybody talks, and
//! what anybody was told is held against what is there.
//!
//! Invariants:
//! - every choice comes from one seed; what the machine's own timing adds is not in it;
//! - a desk's word counts from the moment in which it is printed; what was saved and not printed may be there as well;
//! - nothing is looked at while faults last, and everything after it.

pub mod hands;
mod judge;
mod proxy;
mod seen;

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use contract::ui::{ConnectArgs, Nothing};
use domain::{CertificateId, RequestId, State};
use serde_json::{Value, json};
use sim::Chance;

pub use self::seen::{Report, Seen};
use self::{
    hands::{Saved, Told},
    judge::Ledger,
    proxy::{Line, Weather},
};
use crate::{GatewayProcess, program, settled, witness::Witness};

/// Desks of a story.
const DESKS: usize = 3;
/// What a certificate is sold for, roubles: soon spent.
const FACE: u32 = 1_500;

/// What to play.
#[derive(Debug, Clone)]
pub struct Choice {
    pub seed: u64,
    /// How long faults last.
    pub lasts: Duration,
    /// The gateway's database, as its program takes it; none: a file.
    pub database: Option<String>,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In one line.
    pub figures: String,
    pub violations: Vec<String>,
}

/// A desk's process, with what it has printed.
struct Hands {
    home: PathBuf,
    account: String,
    number: usize,
    child: Option<(Child, JoinHandle<()>)>,
    told: Arc<Mutex<Vec<Told>>>,
    kills: u32,
}

impl Hands {
    fn command(&self, mode: &str, argument: &str) -> Command {
        let mut command = Command::new(program("hands"));
        command.arg(&self.home).arg(&self.account).args([mode, argument]).env("RUST_LOG", "off");
        command
    }

    /// Sits down to work.
    fn start(&mut self, life: u64, certificates: &str) {
        let mut child =
            self.command("work", &life.to_string()).arg(certificates).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (told, desk) = (Arc::clone(&self.told), self.number);
        let reader = std::thread::spawn(move || {
            // the last line may be half of one
            let said = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str::<Saved>(&line).ok());
            said.for_each(|saved| told.lock().unwrap().push(Told { desk, saved }));
        });
        self.child = Some((child, reader));
    }

    fn kill(&mut self) {
        if let Some((mut child, reader)) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
            reader.join().unwrap();
        }
    }

    /// Has ended by itself: a desk that cannot work is a finding.
    fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|(child, _)| !matches!(child.try_wait(), Ok(None)))
    }

    fn report(&self, mode: &str, argument: &str) -> Result<Report, String> {
        let output = self.command(mode, argument).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).map_err(|_| format!("desk {} does not come to rest: {last}", self.number))
    }
}

/// Plays a story; the violations are empty when every word was kept.
pub async fn play(choice: &Choice) -> Outcome {
    let mut chance = Chance::of(choice.seed);
    let dir = tempfile::tempdir().unwrap();
    let mut gateway = GatewayProcess::start_on(dir.path(), choice.database.as_deref());
    let weather = Arc::new(Weather::of(chance.number()));
    let mut lines = Vec::new();
    for _ in 0..=DESKS {
        lines.push(Line::open(gateway.address(), Arc::clone(&weather)).await);
    }
    let (mut hands, witness) = found(&dir, &gateway, &lines).await;
    let form = gateway.command(&["source", "add", "form", "Форма", "--zone", "Asia/Krasnoyarsk"]);
    let certificates = sell(&gateway, &witness, &form, choice.lasts).await;
    let certificates = serde_json::to_string(&certificates).unwrap();

    weather.turns_bad();
    let site = tokio::spawn(site(lines[DESKS].url(), form, choice.lasts, chance.number()));
    let mut lives = 0;
    for desk in &mut hands {
        lives += 1;
        desk.start(lives, &certificates);
    }
    let (mut gateway_kills, mut ended) = (0, 0);
    let began = Instant::now();
    while began.elapsed() < choice.lasts {
        tokio::time::sleep(Duration::from_millis(200 + chance.below(1_300))).await;
        let both = chance.percent(15);
        let takes_gateway = chance.percent(35);
        let victim = usize::try_from(chance.below(DESKS as u64)).unwrap();
        if both || takes_gateway {
            if chance.percent(60) {
                weather.a_push_is_answered(Duration::from_secs(2)).await;
                tokio::time::sleep(Duration::from_millis(chance.below(40))).await;
            }
            gateway.kill();
            gateway_kills += 1;
        }
        if both || !takes_gateway {
            ended += u32::from(hands[victim].has_ended());
            hands[victim].kill();
            hands[victim].kills += 1;
        }
        tokio::time::sleep(Duration::from_millis(chance.below(700))).await;
        if both || takes_gateway {
            gateway.come_back();
        }
        if both || !takes_gateway {
            lives += 1;
            hands[victim].start(lives, &certificates);
        }
    }
    let site = site.await.unwrap();
    for desk in &mut hands {
        ended += u32::from(desk.has_ended());
        desk.kill();
    }
    weather.turns_good();

    let told: Vec<Told> = hands.iter().flat_map(|desk| std::mem::take(&mut *desk.told.lock().unwrap())).collect();
    let mut ledger = Ledger::new(told, site);
    for desk in &hands {
        match desk.report("settle", "") {
            Ok(report) => ledger.hear(report),
            Err(what) => ledger.violations.push(what),
        }
    }
    let feed = witness.everything().await;
    ledger.hold_against(&feed, &witness);
    let there = Seen::of(&feed, &witness);
    let ids = dir.path().join("ids.json");
    std::fs::write(&ids, serde_json::to_string(&there.ids()).unwrap()).unwrap();
    for desk in &hands {
        match desk.report("report", &ids.to_string_lossy()) {
            Ok(report) => ledger.compare(desk.number, &report.seen, &there),
            Err(what) => ledger.violations.push(what),
        }
    }
    if ended > 0 {
        ledger.violations.push(format!("{ended} times a desk had ended by itself"));
    }
    let kills: Vec<String> = hands.iter().map(|desk| desk.kills.to_string()).collect();
    let figures = format!(
        "seed {}, {} s: kills gateway {gateway_kills}, desks {}; line {}; {ledger}",
        choice.seed,
        choice.lasts.as_secs(),
        kills.join(" + "),
        weather.figures(),
    );
    Outcome { figures, violations: ledger.violations }
}

/// A clinic whose desks all sit behind lines of their own; nobody is at them yet.
async fn found(dir: &tempfile::TempDir, gateway: &GatewayProcess, lines: &[Line]) -> (Vec<Hands>, Witness) {
    let account = format!("chaos-{}", dir.path().file_name().unwrap().to_string_lossy());
    let place = |number: usize| (dir.path().join(format!("desk-{number}")), format!("{account}-{number}"));
    let mut hands = Vec::new();
    let (home, first_account) = place(0);
    let first = crate::start_desk(&home, &first_account).await;
    crate::found_at(&first, lines[0].url(), gateway.command(&["init"])).await;
    let witness = Witness::invited_by(&first, &gateway.url()).await;
    for (number, line) in lines.iter().enumerate().take(DESKS) {
        let (home, account) = place(number);
        if number > 0 {
            let code = first.invite().await.unwrap();
            let desk = crate::start_desk(&home, &account).await;
            let mut events = desk.events();
            let connect =
                ConnectArgs { gateway: line.url(), code, desk_name: format!("Ресепшн {}", number + 1) };
            desk.connect(connect).await.unwrap();
            while !matches!(events.recv().await, Ok(desk::DeskEvent::Sync(view)) if view.as_of.is_some()) {}
            desk.close().await;
        }
        hands.push(Hands { home, account, number, child: None, told: Arc::default(), kills: 0 });
    }
    settled(&first).await;
    first.lock(Nothing {}).await.unwrap();
    first.close().await;
    (hands, witness)
}

/// The site sells some certificates before the bad weather.
async fn sell(gateway: &GatewayProcess, witness: &Witness, form: &str, lasts: Duration) -> Vec<CertificateId> {
    let count = 3 + lasts.as_secs() / 20;
    for n in 0..count {
        let code = format!("GIFT{n:04}");
        let body = json!({ "name": "Даритель", "phone": format!("+7 900 200-{:02}-{:02}", n / 100, n % 100),
            "certificate": { "code": code, "face_value": FACE } });
        let answer = crate::http().post(format!("{}{form}", gateway.url())).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
    let sold = |state| match state {
        Some(State::Request(request)) => request.certificate,
        _ => None,
    };
    witness.everything().await.into_iter().filter_map(|change| sold(change.state)).collect()
}

/// What the site has sent, and what it was told.
#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) sent: BTreeSet<String>,
    pub(crate) oks: Vec<(String, RequestId)>,
}

/// Visitors come one after another; a request that is not answered is sent again with the same words, as sites do.
async fn site(url: String, form: String, lasts: Duration, seed: u64) -> Site {
    let mut chance = Chance::of(seed);
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    let began = Instant::now();
    let mut site = Site::default();
    while began.elapsed() < lasts {
        let n = site.sent.len();
        let phone = format!("+7 913 {:03}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100);
        let body = json!({ "name": format!("Посетитель {n}"), "phone": phone });
        site.sent.insert(phone.clone());
        for _ in 0..4 {
            let answer = client.post(format!("{url}{form}")).json(&body).send().await;
            let Ok(answer) = answer else {
                tokio::time::sleep(Duration::from_millis(300)).await;
                continue;
            };
            if !answer.status().is_success() {
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
            let id = answer.json::<Value>().await.ok().and_then(|said| said["id"].as_str()?.parse().ok());
            if let Some(id) = id {
                site.oks.push((phone, id));
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(200 + chance.below(1_200))).await;
    }
    site
}
