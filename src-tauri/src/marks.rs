//! What the system shows of the desk outside of its window: a notification, a badge, the start with the computer.
//!
//! Invariants: numbers only, never a name, a phone or a text of a request; while the desk is locked nothing at all; what
//! was there when somebody signed in is not told as new; nothing is told to whoever looks at the window.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use desk::{Attention, Desk, DeskEvent, RequestId};
use tauri::{AppHandle, Manager, image::Image};
use tauri_plugin_autostart::ManagerExt;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::MissedTickBehavior,
};

use crate::{
    tray::{self, Closing},
    windows::MAIN,
};

/// The name of the program, all that a notification says besides a number.
pub(crate) const PROGRAM: &str = "Ресепшн";
/// Events come in bursts while records arrive: they are looked at together.
const TURN: Duration = Duration::from_secs(2);
/// What is due becomes overdue without an event.
const TURNS_WITHOUT_EVENT: u32 = 30;
/// Width and height of the mark over the program's place in the task bar.
const MARK: u32 = 16;

/// What was seen already, so that only what is new is told.
#[derive(Debug)]
pub struct Known<Id>(Option<BTreeSet<Id>>);

impl<Id> Default for Known<Id> {
    fn default() -> Self {
        Self(None)
    }
}

impl<Id: Ord + Clone> Known<Id> {
    /// How many were not there at any earlier look. The first look after [`Known::forget`] finds nothing new.
    pub fn news(&mut self, now: &BTreeSet<Id>) -> usize {
        let Some(known) = &mut self.0 else {
            self.0 = Some(now.clone());
            return 0;
        };
        let before = known.len();
        known.extend(now.iter().cloned());
        known.len() - before
    }

    /// The desk is locked: whoever signs in next looks at the queue first.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

/// What a notification says, if it is to be shown.
#[must_use]
pub fn words(fresh: usize, told: bool, quiet: bool, looked_at: bool) -> Option<String> {
    if fresh == 0 || !told || quiet || looked_at {
        return None;
    }
    let form = match (fresh % 10, fresh % 100) {
        (_, 11..=14) => "новых заявок",
        (1, _) => "новая заявка",
        (2..=4, _) => "новые заявки",
        _ => "новых заявок",
    };
    Some(format!("{fresh} {form}"))
}

/// Follows the desk until it is closed.
pub(crate) async fn follow(app: AppHandle, desk: Desk, demo: bool) {
    let mut events = desk.events();
    let mut known = Known::default();
    let mut shown = 0;
    let mut turns = tokio::time::interval(TURN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut due, mut idle) = (true, 0);
    behave(&app, &desk, demo).await;
    loop {
        tokio::select! {
            event = next(&mut events) => match event {
                Some(DeskEvent::Locked) => {
                    known.forget();
                    badge(&app, 0, &mut shown);
                }
                Some(DeskEvent::Manners) => behave(&app, &desk, demo).await,
                Some(DeskEvent::Changed | DeskEvent::Sync(_)) => due = true,
                None => return,
            },
            _ = turns.tick() => {
                idle += 1;
                if due || idle >= TURNS_WITHOUT_EVENT {
                    (due, idle) = (false, 0);
                    look(&app, &desk, &mut known, &mut shown).await;
                }
            }
        }
    }
}

/// The next event; what was missed may have been anything.
async fn next(events: &mut Receiver<DeskEvent>) -> Option<DeskEvent> {
    match events.recv().await {
        Ok(event) => Some(event),
        Err(RecvError::Lagged(_)) => Some(DeskEvent::Changed),
        Err(RecvError::Closed) => None,
    }
}

async fn look(app: &AppHandle, desk: &Desk, known: &mut Known<RequestId>, shown: &mut u32) {
    let Ok(Attention { fresh, overdue, quiet, told }) = desk.attention().await else {
        known.forget();
        badge(app, 0, shown);
        return;
    };
    badge(app, overdue, shown);
    let looked_at = app.get_webview_window(MAIN).is_some_and(|window| window.is_focused().unwrap_or(false));
    if let Some(words) = words(known.news(&fresh), told, quiet, looked_at) {
        notify(app, words);
    }
}

/// The window has its own sounds: the system's would ring a second time.
fn notify(app: &AppHandle, words: String) {
    let identifier = app.config().identifier.clone();
    tauri::async_runtime::spawn_blocking(move || {
        let mut notification = notify_rust::Notification::new();
        notification.summary(PROGRAM).body(&words);
        says_whose(&mut notification, &identifier);
        if let Err(error) = notification.show() {
            tracing::warn!(%error, "the system did not show a notification");
        }
    });
}

#[cfg(windows)]
fn says_whose(notification: &mut notify_rust::Notification, identifier: &str) {
    notification.app_id(identifier);
}

#[cfg(not(windows))]
fn says_whose(notification: &mut notify_rust::Notification, _identifier: &str) {
    notification.appname(PROGRAM);
    #[cfg(target_os = "linux")]
    notification.hint(notify_rust::Hint::SuppressSound(true));
}

/// How many requests are overdue, on the program's place in the task bar and beside the clock, where there is one.
fn badge(app: &AppHandle, overdue: u32, shown: &mut u32) {
    if std::mem::replace(shown, overdue) != overdue {
        tray::tell(app, overdue);
    }
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let done = if cfg!(windows) {
        overlay(&window, overdue > 0)
    } else {
        window.set_badge_count((overdue > 0).then_some(i64::from(overdue)))
    };
    if let Err(error) = done {
        tracing::debug!(%error, "there is no badge here");
    }
}

#[cfg(windows)]
fn overlay(window: &tauri::WebviewWindow, shown: bool) -> tauri::Result<()> {
    window.set_overlay_icon(shown.then(mark))
}

#[cfg(not(windows))]
fn overlay(_window: &tauri::WebviewWindow, _shown: bool) -> tauri::Result<()> {
    Ok(())
}

/// A red dot: where there is no room for a number, its being there says enough.
#[must_use]
pub fn mark() -> Image<'static> {
    let (middle, radius) = (MARK / 2, MARK / 2 - 1);
    let inside = |x: u32, y: u32| x.abs_diff(middle).pow(2) + y.abs_diff(middle).pow(2) <= radius.pow(2);
    let dots = (0..MARK).flat_map(|y| (0..MARK).map(move |x| (x, y)));
    let rgba = dots.flat_map(|(x, y)| if inside(x, y) { [0xb3, 0x26, 0x1e, 0xff] } else { [0; 4] }).collect();
    Image::new_owned(rgba, MARK, MARK)
}

/// An icon with the same dot in its corner, ringed so that it is seen on any ground.
#[must_use]
pub fn dotted(icon: &Image<'_>) -> Image<'static> {
    let (width, height) = (icon.width(), icon.height());
    let dot = width.min(height) / 4;
    let (middle_x, middle_y) = (width.saturating_sub(dot + 1), dot);
    let mut rgba = icon.rgba().to_vec();
    for (pixel, place) in rgba.chunks_exact_mut(4).zip(0_u32..) {
        let (x, y) = (place % width.max(1), place / width.max(1));
        let far = x.abs_diff(middle_x).pow(2) + y.abs_diff(middle_y).pow(2);
        let painted = match () {
            () if far <= dot.saturating_sub(1).pow(2) => [0xb3, 0x26, 0x1e, 0xff],
            () if far <= (dot + 1).pow(2) => [0xff; 4],
            () => continue,
        };
        pixel.copy_from_slice(&painted);
    }
    Image::new_owned(rgba, width, height)
}

/// Does as the desk is set: what closing means, and whether the program starts with the computer.
async fn behave(app: &AppHandle, desk: &Desk, demo: bool) {
    let Ok(manners) = desk.manners().await else { return };
    app.state::<Arc<Closing>>().to_tray(manners.to_tray);
    // a demo leaves nothing behind on the computer
    if demo {
        return;
    }
    let start = app.autolaunch();
    let done = match start.is_enabled() {
        Ok(now) if now == manners.autostart => Ok(()),
        Ok(_) if manners.autostart => start.enable(),
        Ok(_) => start.disable(),
        Err(error) => Err(error),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the start with the computer is not as it was chosen");
    }
}
