//! The program's place beside the clock, and what closing the window means.
//!
//! Invariants: a window is hidden only where a tray stands to bring it back, so it cannot be lost; the tray names the
//! program and nobody else, and says of the desk a number; a desktop without a tray is a desktop like any other.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tauri::{
    AppHandle, Manager,
    menu::{Menu, MenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

use crate::{
    marks::{PROGRAM, dotted},
    seat::Seat,
    windows,
};

const ID: &str = "reception";
const OPEN: &str = "open";
const LOCK: &str = "lock";
const QUIT: &str = "quit";

/// What becomes of the window when it is closed.
#[derive(Debug, Default)]
pub struct Closing {
    /// There is a tray.
    tray: AtomicBool,
    /// The desk is set so.
    wanted: AtomicBool,
}

impl Closing {
    /// The tray stands.
    pub fn tray_stands(&self) {
        self.tray.store(true, Ordering::Relaxed);
    }

    /// How the desk is set.
    pub fn to_tray(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
    }

    /// The window goes to the tray; otherwise the program ends.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.tray.load(Ordering::Relaxed) && self.wanted.load(Ordering::Relaxed)
    }
}

/// Puts the program beside the clock, where the desktop has room for it.
pub(crate) fn place(app: &AppHandle) {
    match build(app) {
        Ok(_) => app.state::<Arc<Closing>>().tray_stands(),
        // common: many desktops show no trays
        Err(error) => tracing::info!(%error, "there is no tray here"),
    }
}

fn build(app: &AppHandle) -> tauri::Result<TrayIcon> {
    let item = |id, text| MenuItem::with_id(app, id, text, true, None::<&str>);
    let menu = Menu::with_items(app, &[&item(OPEN, "Открыть")?, &item(LOCK, "Заблокировать")?, &item(QUIT, "Выйти")?])?;
    let mut tray = TrayIconBuilder::with_id(ID)
        .title(PROGRAM)
        .tooltip(PROGRAM)
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            OPEN => windows::show(app),
            LOCK => lock(app.clone()),
            QUIT => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            let TrayIconEvent::Click { button, button_state, .. } = event else { return };
            if button == MouseButton::Left && button_state == MouseButtonState::Up {
                windows::show(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)
}

/// How many requests are overdue: a dot over the icon, and the number where somebody points at it. Most task bars of Linux
/// have no other place for it.
pub(crate) fn tell(app: &AppHandle, overdue: u32) {
    let Some(tray) = app.tray_by_id(ID) else { return };
    let icon = app.default_window_icon().map(|icon| if overdue > 0 { dotted(icon) } else { icon.clone().to_owned() });
    for step in [tray.set_icon(icon), tray.set_tooltip(Some(words(overdue)))] {
        if let Err(error) = step {
            tracing::warn!(%error, "the tray does not say what is overdue");
        }
    }
}

/// What the tray says of the desk.
#[must_use]
pub fn words(overdue: u32) -> String {
    if overdue > 0 { format!("{PROGRAM}: просрочено {overdue}") } else { PROGRAM.to_owned() }
}

fn lock(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        let seat = app.state::<Seat>().inner().clone();
        let Ok(desk) = seat.desk().await else { return };
        if let Err(error) = desk.lock(contract::ui::Nothing {}).await {
            tracing::warn!(code = ?error.code, "the desk was not locked from the tray");
        }
    });
}
