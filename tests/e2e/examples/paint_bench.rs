//! From the press of a key to the frame that shows what it did, in the real window over the real encrypted database with
//! 100,000 people and 500 open requests, against an empty page whose key changes one word. Prints JSON lines.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement speaks on stdout and stops at trouble")]

#[allow(dead_code, reason = "the store's own bench uses the rest")]
#[path = "../../../crates/store/examples/crowd/mod.rs"]
mod crowd;

use std::path::Path;

use crowd::{Dice, Someone};
use desk::platform::keychain::{Keychain, OsKeychain};
use e2e::{CTRL_K, F3, RECEPTIONIST, Scene, Window, until};
use serde_json::{Value, json};
use store::{DatabaseKey, OpenedChange, Store};

const PEOPLE: usize = 100_000;
const REQUESTS: usize = 500;
/// As the gateway sends them.
const PAGE: usize = 1_000;
/// Presses of each kind; a multiple of the letters of a word.
const PRESSES: usize = 120;
/// Letters typed of a name, one measured after another.
const LETTERS: usize = 6;
const ENTER: char = '\u{E007}';

/// Notes when a condition holds after the next key, each of several, and when the frame after it was painted: at the second
/// frame that begins after the page has changed.
const WATCH: &str = r"
window.watchKey = (conditions) => {
  window.painted = new Promise((done) => {
    addEventListener('keydown', (event) => {
      const pressed = event.timeStamp;
      const took = conditions.map(() => null);
      const note = (at) => requestAnimationFrame(() => requestAnimationFrame(() => {
        took[at] = performance.now() - pressed;
        if (took.every((one) => one !== null)) done(took);
      }));
      const waits = conditions.map((holds, at) => ({ holds, at }));
      const look = () => {
        for (const one of waits.filter(({ holds }) => holds())) {
          waits.splice(waits.indexOf(one), 1);
          note(one.at);
        }
        if (waits.length > 0) return;
        watcher.disconnect();
        removeEventListener('focusin', look);
      };
      const watcher = new MutationObserver(look);
      watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      addEventListener('focusin', look);
      const eachFrame = () => { look(); if (waits.length > 0) requestAnimationFrame(eachFrame); };
      requestAnimationFrame(eachFrame);
    }, { capture: true, once: true });
  });
};";

/// What the page looks at: the chosen row, the card beside it, the field and the list of the search.
const PARTS: &str = r"
window.part = (name) => document.querySelector(`[data-testid='${name}']`);
window.chosenRow = () => document.querySelector(`[data-testid='queue-row'][aria-selected='true']`);
window.cardOf = (row) => part('request-card')?.querySelector('h1').textContent === row?.querySelector('b').textContent;";

#[tokio::main]
async fn main() {
    let scene = Scene::set("paint").await;
    let first = scene.open_window().await;
    first.connect(&scene).await;
    first.close().await;
    let people = fill(&scene.desk_home()).await;

    let empty = on_an_empty_page(&scene).await;
    let window = scene.open_window().await;
    window.sign_in(RECEPTIONIST).await;
    window.evaluate(WATCH).await;
    window.evaluate(PARTS).await;

    let (rows, cards) = through_the_queue(&window).await;
    print(&format!("J, K among {REQUESTS} requests: the row"), rows, &empty);
    print("  the same: its card", cards, &empty);
    print("Enter: into the card", into_the_card(&window).await, &empty);
    let (letters, people) = search(&window, &people).await;
    print(&format!("a letter sought among {PEOPLE} people"), letters, &empty);
    print("Enter: the card of who was found", people, &empty);
    window.close().await;
}

/// Brings the crowd into the desk's own database, under its own key, as pages of the feed.
async fn fill(home: &Path) -> Vec<Someone> {
    let entry = OsKeychain.read(&format!("desk in {}", home.display())).unwrap().unwrap();
    let entry: Value = serde_json::from_str(&entry).unwrap();
    let key = DatabaseKey::from_hex(entry["database"].as_str().unwrap()).unwrap();
    let store = Store::open(&home.join("desk.db"), &key).await.unwrap();
    let mark = store.sync_mark().await.unwrap();
    let (mut changes, people) = crowd::changes(PEOPLE, true);
    changes.extend(requests(&people));
    for page in changes.chunks(PAGE) {
        store
            .apply_page(page, mark.cursor.as_deref().unwrap_or_default(), mark.pulled_at.unwrap(), true)
            .await
            .unwrap();
    }
    store.close().await;
    people
}

fn requests(people: &[Someone]) -> Vec<OpenedChange> {
    let mut dice = Dice(0x0DDB_1A5E_5BAD_5EED);
    let of = |(n, who): (usize, &Someone)| crowd::request(&mut dice, u64::try_from(PEOPLE + n).unwrap() + 1, who);
    people.iter().step_by(PEOPLE / REQUESTS).enumerate().map(of).collect()
}

/// The same key, the same watch, and one word that changes.
async fn on_an_empty_page(scene: &Scene) -> Vec<f64> {
    let window = scene.open_empty_window().await;
    window.first("body").await;
    window.evaluate(WATCH).await;
    let word = "const word = document.body.appendChild(document.createTextNode('0'));
        addEventListener('keydown', () => (word.data = String(Number(word.data) + 1)));
        window.word = word;";
    window.evaluate(word).await;
    let mut took = Vec::new();
    for _ in 0..PRESSES {
        let watch = "const before = word.data; watchKey([() => word.data !== before])";
        took.push(pressed(&window, watch, 'j').await[0]);
    }
    window.close().await;
    took
}

async fn through_the_queue(window: &Window) -> (Vec<f64>, Vec<f64>) {
    window.press(F3).await;
    until("the queue", async || {
        let rows = "return document.querySelectorAll(\"[data-testid='queue-row']\").length";
        (window.evaluate(rows).await.as_u64()? == REQUESTS as u64).then_some(())
    })
    .await;
    let (mut rows, mut cards) = (Vec::new(), Vec::new());
    for n in 0..PRESSES {
        let watch = "const before = chosenRow();
            const moved = () => chosenRow() !== null && chosenRow() !== before;
            watchKey([moved, () => moved() && cardOf(chosenRow())])";
        let took = pressed(window, watch, if n < PRESSES / 2 { 'j' } else { 'k' }).await;
        rows.push(took[0]);
        cards.push(took[1]);
    }
    (rows, cards)
}

async fn into_the_card(window: &Window) -> Vec<f64> {
    let mut took = Vec::new();
    for _ in 0..PRESSES {
        let watch = "document.activeElement.blur();
            watchKey([() => document.activeElement === part('request-card')])";
        took.push(pressed(window, watch, ENTER).await[0]);
    }
    took
}

/// Names typed letter by letter, and whoever is found opened.
async fn search(window: &Window, people: &[Someone]) -> (Vec<f64>, Vec<f64>) {
    let (mut letters, mut opened) = (Vec::new(), Vec::new());
    let sought = people.iter().filter(|one| one.name.family.chars().count() > LETTERS).step_by(97);
    for who in sought.take(PRESSES) {
        window.press(CTRL_K).await;
        window.find("search-input").await;
        for letter in who.name.family.to_lowercase().chars().take(LETTERS) {
            let watch = "const field = part('search-input'); const before = field.value;
                watchKey([() => field.value !== before && document.getElementById('palette-list').ariaBusy === 'false'])";
            let took = pressed(window, watch, letter).await;
            if letters.len() < PRESSES {
                letters.push(took[0]);
            }
        }
        let watch = "const found = part('search-hit').querySelector('b').textContent;
            watchKey([() => part('person-card')?.querySelector('h1').textContent.includes(found)])";
        opened.push(pressed(window, watch, ENTER).await[0]);
    }
    (letters, opened)
}

/// Presses a key that `watch` waits for; answers what took how long, in milliseconds.
async fn pressed(window: &Window, watch: &str, key: char) -> Vec<f64> {
    window.evaluate(watch).await;
    window.key(key).await;
    let took = window.later("const answer = arguments[0]; window.painted.then(answer)").await;
    took.as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect()
}

fn print(what: &str, took: Vec<f64>, empty: &[f64]) {
    let presses = took.len();
    let ((p50, p99), (empty_p50, empty_p99)) = (shares(took), shares(empty.to_vec()));
    println!(
        "{}",
        json!({
            "bench": "paint", "what": what, "presses": presses,
            "p50_ms": p50, "p99_ms": p99, "empty_p50_ms": empty_p50, "empty_p99_ms": empty_p99,
            "times_p50": p50 / empty_p50, "times_p99": p99 / empty_p99,
        })
    );
}

/// The median, and what one press in a hundred exceeds.
fn shares(mut took: Vec<f64>) -> (f64, f64) {
    took.sort_by(f64::total_cmp);
    (took[took.len() / 2], took[(took.len() * 99).div_ceil(100) - 1])
}
