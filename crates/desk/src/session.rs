//! Who sits at the desk: sign-in, lock, idle lock, and the seat that every command works from.
//!
//! Invariants:
//! - a [`Seat`] is made by one function only, [`Desk::admit`], after the need of the command is met; the role is read
//!   from the store each time, so a role that was taken away ends with the next command;
//! - an unknown login and a wrong secret look the same and take as long;
//! - the desk locks by both clocks: the one that stands still while the computer sleeps, and the one that does not.

use std::{
    sync::{Arc, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use chrono::{DateTime, Utc};
use contract::{
    ui::{AppView, Phase, SignInArgs, StaffView, UiError},
    v1::ActionEnvelope,
};
use domain::{
    Action, ActionId, Command, Context, EntityRef, StaffId,
    personal::StaffPersonal,
    staff::{Permission, Staff},
};
use store::{AuditEntry, NewAction, Record};
use sync::Moment;

use crate::{
    DeskEvent,
    desk::Desk,
    gate::{CommandName, Need},
    place::{Inner, Open, Place},
    platform::random::id_bytes,
    rescue, sealing,
    secrets::{self, SIGN_IN_DELAY, WrongTries},
    trouble::DeskError,
};

/// The desk locks after so many seconds without a touch, unless the clinic sets another time.
pub const IDLE_LOCK_SECONDS: u32 = 300;
const IDLE_SETTING: &str = "idle_lock_seconds";
const TRIES_SETTING: &str = "wrong_tries";

/// Somebody is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) staff: StaffId,
    touched: Moment,
    touched_at: DateTime<Utc>,
    idle: Duration,
    /// What was noted last in the audit chain, and when: a window that reads the same again is not noted again.
    noted: Option<(String, DateTime<Utc>)>,
}

/// The same look is noted once in so long.
const NOTE_AGAIN: chrono::Duration = chrono::Duration::minutes(10);
/// Letters typed into the search one after another are one search.
const SEARCH_AGAIN: chrono::Duration = chrono::Duration::seconds(30);

impl Session {
    fn idle_left(&self, moment: Moment, now: DateTime<Utc>) -> Duration {
        let by_moment = Duration::from_millis(moment.0.saturating_sub(self.touched.0));
        let by_wall = (now - self.touched_at).to_std().unwrap_or_default();
        self.idle.saturating_sub(by_moment.max(by_wall))
    }
}

/// A signed-in member of the staff at an open desk: what a command works from.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) inner: Arc<Inner>,
    pub(crate) open: Arc<Open>,
    pub(crate) staff: Record<Staff, StaffPersonal>,
}

impl Seat {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.inner.around.clock.now()
    }

    /// An entry of the audit chain by whoever sits here.
    pub(crate) fn entry(&self, verb: &str) -> AuditEntry {
        AuditEntry::new(self.now(), Some(self.staff.id.clone()), verb)
    }

    /// Notes in the audit chain that a record was looked at.
    pub(crate) async fn viewed(&self, verb: &str, subject: &str) -> Result<(), DeskError> {
        if self.note_once(&format!("{verb} {subject}"), NOTE_AGAIN) {
            self.open.store.audit(self.entry(verb).about(subject)).await?;
        }
        Ok(())
    }

    /// Notes that somebody searched; never for what.
    pub(crate) async fn searched(&self) -> Result<(), DeskError> {
        if self.note_once("desk.search", SEARCH_AGAIN) {
            self.open.store.audit(self.entry("desk.search")).await?;
        }
        Ok(())
    }

    /// Whether it is time to note this.
    fn note_once(&self, what: &str, again: chrono::Duration) -> bool {
        let now = self.now();
        let mut session = self.inner.session();
        let Some(session) = &mut *session else { return true };
        let noted = session.noted.as_ref().is_some_and(|(last, at)| last == what && now - *at < again && *at <= now);
        if !noted {
            session.noted = Some((what.to_owned(), now));
        }
        !noted
    }

    /// Whoever sits here says their secret once more, for what must not be done at a desk that somebody left open.
    pub(crate) async fn confirm(&self, secret: &str) -> Result<(), DeskError> {
        let _one_at_a_time = self.inner.signing_in.lock().await;
        let now = self.now();
        let tries = WrongTries::kept(&self.open.store, TRIES_SETTING).await?;
        let wait = tries.wait(now, &SIGN_IN_DELAY);
        if wait > 0 {
            return Err(DeskError::TooManyTries(wait));
        }
        if secrets::verify(secret, Some(self.staff.personal.secret_hash.clone())).await? {
            return WrongTries::default().keep(&self.open.store, TRIES_SETTING).await;
        }
        Err(refuse(&self.open, tries.and(now), now).await?)
    }

    /// Does something: decides, keeps and audits it in one transaction, and wakes the link.
    pub(crate) async fn act(
        &self,
        entity: impl Into<EntityRef>,
        seen: impl Into<Seen>,
        command: Command,
        part: Option<serde_json::Value>,
    ) -> Result<ActionId, DeskError> {
        let now = self.now();
        let seen = seen.into();
        let action = Action {
            id: ActionId::from_random(id_bytes()?),
            entity: entity.into(),
            base_version: seen.version,
            if_match: seen.etag,
            actor: self.staff.id.clone(),
            at: now,
            command,
        };
        let id = action.id.clone();
        let (parts, opened) = sealing::parts_of(&action, part, &self.open.keys.ring.public())?;
        let audit = AuditEntry::of_action(&action, now);
        let envelope = ActionEnvelope { action, parts };
        let context = Context { now, desk: self.open.meta.desk.clone() };
        self.open.store.commit_action(NewAction { envelope: &envelope, opened, context: &context, audit }).await?;
        self.open.link.outbox_changed().await;
        Ok(id)
    }
}

/// The record that somebody acts on, as they saw it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// 0: something new.
    pub(crate) version: u64,
    /// Of what is written as a whole.
    pub(crate) etag: Option<ActionId>,
}

impl From<u64> for Seen {
    fn from(version: u64) -> Self {
        Self { version, etag: None }
    }
}

/// A part of an entity as the JSON that is sealed.
pub(crate) fn part<T: serde::Serialize>(personal: &T) -> Result<Option<serde_json::Value>, DeskError> {
    serde_json::to_value(personal).map(Some).map_err(|_| DeskError::Broken("a part cannot be written"))
}

impl Inner {
    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session, unless its time is over.
    fn live_session(&self) -> Option<Session> {
        let (moment, now) = (self.around.clock.moment(), self.around.clock.now());
        self.session().clone().filter(|session| !session.idle_left(moment, now).is_zero())
    }

    fn touch(&self) {
        let (moment, now) = (self.around.clock.moment(), self.around.clock.now());
        if let Some(session) = &mut *self.session() {
            session.touched = moment;
            session.touched_at = now;
        }
    }

    /// Drops the session and what was prepared in it.
    pub(crate) async fn lock(&self, verb: &str) -> Result<(), DeskError> {
        let Some(session) = self.session().take() else { return Ok(()) };
        self.forget_papers();
        // nobody may listen
        let _ = self.events.send(DeskEvent::Locked);
        let open = self.open().await?;
        let entry = AuditEntry::new(self.around.clock.now(), Some(session.staff), verb);
        Ok(open.store.audit(entry).await?)
    }
}

impl Desk {
    /// The one gate: whoever passes has a seat.
    pub(crate) async fn admit(&self, command: CommandName) -> Result<Seat, DeskError> {
        match command.need() {
            Need::Nobody | Need::SignedIn => self.seat(None).await,
            Need::Allowed(permission) => self.seat(Some(permission)).await,
        }
    }

    /// The same for what only administrators do.
    pub(crate) async fn seat(&self, permission: Option<Permission>) -> Result<Seat, DeskError> {
        let inner = self.inner();
        let Some(session) = inner.live_session() else {
            inner.lock("desk.lock_idle").await?;
            return Err(DeskError::NotSignedIn);
        };
        let open = inner.open().await?;
        let known = open.store.staff().await?.into_iter().find(|staff| staff.id == session.staff);
        let Some(staff) = known.filter(|staff| staff.state.active) else {
            inner.lock("desk.lock_revoked").await?;
            return Err(DeskError::NotSignedIn);
        };
        let seat = Seat { inner: Arc::clone(inner), open, staff };
        match permission {
            Some(permission) if !seat.staff.state.role.may(permission) => {
                seat.open.store.audit(seat.entry("desk.forbidden").with(&format!("{permission:?}"))).await?;
                Err(DeskError::Forbidden)
            }
            _ => Ok(seat),
        }
    }

    /// Where the application stands.
    pub(crate) async fn view(&self) -> Result<AppView, DeskError> {
        let inner = self.inner();
        let mut view = AppView {
            phase: Phase::NotConnected,
            clinic_name: None,
            demo: inner.profile.demo.clone(),
            staff: None,
            trouble: None,
            rescue: None,
            version: inner.profile.app_version.clone(),
            zone: None,
            idle_lock_seconds: IDLE_LOCK_SECONDS,
            cut_off: None,
        };
        let open = match &*inner.place.read().await {
            Place::NotConnected => {
                view.cut_off = inner.cut_off_view();
                return Ok(view);
            }
            Place::Trouble(code) => {
                view.phase = Phase::Trouble;
                view.trouble = Some(UiError::new(*code));
                view.rescue = rescue::view(inner, *code).await;
                return Ok(view);
            }
            Place::Open(open) => Arc::clone(open),
        };
        view.phase = Phase::Locked;
        view.idle_lock_seconds = idle_seconds(&open).await?;
        if let Some((_, _, clinic, _)) = open.store.clinic().await? {
            view.clinic_name = Some(clinic.requisites.short_name.clone()).filter(|name| !name.is_empty());
            view.zone = Some(clinic.zone.name().to_owned());
        }
        if let Ok(seat) = self.seat(None).await {
            view.phase = Phase::SignedIn;
            view.staff = Some(StaffView {
                id: seat.staff.id.clone(),
                name: seat.staff.personal.name.short(),
                role: seat.staff.state.role,
            });
        }
        Ok(view)
    }

    pub(crate) async fn begin_session(&self, args: SignInArgs) -> Result<AppView, DeskError> {
        let inner = self.inner();
        let one_at_a_time = inner.signing_in.lock().await;
        let open = inner.open().await?;
        inner.lock("desk.lock").await?;
        let now = inner.around.clock.now();
        let tries = WrongTries::kept(&open.store, TRIES_SETTING).await?;
        let wait = tries.wait(now, &SIGN_IN_DELAY);
        if wait > 0 {
            return Err(DeskError::TooManyTries(wait));
        }
        let login = args.login.trim().to_lowercase();
        let known = open.store.staff_by_login(&login).await?.filter(|staff| staff.state.active);
        let hash = known.as_ref().map(|staff| staff.personal.secret_hash.clone());
        let fits = secrets::verify(&args.secret, hash).await?;
        let Some(staff) = known.filter(|_| fits) else {
            return Err(refuse(&open, tries.and(now), now).await?);
        };
        WrongTries::default().keep(&open.store, TRIES_SETTING).await?;
        open.store.audit(AuditEntry::new(now, Some(staff.id.clone()), "desk.sign_in")).await?;
        let idle = Duration::from_secs(u64::from(idle_seconds(&open).await?));
        *inner.session() =
            Some(Session { staff: staff.id, touched: inner.around.clock.moment(), touched_at: now, idle, noted: None });
        tokio::spawn(lock_when_idle(Arc::downgrade(inner)));
        drop(one_at_a_time);
        // somebody is there: what waited for no one goes now
        open.link.ask();
        self.view().await
    }

    pub(crate) async fn end_session(&self) -> Result<AppView, DeskError> {
        self.inner().lock("desk.lock").await?;
        self.view().await
    }

    pub(crate) fn note_touch(&self) {
        self.inner().touch();
    }
}

/// Counts and audits a wrong try. Who was meant is not written: it may be a secret typed in the wrong field.
async fn refuse(open: &Open, tries: WrongTries, now: DateTime<Utc>) -> Result<DeskError, DeskError> {
    tries.keep(&open.store, TRIES_SETTING).await?;
    open.store.audit(AuditEntry::new(now, None, "desk.sign_in_failed")).await?;
    let wait = tries.wait(now, &SIGN_IN_DELAY);
    Ok(if wait > 0 { DeskError::TooManyTries(wait) } else { DeskError::WrongSecret })
}

async fn idle_seconds(open: &Open) -> Result<u32, DeskError> {
    let kept = open.store.setting(IDLE_SETTING).await?;
    Ok(kept.and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0).unwrap_or(IDLE_LOCK_SECONDS))
}

/// Locks the desk as soon as its time is over, so that the window hears of it without asking.
async fn lock_when_idle(desk: Weak<Inner>) {
    loop {
        let left = {
            let Some(inner) = desk.upgrade() else { return };
            let (moment, now) = (inner.around.clock.moment(), inner.around.clock.now());
            let Some(session) = inner.session().clone() else { return };
            let left = session.idle_left(moment, now);
            if left.is_zero() {
                if let Err(error) = inner.lock("desk.lock_idle").await {
                    tracing::warn!(%error, "the idle lock was not audited");
                }
                return;
            }
            left
        };
        // in short steps: the computer may sleep meanwhile
        tokio::time::sleep(left.min(Duration::from_secs(5))).await;
    }
}
