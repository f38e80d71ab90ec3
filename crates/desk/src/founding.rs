//! The first records of a clinic: its first manager and its settings.
//!
//! Invariant: what is to be founded stands in the encrypted database before the gateway is asked, so a crash between
//! the gateway's yes and the first records loses nothing.

use chrono::NaiveTime;
use chrono_tz::Tz;
use contract::v1::ActionEnvelope;
use domain::{
    Action, ActionId, ChairId, Command, Context, EntityRef, StaffId,
    clinic::{Chair, Clinic, Practice, Requisites},
    hours::{DayHours, OpeningHours},
    personal::{Newer, PersonName, StaffPersonal},
    staff::{Role, Staff},
};
use serde::{Deserialize, Serialize};
use store::{AuditEntry, NewAction, Store};

use crate::{
    keys::LinkKeys,
    platform::{clock::Clock, random::id_bytes},
    sealing,
    trouble::DeskError,
    work::begin_setup,
};

/// The setting that holds what is to be founded; empty when nothing is.
const SETTING: &str = "founding";

/// What is to be founded.
#[derive(Serialize, Deserialize)]
pub(crate) struct Founding {
    pub(crate) clinic_name: String,
    pub(crate) zone: Tz,
    pub(crate) manager: StaffId,
    pub(crate) name: PersonName,
    pub(crate) login: String,
    pub(crate) secret_hash: String,
}

impl Founding {
    /// What was left to found.
    pub(crate) async fn left_in(store: &Store) -> Result<Option<Self>, DeskError> {
        let text = store.setting(SETTING).await?.filter(|text| !text.is_empty());
        // what cannot be read was never confirmed to anybody
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Keeps it until it is done.
    pub(crate) async fn keep_in(&self, store: &Store) -> Result<(), DeskError> {
        let text = serde_json::to_string(self).map_err(|_| DeskError::Broken("a founding cannot be written"))?;
        Ok(store.set_setting(SETTING, &text).await?)
    }
}

/// Forgets what was to be founded: it is done, or the desk joins a clinic instead.
pub(crate) async fn forget(store: &Store) -> Result<(), DeskError> {
    Ok(store.set_setting(SETTING, "").await?)
}

/// Makes the records that are not there yet.
pub(crate) async fn finish(
    store: &Store,
    link: &LinkKeys,
    founding: &Founding,
    clock: &dyn Clock,
) -> Result<(), DeskError> {
    if !store.staff().await?.iter().any(|staff| staff.id == founding.manager) {
        let command = Command::StaffPut { staff: Staff::new(Role::Manager, true) };
        let personal = StaffPersonal {
            name: founding.name.clone(),
            login: founding.login.clone(),
            secret_hash: founding.secret_hash.clone(),
            newer: Newer::default(),
        };
        let part = serde_json::to_value(&personal).map_err(|_| DeskError::Broken("a part cannot be written"))?;
        commit(store, link, founding, clock, (founding.manager.clone().into(), command, Some(part))).await?;
    }
    if store.clinic().await?.is_none() {
        let clinic = Box::new(usual_clinic(&founding.clinic_name, founding.zone)?);
        commit(store, link, founding, clock, (link.clinic.clone().into(), Command::ClinicPut { clinic }, None)).await?;
    }
    begin_setup(store).await?;
    forget(store).await
}

async fn commit(
    store: &Store,
    link: &LinkKeys,
    founding: &Founding,
    clock: &dyn Clock,
    (entity, command, part): (EntityRef, Command, Option<serde_json::Value>),
) -> Result<(), DeskError> {
    let now = clock.now();
    let action = Action {
        id: ActionId::from_random(id_bytes()?),
        entity,
        base_version: 0,
        if_match: None,
        actor: founding.manager.clone(),
        at: now,
        command,
    };
    let (parts, opened) = sealing::parts_of(&action, part, &link.ring.public())?;
    let audit = AuditEntry::of_action(&action, now);
    let envelope = ActionEnvelope { action, parts };
    let context = Context { now, desk: link.desk.clone() };
    store.commit_action(NewAction { envelope: &envelope, opened, context: &context, audit }).await?;
    Ok(())
}

/// A clinic as most are: the manager changes what differs.
fn usual_clinic(name: &str, zone: Tz) -> Result<Clinic, DeskError> {
    let day = |opens, closes| {
        Some(DayHours { opens: NaiveTime::from_hms_opt(opens, 0, 0)?, closes: NaiveTime::from_hms_opt(closes, 0, 0)? })
    };
    let workday = day(9, 20);
    let chair =
        |n: u32| id_bytes().map(|bytes| Chair { id: ChairId::from_random(bytes), name: format!("Кресло {n}") });
    Ok(Clinic {
        zone,
        hours: OpeningHours {
            week: [workday, workday, workday, workday, workday, day(10, 16), None],
            closed_on: std::collections::BTreeSet::new(),
        },
        chairs: vec![chair(1)?, chair(2)?],
        requisites: Requisites { full_name: name.to_owned(), short_name: name.to_owned(), ..Requisites::default() },
        practice: Practice::default(),
        services: Vec::new(),
        recovery: Vec::new(),
        etag: None,
    })
}
