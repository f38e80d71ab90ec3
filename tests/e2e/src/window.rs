//! The real window under WebKitWebDriver: found by the names that the screens give their parts for tests.

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    process::Command,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::{
    Scene,
    keyboard::{BACKSPACE, CTRL_A},
    processes::{Running, binary, descendants, free_port, kill_at_once, program_of},
    wait::{in_time, until},
};

/// Whose session bus and keychain a window has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Computer {
    /// Those of the session that the story runs in.
    Of,
    /// Its own: a program that runs once on a computer runs beside the other one.
    Another,
}

/// The application with its window.
#[derive(Debug)]
pub struct Window {
    story: &'static str,
    driver: Running,
    client: Client,
}

impl Window {
    pub(crate) async fn open(story: &'static str, root: &Path) -> Self {
        Self::open_program(story, root, &binary("reception"), Computer::Of).await
    }

    /// Any program with one window; the speed of ours is measured against an empty one.
    pub(crate) async fn open_program(story: &'static str, root: &Path, program: &Path, computer: Computer) -> Self {
        let port = free_port();
        let mut command = match computer {
            Computer::Of => Command::new("WebKitWebDriver"),
            Computer::Another => on_another_computer(root),
        };
        let driver = Running::start(surrounded(&mut command, root, port), &root.join("logs/window.log"));
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } });
        let address = format!("http://127.0.0.1:{port}");
        let client = until("the window opens", async || {
            ClientBuilder::new(HttpConnector::new())
                .capabilities(wanted.as_object().cloned().unwrap_or_default())
                .connect(&address)
                .await
                .ok()
        })
        .await;
        Self { story, driver, client }
    }

    /// Lets this desk into the clinic, through the screen for it.
    pub async fn connect(&self, scene: &Scene) {
        let (gateway, code) = (scene.gateway(), scene.invite().await);
        self.fill_all(&[("connect-gateway", &gateway), ("connect-code", &code), ("connect-desk", "Ресепшн")]).await;
        self.picture("01-connect").await;
        self.click("connect-submit").await;
        self.find("sign-in-login").await;
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, (login, secret): (&str, &str)) {
        self.fill_all(&[("sign-in-login", login), ("sign-in-secret", secret)]).await;
        self.picture("02-sign-in").await;
        self.click("sign-in-submit").await;
        self.find("nav-queue").await;
    }

    /// A part of the screen, as soon as it is there.
    pub async fn find(&self, part: &str) -> Element {
        self.first(&named(part)).await
    }

    /// The first element of a selector, as soon as it is there.
    pub async fn first(&self, selector: &str) -> Element {
        self.until(selector, async || self.client.find(Locator::Css(selector)).await.ok()).await
    }

    /// Whether a part is on the screen now.
    pub async fn shows(&self, part: &str) -> bool {
        self.client.find(Locator::Css(&named(part))).await.is_ok()
    }

    /// Waits until a part is gone.
    pub async fn gone(&self, part: &str) {
        self.until(&format!("{part} goes"), async || (!self.shows(part).await).then_some(())).await;
    }

    /// All parts of a name that are on the screen now.
    pub async fn all(&self, part: &str) -> Vec<Element> {
        self.client.find_all(Locator::Css(&named(part))).await.unwrap_or_default()
    }

    /// Clicks a part as soon as it takes a click.
    pub async fn click(&self, part: &str) {
        self.click_on(&named(part)).await;
    }

    /// Clicks what a selector finds as soon as it takes a click.
    pub async fn click_on(&self, selector: &str) {
        self.until(&format!("a click on {selector}"), async || {
            let element = self.client.find(Locator::Css(selector)).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Clicks the first part of a name whose text holds `words`.
    pub async fn click_with(&self, part: &str, words: &str) {
        self.until(&format!("a click on {part} with «{words}»"), async || {
            for element in self.all(part).await {
                if content(&element).await.ok()?.contains(words) {
                    return element.click().await.ok();
                }
            }
            None
        })
        .await;
    }

    /// Puts text into a field in place of what stands there.
    pub async fn fill(&self, part: &str, text: &str) {
        self.fill_all(&[(part, text)]).await;
    }

    /// Fills several fields; all of them hold their text at the end, whatever took the focus meanwhile.
    pub async fn fill_all(&self, fields: &[(&str, &str)]) {
        self.until(&format!("{fields:?} take their text"), async || {
            for (part, text) in fields {
                let field = self.client.find(Locator::Css(&named(part))).await.ok()?;
                field.click().await.ok()?;
                field.send_keys(&format!("{CTRL_A}{BACKSPACE}{text}")).await.ok()?;
            }
            for (part, text) in fields {
                let field = self.client.find(Locator::Css(&named(part))).await.ok()?;
                if field.prop("value").await.ok()?? != *text {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// Presses keys where the focus is.
    pub async fn press(&self, keys: &str) {
        let focus = self.client.active_element().await.unwrap();
        focus.send_keys(keys).await.unwrap();
    }

    /// Presses one key as a keyboard does, wherever the focus is.
    pub async fn key(&self, key: char) {
        let pressed = [KeyAction::Down { value: key }, KeyAction::Up { value: key }];
        let keys = pressed.into_iter().fold(KeyActions::new("keys".to_owned()), KeyActions::then);
        self.client.perform_actions(keys).await.unwrap();
    }

    /// What a script answers through its last argument, whenever it does.
    pub async fn later(&self, script: &str) -> serde_json::Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// The text of a part.
    pub async fn text(&self, part: &str) -> String {
        self.until(&format!("the text of {part}"), async || {
            content(&self.client.find(Locator::Css(&named(part))).await.ok()?).await.ok()
        })
        .await
    }

    /// Waits until a part says `words`, and answers with all that it says.
    pub async fn says(&self, part: &str, words: &str) -> String {
        self.until(&format!("{part} says «{words}»"), async || {
            for element in self.all(part).await {
                let text = content(&element).await.ok()?;
                if text.contains(words) {
                    return Some(text);
                }
            }
            None
        })
        .await
    }

    /// Waits until an attribute of a part has a value.
    pub async fn has(&self, part: &str, attribute: &str, value: &str) {
        self.until(&format!("{part} has {attribute}={value}"), async || {
            let element = self.client.find(Locator::Css(&named(part))).await.ok()?;
            let found = element.attr(attribute).await.ok()??;
            (found == value).then_some(())
        })
        .await;
    }

    /// Asks until there is an answer; without one keeps a picture of what the window shows instead.
    async fn until<T, F, A>(&self, what: &str, ask: F) -> T
    where
        F: FnMut() -> A,
        A: Future<Output = Option<T>>,
    {
        let Some(answer) = in_time(ask).await else {
            self.picture("failed").await;
            panic!("waited too long: {what}; the picture shows what was there");
        };
        answer
    }

    /// Waits until everything done here is confirmed.
    pub async fn settled(&self) {
        self.has("sync-pill", "data-unsent", "0").await;
        self.has("sync-pill", "data-link", "online").await;
    }

    /// What a script answers in the page.
    pub async fn evaluate(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Keeps a picture of the window.
    pub async fn picture(&self, name: &str) {
        let folder = pictures();
        fs::create_dir_all(&folder).unwrap();
        // what is in the page already may not be painted yet; and where the window paints plainly, a picture is taken when
        // the next thing is painted, so something is
        self.client.execute_async(BLINK, Vec::new()).await.unwrap();
        let png = self.client.screenshot().await.unwrap();
        self.client.execute("window.blinks.remove()", Vec::new()).await.unwrap();
        fs::write(folder.join(format!("{}-{name}.png", self.story)), png).unwrap();
    }

    /// Memory of the application and its helpers, shared pages counted by share, in kilobytes.
    #[must_use]
    pub fn memory_kb(&self) -> u64 {
        descendants(self.driver.id()).into_iter().map(proportional_kb).sum()
    }

    /// Kills the application as a power cut would; the driver goes too.
    pub fn kill(mut self) {
        assert!(self.end() > 0, "the application does not run");
    }

    /// Ends the processes at once; answers how many of them were the application.
    fn end(&mut self) -> usize {
        let application = binary("reception");
        let (ours, rest): (Vec<u32>, Vec<u32>) =
            descendants(self.driver.id()).into_iter().partition(|id| program_of(*id).as_ref() == Some(&application));
        ours.iter().for_each(|id| kill_at_once(*id));
        self.driver.kill();
        // a bus of its own outlives whoever started it
        rest.iter().for_each(|id| kill_at_once(*id));
        ours.len()
    }

    /// Closes the window as a person would.
    pub async fn close(self) {
        // the driver ends what it started; an error says that it has ended already
        let _ = self.client.clone().close().await;
    }
}

/// PSS of a process; 0 when it is gone already.
fn proportional_kb(id: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

impl Drop for Window {
    /// An application left behind would answer the next story's start in its place.
    fn drop(&mut self) {
        self.end();
    }
}

/// A dot that blinks until it is removed; answers two frames later.
const BLINK: &str = r"
const done = arguments[0];
const dot = (window.blinks = document.body.appendChild(document.createElement('i')));
dot.style.cssText = 'position: fixed; right: 0; bottom: 0; width: 1px; height: 1px';
const blink = () => {
  if (!dot.isConnected) return;
  dot.style.background = dot.style.background === 'black' ? 'white' : 'black';
  setTimeout(blink, 20);
};
blink();
requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";

/// Where the pictures of the stories are kept, and the logs of those that failed.
pub(crate) fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e")
}

/// The driver in a session with a bus and a keychain daemon of its own.
fn on_another_computer(root: &Path) -> Command {
    const KEYCHAIN: &str =
        "printf session | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec \"$@\"";
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", KEYCHAIN, "sh", "WebKitWebDriver"]).env("XDG_RUNTIME_DIR", root.join("run"));
    command
}

fn surrounded<'a>(command: &'a mut Command, root: &Path, port: u16) -> &'a mut Command {
    command
        .arg(format!("--port={port}"))
        // without it the application does not let itself be driven
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("RECEPTION_HOME", root.join("desk"))
        .env("HOME", root.join("home"))
        .env("XDG_DATA_HOME", root.join("data"))
        .env("XDG_CONFIG_HOME", root.join("config"))
        .env("XDG_CACHE_HOME", root.join("cache"))
        .env("LANG", "C.UTF-8")
        .env("RUST_LOG", "debug")
}

fn named(part: &str) -> String {
    format!("[data-testid=\"{part}\"]")
}

/// `textContent`: the driver's own text is empty for what is scrolled away.
async fn content(element: &Element) -> Result<String, CmdError> {
    Ok(element.prop("textContent").await?.unwrap_or_default())
}
