//! From a started process to an open desk in its seat, and from the desk's events to the window.
//!
//! Invariant: a desk that cannot open is shown as trouble by the window itself, so only a demo that cannot be raised, or
//! a machine without a folder for data, ends the process.

use std::{path::PathBuf, sync::Arc};

use contract::commands::EVENTS;
use demo::{Stage, StageError};
use desk::{Desk, DeskEvent, Profile, Surroundings, platform};
use tauri::{AppHandle, Emitter};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{marks, printer::SystemPrinter, seat::Usher, windows::MAIN};

/// Beside the real desk's data, never in it.
const DEMO_FOLDER: &str = "demo";

/// Why there will be no desk.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpeningError {
    #[error("there is no folder for the data of applications; set RECEPTION_HOME")]
    NoFolder,
    #[error("the demo clinic could not be raised: {0}")]
    Demo(#[from] StageError),
}

/// What must live as long as the desk is open: with the demo, its gateway.
#[derive(Debug)]
pub(crate) struct Kept {
    _stage: Option<Stage>,
}

/// Opens the desk and seats it.
pub(crate) async fn open(app: AppHandle, demo: bool, usher: Usher) -> Result<Kept, OpeningError> {
    let home = platform::home().ok_or(OpeningError::NoFolder)?;
    let printer = Arc::new(SystemPrinter);
    let (stage, desk) = if demo {
        let stage = Stage::raise(&home.join(DEMO_FOLDER), printer).await?;
        let desk = stage.desk().clone();
        (Some(stage), desk)
    } else {
        (None, Desk::start(profile(home), Surroundings::of_system(printer)).await)
    };
    tauri::async_runtime::spawn(pass_events_on(app.clone(), desk.events()));
    tauri::async_runtime::spawn(marks::follow(app, desk.clone(), demo));
    usher.seat(desk);
    Ok(Kept { _stage: stage })
}

fn profile(home: PathBuf) -> Profile {
    Profile {
        home,
        keychain_account: platform::keychain_account(None),
        demo: None,
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Tells the window what happens at the desk, as long as both are there.
async fn pass_events_on(app: AppHandle, mut events: broadcast::Receiver<DeskEvent>) {
    loop {
        let told = match events.recv().await {
            Ok(DeskEvent::Sync(view)) => app.emit_to(MAIN, SYNC, view),
            // what was missed is not known, so everything shown is read again
            Ok(DeskEvent::Changed) | Err(RecvError::Lagged(_)) => app.emit_to(MAIN, CHANGED, ()),
            Ok(DeskEvent::Locked) => app.emit_to(MAIN, LOCKED, ()),
            Ok(DeskEvent::Manners) => continue,
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = told {
            tracing::warn!(%error, "the window was not told of an event");
        }
    }
}

const SYNC: &str = EVENTS[0];
const CHANGED: &str = EVENTS[1];
const LOCKED: &str = EVENTS[2];
