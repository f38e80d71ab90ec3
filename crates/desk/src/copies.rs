//! Copies of the desk: made while it works, each under a key of its own that the kit and the clinic's key open, read to
//! the end before they count, and thinned out.
//!
//! Invariants: nothing is thinned out before a newer copy is proved; only this desk's own copies are; a copy without its
//! key card never appears under its name.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use contract::ui::{Code, CopiesView, CopyView};
use domain::{DeskId, clinic::Clinic};
use serde::{Deserialize, Serialize};
use store::{AuditEntry, DatabaseKey, OpenError};

use crate::{
    key_card::{KeyCard, KitOnCard},
    keys::DeskKeys,
    place::{Inner, Open},
    platform::{
        files::{private_folder, remove},
        random::make_bytes,
    },
    trouble::DeskError,
};

/// Copies kept: the newest of each of so many days, and of each of so many weeks.
const DAYS: usize = 7;
const WEEKS: usize = 4;
/// A copy is due after so long, whatever the clinic's hours.
const AT_LEAST_EVERY: Duration = Duration::hours(24);
/// After a copy that failed.
const TRY_AGAIN: Duration = Duration::hours(1);
const FOLDER: &str = "copies.folder";
const LAST: &str = "copies.last";
const USUAL_FOLDER: &str = "copies";
const STAMP: &str = "%Y%m%d-%H%M%S";

/// How the last copies went, as the store keeps it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    last: Option<CopyView>,
    tried_at: Option<DateTime<Utc>>,
    failed: Option<Code>,
}

impl Record {
    pub(crate) async fn of(open: &Open) -> Result<Self, DeskError> {
        let kept = open.store.setting(LAST).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    async fn keep(&self, open: &Open) -> Result<(), DeskError> {
        let text =
            serde_json::to_string(self).map_err(|_| DeskError::Broken("a record of copies cannot be written"))?;
        Ok(open.store.set_setting(LAST, &text).await?)
    }

    /// Whether it is time: a day has passed, or the clinic has closed since.
    pub(crate) fn is_due(&self, now: DateTime<Utc>, closed_at: Option<DateTime<Utc>>) -> bool {
        if self.failed.is_some() && self.tried_at.is_some_and(|at| at <= now && now - at < TRY_AGAIN) {
            return false;
        }
        let Some(last) = &self.last else { return true };
        // a clock that was put back makes no copy wait for ever
        last.at > now || now - last.at >= AT_LEAST_EVERY || closed_at.is_some_and(|closed| closed > last.at)
    }
}

/// When the clinic closed today, once it has.
pub(crate) fn closed_at(clinic: &Clinic, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = now.with_timezone(&clinic.zone).date_naive();
    let day = clinic.hours.week[today.weekday().num_days_from_monday() as usize].as_ref()?;
    let closes = wall(clinic.zone, today.and_time(day.closes))?;
    (closes <= now).then_some(closes)
}

fn wall(zone: Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    Some(zone.from_local_datetime(&time).latest()?.with_timezone(&Utc))
}

/// What the window shows.
pub(crate) async fn view(inner: &Inner, open: &Open) -> Result<CopiesView, DeskError> {
    let record = Record::of(open).await?;
    let chosen = chosen(open).await?;
    Ok(CopiesView {
        folder: folder(inner, &chosen).to_string_lossy().into_owned(),
        beside_database: chosen.is_empty(),
        last: record.last,
        failed: record.failed,
    })
}

/// The folder that was chosen; empty: the usual one.
pub(crate) async fn chosen(open: &Open) -> Result<String, DeskError> {
    Ok(open.store.setting(FOLDER).await?.unwrap_or_default())
}

fn folder(inner: &Inner, chosen: &str) -> PathBuf {
    if chosen.is_empty() { inner.profile.home.join(USUAL_FOLDER) } else { PathBuf::from(chosen) }
}

/// Chooses another folder; it has to be there.
pub(crate) async fn choose(open: &Open, text: &str) -> Result<(), DeskError> {
    let text = text.trim();
    let fits = text.is_empty() || (Path::new(text).is_absolute() && Path::new(text).is_dir());
    if !fits {
        return Err(DeskError::BadInput("folder"));
    }
    Ok(open.store.set_setting(FOLDER, text).await?)
}

/// Makes a copy and notes how it went.
pub(crate) async fn make(inner: &Inner, open: &Open) -> Result<(), DeskError> {
    let _one_at_a_time = open.copying.lock().await;
    let now = inner.around.clock.now();
    let mut record = Record::of(open).await?;
    record.tried_at = Some(now);
    let made = write(inner, open, now).await;
    match &made {
        Ok(copy) => {
            record.last = Some(copy.clone());
            record.failed = None;
            let name = Path::new(&copy.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
            open.store.audit(AuditEntry::new(now, None, "desk.copy").with(&name)).await?;
        }
        Err(error) => {
            tracing::warn!(%error, "no copy was made");
            record.failed = Some(error.code());
        }
    }
    let kept = record.keep(open).await;
    // a database that does not read does not take a note of it either
    made?;
    kept
}

async fn write(inner: &Inner, open: &Open, now: DateTime<Utc>) -> Result<CopyView, DeskError> {
    let chosen = chosen(open).await?;
    let folder = folder(inner, &chosen);
    if chosen.is_empty() {
        private_folder(&folder)?;
    } else if !folder.is_dir() {
        return Err(DeskError::NoFolder);
    }
    // one that was made in the same second keeps its file and its card
    let mut at = now;
    let mut path = folder.join(name(&open.meta.desk, at));
    while path.exists() || KeyCard::path(&path).exists() {
        at += Duration::seconds(1);
        path = folder.join(name(&open.meta.desk, at));
    }
    let kept = inner.read_keys().await.ok().flatten().and_then(|keys| keys.link);
    let keys = DeskKeys {
        database: DatabaseKey::from_random(*make_bytes::<32>()?),
        founding: None,
        link: kept.or_else(|| Some(open.keys.clone())),
    };
    let mut card = KeyCard::make(&keys, open.kits().await?, chosen)?;
    card.write(&path)?;
    let copied = match open.store.copy_to(&path, &keys.database).await {
        Ok(copied) => copied,
        Err(error) => {
            remove(&KeyCard::path(&path))?;
            return Err(error.into());
        }
    };
    card.unsent = Some(copied.unsent);
    card.write(&path)?;
    // read back, the way it will be read in need
    let read =
        KeyCard::read(&path).ok_or(DeskError::Broken("a key card does not read"))?.open(&open.keys.ring.now())?;
    store::verify(&path, &read.database).await?;
    thin_out(&folder, &open.meta.desk)?;
    Ok(view_of(&path, at, copied.bytes, Some(copied.unsent)))
}

fn view_of(path: &Path, at: DateTime<Utc>, bytes: u64, unsent: Option<u32>) -> CopyView {
    let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    CopyView { file: path.to_string_lossy().into_owned(), at, kibibytes, unsent }
}

/// `reception-7k4m2xt9-20261124-200500.db`
fn name(desk: &DeskId, at: DateTime<Utc>) -> String {
    format!("reception-{}-{}.db", short(desk), at.format(STAMP))
}

fn short(desk: &DeskId) -> &str {
    let id = desk.as_str();
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

fn read_name(name: &str, desk: Option<&DeskId>) -> Option<DateTime<Utc>> {
    let (of, stamp) = name.strip_prefix("reception-")?.strip_suffix(".db")?.split_once('-')?;
    let ours = desk.is_none_or(|desk| short(desk) == of);
    let at = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?;
    ours.then(|| at.and_utc())
}

/// When a copy was made, by its name.
pub(crate) fn time_of(file: &Path) -> Option<DateTime<Utc>> {
    read_name(file.file_name()?.to_str()?, None)
}

/// The copies in a folder, the newest first.
fn all(folder: &Path, desk: Option<&DeskId>) -> Vec<(DateTime<Utc>, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| Some((read_name(entry.file_name().to_str()?, desk)?, entry.path())))
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    found
}

fn thin_out(folder: &Path, desk: &DeskId) -> Result<(), DeskError> {
    let found = all(folder, Some(desk));
    let times: Vec<_> = found.iter().map(|(at, _)| *at).collect();
    for at in superfluous(&times) {
        let path = &found[at].1;
        remove(path)?;
        remove(&KeyCard::path(path))?;
    }
    Ok(())
}

/// Places of those that are neither the newest of a kept day nor of a kept week. The newest comes first.
fn superfluous(times: &[DateTime<Utc>]) -> Vec<usize> {
    let (mut days, mut weeks) = (Vec::new(), Vec::new());
    let mut dropped = Vec::new();
    for (place, at) in times.iter().enumerate() {
        let (day, week) = (at.date_naive(), at.iso_week());
        let of_day = !days.contains(&day) && days.len() < DAYS;
        let of_week = !weeks.contains(&week) && weeks.len() < WEEKS;
        if of_day {
            days.push(day);
        }
        if of_week {
            weeks.push(week);
        }
        if !of_day && !of_week {
            dropped.push(place);
        }
    }
    dropped
}

/// The copies that may be restored at a desk that does not open, by what its key card says.
pub(crate) fn known(inner: &Inner, card: Option<&KeyCard>) -> Vec<CopyView> {
    let chosen = card.map(|card| card.copies.clone()).unwrap_or_default();
    let view = |(at, path): (DateTime<Utc>, PathBuf)| {
        let unsent = KeyCard::read(&path)?.unsent;
        Some(view_of(&path, at, std::fs::metadata(&path).ok()?.len(), unsent))
    };
    all(&folder(inner, &chosen), None).into_iter().filter_map(view).collect()
}

/// Puts the kits in force on the cards of the copies in reach, and seals them to the newest key, so that an older paper opens
/// them no more.
pub(crate) async fn renew_cards(inner: &Inner, open: &Open, kits: &[KitOnCard]) -> Result<(), DeskError> {
    let folder = folder(inner, &chosen(open).await?);
    let ring = open.keys.ring.now();
    for (_, path) in all(&folder, Some(&open.meta.desk)) {
        let Some(mut card) = KeyCard::read(&path) else { continue };
        let is_older = !card.is_sealed_to(&ring.public());
        if is_older {
            card = match card.sealed_anew(&ring) {
                Ok(card) => card,
                Err(error) => {
                    tracing::warn!(%error, "the card of a copy does not open by the clinic's keys");
                    continue;
                }
            };
        }
        if is_older || card.kits != kits {
            card.kits = kits.to_vec();
            card.write(&path)?;
        }
    }
    Ok(())
}

/// Takes erased records out of this desk's own copies; how many were cleaned, and how many could not be reached.
pub(crate) async fn cleanse(inner: &Inner, open: &Open, ids: &[String]) -> Result<(u32, u32), DeskError> {
    let _one_at_a_time = open.copying.lock().await;
    let folder = folder(inner, &chosen(open).await?);
    let (mut cleaned, mut missed) = (0, u32::from(!folder.is_dir() && Record::of(open).await?.last.is_some()));
    for (_, path) in all(&folder, Some(&open.meta.desk)) {
        let key = KeyCard::read(&path).map(|card| card.open(&open.keys.ring.now()));
        let done = match key {
            Some(Ok(keys)) => store::erase_in_copy(&path, &keys.database, ids).await.is_ok(),
            Some(Err(_)) | None => false,
        };
        if done { cleaned += 1 } else { missed += 1 }
    }
    Ok((cleaned, missed))
}

/// Whether a copy failed because the database itself does not read.
pub(crate) fn is_damage(error: &DeskError) -> bool {
    matches!(error, DeskError::Open(OpenError::Damaged))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn seven_days_and_four_weeks_are_kept_and_the_newest_of_each() {
        let newest = at("2026-11-24T13:05:00Z");
        let times: Vec<_> = (0..60 * 2).map(|half| newest - Duration::hours(12 * half)).collect();
        let dropped = superfluous(&times);
        let kept: Vec<_> =
            (0..times.len()).filter(|place| !dropped.contains(place)).map(|place| times[place]).collect();
        assert_eq!(kept.len(), DAYS + WEEKS - 2, "the first two weeks stand for days too: {kept:?}");
        assert_eq!(kept[0], newest);
        assert!(newest - *kept.last().unwrap() > Duration::days(14));
        assert!(superfluous(&[newest]).is_empty());
    }

    #[test]
    fn a_copy_is_due_after_a_day_and_after_closing_and_a_failure_waits() {
        let made = at("2026-11-24T05:00:00Z");
        let mut record = Record::default();
        assert!(record.is_due(made, None));
        record.last = Some(view_of(Path::new("x"), made, 1, None));
        let later = |hours| made + Duration::hours(hours);
        assert!(!record.is_due(later(9), None) && record.is_due(later(24), None));
        assert!(record.is_due(later(9), Some(later(8))) && !record.is_due(later(9), Some(later(-1))));
        assert!(record.is_due(later(-1), None), "a clock put back");
        (record.failed, record.tried_at) = (Some(Code::DiskFull), Some(later(24)));
        assert!(!record.is_due(later(24), None) && record.is_due(later(25), None));
    }

    #[test]
    fn only_names_of_copies_are_read() {
        let desk = DeskId::from_random([7; 16]);
        let name = name(&desk, at("2026-11-24T20:05:00Z"));
        assert_eq!(read_name(&name, Some(&desk)), Some(at("2026-11-24T20:05:00Z")));
        assert_eq!(read_name(&name, Some(&DeskId::from_random([8; 16]))), None);
        for other in ["desk.db", "reception-x.db", &format!("{name}.keys"), &format!("{name}.new")] {
            assert_eq!(read_name(other, None), None, "{other}");
        }
    }
}
