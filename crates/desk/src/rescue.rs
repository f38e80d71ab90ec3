//! The ways out of a database or a key that is lost: by the kit, anew with what reads of the outbox, from a copy, or as
//! a new desk.
//!
//! Invariants:
//! - nothing is deleted: what does not open is set aside with all its pieces under a dated name;
//! - what takes its place is complete before that, and a crash in between is finished at the next start;
//! - keys are in the keychain before the database that needs them; an entry that stands there is set aside too.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use contract::ui::{AppView, Code, RescueArgs, RescueView, RescueWay, RescuedView};
use seal::recovery::RecoveryKit;
use store::{AuditEntry, DatabaseKey, OpenError, Salvage, Store};

use crate::{
    copies,
    desk::Desk,
    key_card::KeyCard,
    keys::DeskKeys,
    place::{Inner, Place},
    platform::{
        keychain::{KeychainError, within_limit},
        random::make_bytes,
    },
    trouble::DeskError,
};

/// The setting that holds the last [`RescuedView`] until it is read; empty after that.
const REPORT: &str = "rescued";
const BEING_MADE: &str = ".rescuing";
const READY: &str = ".ready-";

/// What is left, for the window.
pub(crate) async fn view(inner: &Inner, code: Code) -> Option<RescueView> {
    if !matches!(code, Code::KeyLost | Code::WrongKey | Code::DatabaseDamaged) {
        return None;
    }
    let database = inner.database();
    let card = KeyCard::read(&database);
    let keys = inner.read_keys().await.ok().flatten().filter(|keys| keys.link.is_some());
    let found = match &keys {
        Some(keys) if code == Code::DatabaseDamaged => store::salvage(&database, &keys.database).await.ok(),
        _ => None,
    };
    let written = std::fs::metadata(&database).and_then(|file| file.modified()).ok();
    Some(RescueView {
        keys_here: keys.is_some(),
        kit_opens: card.as_ref().is_some_and(|card| !card.kits.is_empty()),
        kit_made_at: card.as_ref().and_then(|card| card.kits.last()).map(|kit| kit.made_at),
        unsent: found.as_ref().filter(|found| found.unreadable.is_some() || found.unsent() > 0).map(Salvage::unsent),
        unreadable: found.and_then(|found| found.unreadable),
        written_at: written.map(DateTime::<Utc>::from),
        copies: copies::known(inner, card.as_ref()),
    })
}

/// Goes a way; the desk then stands where that led.
pub(crate) async fn rescue(desk: &Desk, args: RescueArgs) -> Result<AppView, DeskError> {
    let inner = desk.inner();
    let mut lock = inner.moving.lock().await;
    let code = match &*inner.place.read().await {
        Place::Open(_) => return Err(DeskError::AlreadyConnected),
        Place::NotConnected => None,
        Place::Trouble(code) => Some(*code),
    };
    inner.take_folder(&mut lock)?;
    match (args.way, code) {
        (RescueWay::Kit, Some(Code::KeyLost | Code::WrongKey)) => by_kit(inner, &kit(&args)?).await?,
        (RescueWay::Anew, Some(Code::WrongKey | Code::DatabaseDamaged)) => anew(inner).await?,
        (RescueWay::Copy, None | Some(Code::KeyLost | Code::WrongKey | Code::DatabaseDamaged)) => {
            from_copy(inner, &args).await?;
        }
        (RescueWay::Reconnect, Some(Code::KeyLost)) => {
            store::move_aside(&inner.database(), &stamp(inner))?;
        }
        _ => return Err(DeskError::BadInput("way")),
    }
    inner.settle_place(&mut lock).await;
    drop(lock);
    desk.view().await
}

fn kit(args: &RescueArgs) -> Result<RecoveryKit, DeskError> {
    let code = args.code.as_deref().unwrap_or_default();
    RecoveryKit::parse(code).map_err(|_| DeskError::CodeMistyped)
}

async fn by_kit(inner: &Inner, kit: &RecoveryKit) -> Result<(), DeskError> {
    let database = inner.database();
    let keys = KeyCard::read(&database).ok_or(DeskError::NotFound)?.open_by_kit(kit)?;
    match Store::open(&database, &keys.database).await {
        Ok(store) => {
            store.audit(AuditEntry::new(inner.around.clock.now(), None, "kit.used")).await?;
            store.close().await;
        }
        // the keys are right; that the file is not comes next
        Err(OpenError::Damaged | OpenError::Truncated) => {}
        Err(error) => return Err(error.into()),
    }
    inner.replace_keys(&keys).await
}

async fn anew(inner: &Inner) -> Result<(), DeskError> {
    let keys = inner.read_keys().await?.filter(|keys| keys.link.is_some()).ok_or(DeskError::KeyLost)?;
    let salvage = store::salvage(&inner.database(), &keys.database).await?;
    let made = inner.being_made()?;
    let store = Store::create(&made, &keys.database).await?;
    inner.conclude(store, &salvage, (RescueWay::Anew, None)).await
}

async fn from_copy(inner: &Inner, args: &RescueArgs) -> Result<(), DeskError> {
    let file = args.file.as_deref().map(str::trim).filter(|file| !file.is_empty());
    let file = PathBuf::from(file.ok_or(DeskError::BadInput("file"))?);
    let card = KeyCard::read(&file).ok_or(DeskError::NotACopy)?;
    let kit = args.code.as_deref().is_some_and(|code| !code.trim().is_empty()).then(|| kit(args)).transpose()?;
    let present = match inner.read_keys().await {
        Err(DeskError::Keychain(KeychainError::Unreadable)) => None,
        other => other?.filter(|keys| keys.link.is_some()),
    };
    let of_copy = match (&kit, present.as_ref().and_then(|keys| keys.link.as_ref())) {
        (Some(kit), _) => card.open_by_kit(kit)?,
        (None, Some(link)) => card.open(&link.ring.now()).map_err(|_| DeskError::NotACopy)?,
        (None, None) => return Err(DeskError::KeyLost),
    };
    let desk = |keys: &DeskKeys| keys.link.as_ref().map(|link| link.desk.clone());
    let keys = match &present {
        Some(keys) if desk(keys) == desk(&of_copy) => keys.clone(),
        Some(_) => return Err(DeskError::NotACopy),
        None => DeskKeys {
            database: DatabaseKey::from_random(*make_bytes::<32>()?),
            founding: None,
            link: of_copy.link.clone(),
        },
    };
    let salvage = later_outbox(inner, present.as_ref(), kit.as_ref()).await?;
    let made = inner.being_made()?;
    store::copy(&file, &of_copy.database, &made, &keys.database).await.map_err(|error| match error {
        OpenError::Io(_) | OpenError::DiskFull => DeskError::from(error),
        _ => DeskError::NotACopy,
    })?;
    let store = Store::open(&made, &keys.database).await?;
    if present.is_none() {
        inner.replace_keys(&keys).await?;
    }
    let copied_at = copies::time_of(&file);
    inner.conclude(store, &salvage, (RescueWay::Copy, copied_at)).await
}

/// What reads of the database that the copy takes the place of.
async fn later_outbox(
    inner: &Inner,
    present: Option<&DeskKeys>,
    kit: Option<&RecoveryKit>,
) -> Result<Salvage, DeskError> {
    let database = inner.database();
    let by_kit = || KeyCard::read(&database)?.open_by_kit(kit?).ok().map(|keys| keys.database);
    match present.map(|keys| keys.database.clone()).or_else(by_kit) {
        Some(key) => Ok(store::salvage(&database, &key).await?),
        None => Ok(Salvage::default()),
    }
}

fn stamp(inner: &Inner) -> String {
    inner.around.clock.now().format("%Y%m%d-%H%M%S").to_string()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

impl Inner {
    /// Where the database is made that will take the place of the old one; what broke off there before is cleared.
    fn being_made(&self) -> Result<PathBuf, DeskError> {
        let path = beside(&self.database(), BEING_MADE);
        store::remove_unfinished(&path)?;
        Ok(path)
    }

    /// Takes the outbox in, leaves word of it, and lets the new database take its place.
    async fn conclude(
        &self,
        store: Store,
        salvage: &Salvage,
        (way, copy_at): (RescueWay, Option<DateTime<Utc>>),
    ) -> Result<(), DeskError> {
        let now = self.around.clock.now();
        let stamp = stamp(self);
        store.take_in(salvage).await?;
        let database = self.database();
        let aside = beside(&database, &format!(".set-aside-{stamp}"));
        let name = aside.file_name().map(|name| name.to_string_lossy().into_owned());
        let report = RescuedView {
            at: now,
            way,
            unsent: salvage.unsent(),
            unreadable: salvage.unreadable,
            set_aside: name.filter(|_| database.exists()),
            copy_at,
        };
        let text = serde_json::to_string(&report).map_err(|_| DeskError::Broken("a report cannot be written"))?;
        store.set_setting(REPORT, &text).await?;
        let detail = format!("{} {}", report.unsent, report.unreadable.map_or("?".to_owned(), |n| n.to_string()));
        store.audit(AuditEntry::new(now, None, "desk.rescue").with(&detail)).await?;
        store.close().await;
        let made = beside(&database, BEING_MADE);
        std::fs::rename(&made, beside(&database, &format!("{READY}{stamp}")))?;
        self.finish_rescue()
    }

    /// Puts a database that is ready into its place. Called at each start too: from here on there is no way back.
    pub(crate) fn finish_rescue(&self) -> Result<(), DeskError> {
        let database = self.database();
        let prefix = beside(&database, READY);
        let prefix = prefix.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for entry in std::fs::read_dir(&self.profile.home)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(stamp) = name.strip_prefix(&prefix) else { continue };
            store::move_aside(&database, stamp)?;
            std::fs::rename(entry.path(), &database)?;
            store::remove_unfinished(&beside(&database, BEING_MADE))?;
        }
        Ok(())
    }

    /// New keys for the keychain. What stood there before is kept beside them.
    async fn replace_keys(&self, keys: &DeskKeys) -> Result<(), DeskError> {
        let account = self.profile.keychain_account.clone();
        let aside = format!("{account} set aside {}", stamp(self));
        within_limit(&self.around.keychain, move |keychain| match keychain.read(&account) {
            Ok(Some(old)) => keychain.write(&aside, &old),
            Ok(None) | Err(KeychainError::Unreadable) => Ok(()),
            Err(error) => Err(error),
        })
        .await?;
        self.write_keys(keys).await
    }
}

/// The last rescue, until it was read.
pub(crate) async fn report(store: &Store) -> Result<Option<RescuedView>, DeskError> {
    let text = store.setting(REPORT).await?.filter(|text| !text.is_empty());
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Somebody has read it.
pub(crate) async fn forget_report(store: &Store) -> Result<(), DeskError> {
    Ok(store.set_setting(REPORT, "").await?)
}
