//! How the window likes to be: of each person at this desk, and of the desk itself. Kept in the encrypted database: nothing of
//! it stays in the webview.

use contract::ui::{DeskManners, KeyChoice, Nothing, Preferences, SetupStep, WindowSettings};
use domain::StaffId;
use serde::{Serialize, de::DeserializeOwned};
use store::Store;

use crate::{DeskEvent, session::Seat, trouble::DeskError};

const OF_DESK: &str = "window.desk";
const TEXT_PERCENT: std::ops::RangeInclusive<u32> = 90..=200;
const MOST_KEYS: usize = 300;
const LONGEST_KEY: usize = 120;

fn of_person(staff: &StaffId) -> String {
    format!("window.of.{staff}")
}

/// How it is.
pub(crate) async fn window_settings(seat: &Seat, _args: Nothing) -> Result<WindowSettings, DeskError> {
    let store = &seat.open.store;
    let mine = kept::<Preferences>(store, &of_person(&seat.staff.id)).await?.unwrap_or_default();
    let desk = manners(store).await?;
    Ok(WindowSettings { mine, desk })
}

/// How it is to be from now on.
pub(crate) async fn window_settings_put(seat: &Seat, args: WindowSettings) -> Result<WindowSettings, DeskError> {
    let WindowSettings { mine, desk } = args;
    if !TEXT_PERCENT.contains(&mine.text_percent) {
        return Err(DeskError::BadInput("text_percent"));
    }
    if mine.shortcuts.len() > MOST_KEYS || !mine.shortcuts.iter().all(fits) {
        return Err(DeskError::BadInput("shortcuts"));
    }
    if desk.quiet_from.is_some() != desk.quiet_to.is_some() {
        return Err(DeskError::BadInput("quiet_to"));
    }
    let store = &seat.open.store;
    keep(store, &of_person(&seat.staff.id), &mine).await?;
    keep(store, OF_DESK, &desk).await?;
    // nobody may listen
    let _ = seat.inner.events.send(DeskEvent::Manners);
    Ok(WindowSettings { mine, desk })
}

/// How this desk behaves, whoever works at it.
pub(crate) async fn manners(store: &Store) -> Result<DeskManners, DeskError> {
    Ok(kept(store, OF_DESK).await?.unwrap_or_default())
}

/// A clinic was founded here: its manager is led through the rest, also after a restart.
pub(crate) async fn begin_setup(store: &Store) -> Result<(), DeskError> {
    let manners = DeskManners { setup: Some(SetupStep::Kit), ..manners(store).await? };
    keep(store, OF_DESK, &manners).await
}

fn fits(choice: &KeyChoice) -> bool {
    let plain = |text: &str| text.chars().count() <= LONGEST_KEY && !text.chars().any(char::is_control);
    !choice.name.is_empty() && plain(&choice.name) && plain(&choice.chord)
}

/// What a newer version has kept may not read: then it is as usual.
async fn kept<T: DeserializeOwned>(store: &Store, key: &str) -> Result<Option<T>, DeskError> {
    Ok(store.setting(key).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn keep<T: Serialize>(store: &Store, key: &str, value: &T) -> Result<(), DeskError> {
    let text = serde_json::to_string(value).map_err(|_| DeskError::Broken("a setting cannot be written"))?;
    Ok(store.set_setting(key, &text).await?)
}
