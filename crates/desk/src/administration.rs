//! What a manager sets up: staff, doctors, the clinic, another workstation. Used by `receptionctl` and the demo.

use chrono::{DateTime, Duration, Utc};
use contract::{ui::UiError, v1::InviteRequest};
use domain::{
    ActionId, ChairId, ClinicId, Command, EntityRef, PractitionerId, StaffId,
    clinic::{Absence, Clinic, Practitioner},
    hours::Week,
    personal::{ClinicPersonal, Newer, PersonName, PractitionerPersonal, StaffPersonal},
    staff::{Permission, Role, Staff},
};
use seal::enrolment::EnrolmentCode;
use store::{AuditReport, AuditRow};

use crate::{
    Desk, input,
    platform::random::id_bytes,
    secrets,
    session::{Seat, Seen, part},
    trouble::DeskError,
};

/// An invitation for another workstation is good for so long.
const INVITATION_LASTS: Duration = Duration::hours(24);
/// The clinic's newest key is waited for so long.
const KEY_LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

/// A member of the staff as the manager enters them.
#[derive(Clone)]
pub struct StaffDraft {
    /// None: somebody new.
    pub id: Option<StaffId>,
    pub name: PersonName,
    pub role: Role,
    pub login: String,
    /// Password or PIN; None keeps the one that is there.
    pub secret: Option<String>,
    pub active: bool,
}

impl std::fmt::Debug for StaffDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaffDraft(…)")
    }
}

/// A doctor as the manager enters them.
#[derive(Debug, Clone)]
pub struct PractitionerDraft {
    /// None: somebody new.
    pub id: Option<PractitionerId>,
    pub name: PersonName,
    pub speciality: String,
    pub chair: Option<ChairId>,
    pub order: u32,
    pub active: bool,
}

impl Desk {
    /// Adds or changes a member of the staff.
    ///
    /// # Errors
    /// [`Code::Forbidden`](contract::ui::Code) unless a manager is signed in; `BadInput` with the field.
    pub async fn put_staff(&self, draft: StaffDraft) -> Result<StaffId, UiError> {
        let seat = self.seat(Some(Permission::Administer)).await?;
        Ok(put_staff(&seat, draft, StandsOn::Newest).await?)
    }

    /// Adds or changes a doctor.
    ///
    /// # Errors
    /// As [`Desk::put_staff`].
    pub async fn put_practitioner(&self, draft: PractitionerDraft) -> Result<PractitionerId, UiError> {
        let seat = self.seat(Some(Permission::Administer)).await?;
        Ok(put_practitioner(&seat, draft, None, StandsOn::Newest).await?)
    }

    /// The clinic as it is set up now, to be changed and put back.
    ///
    /// # Errors
    /// `Forbidden` unless a manager is signed in.
    pub async fn clinic(&self) -> Result<Option<(Clinic, ClinicPersonal)>, UiError> {
        let seat = self.seat(Some(Permission::Administer)).await?;
        let clinic = seat.open.store.clinic().await.map_err(DeskError::from)?;
        Ok(clinic.map(|(_, _, clinic, personal)| (clinic, personal)))
    }

    /// Writes the clinic's settings.
    ///
    /// # Errors
    /// As [`Desk::put_staff`].
    pub async fn put_clinic(&self, clinic: Clinic, personal: ClinicPersonal) -> Result<(), UiError> {
        let seat = self.seat(Some(Permission::Administer)).await?;
        Ok(put_clinic(&seat, clinic, &personal).await?)
    }

    /// Lets another workstation in: a one-time code for [`Desk::connect`] there.
    ///
    /// # Errors
    /// `Forbidden` unless a manager is signed in; `GatewayUnreachable`.
    pub async fn invite(&self) -> Result<String, UiError> {
        let seat = self.seat(Some(Permission::InviteDesk)).await?;
        Ok(invite(&seat).await.map(|(code, _)| code)?)
    }

    /// Checks the whole audit chain.
    ///
    /// # Errors
    /// `Forbidden` unless a manager is signed in.
    pub async fn audit_verify(&self) -> Result<AuditReport, UiError> {
        let seat = self.seat(Some(Permission::Audit)).await?;
        Ok(seat.open.store.audit_verify().await.map_err(DeskError::from)?)
    }

    /// The last rows of the audit chain.
    ///
    /// # Errors
    /// `Forbidden` unless a manager is signed in.
    pub async fn audit_tail(&self, limit: u32) -> Result<Vec<AuditRow>, UiError> {
        let seat = self.seat(Some(Permission::Audit)).await?;
        Ok(seat.open.store.audit_tail(limit).await.map_err(DeskError::from)?)
    }
}

/// Which state of a record an edit stands on.
#[derive(Debug)]
pub(crate) enum StandsOn {
    /// Whatever is there: nobody has looked at it.
    Newest,
    /// The one that somebody looked at; another one by now refuses the edit.
    Shown(Option<ActionId>),
}

impl StandsOn {
    fn seen(self, version: u64, newest: Option<&ActionId>) -> Seen {
        let etag = match self {
            Self::Newest => newest.cloned(),
            Self::Shown(etag) => etag,
        };
        Seen { version, etag }
    }
}

pub(crate) async fn put_staff(seat: &Seat, draft: StaffDraft, stands_on: StandsOn) -> Result<StaffId, DeskError> {
    let name = input::name("name", &draft.name)?;
    let login = input::login("login", &draft.login)?;
    let all = seat.open.store.staff().await?;
    let known = match &draft.id {
        Some(id) => Some(all.iter().find(|staff| staff.id == *id).ok_or(DeskError::NotFound)?),
        None => None,
    };
    let taken = |staff: &&store::Record<Staff, StaffPersonal>| {
        staff.personal.login == login && Some(&staff.id) != draft.id.as_ref()
    };
    if all.iter().find(taken).is_some() {
        return Err(DeskError::BadInput("login"));
    }
    // somebody has to be able to undo this
    let leaves_no_manager = !(draft.role == Role::Manager && draft.active) && Some(&seat.staff.id) == draft.id.as_ref();
    if leaves_no_manager {
        return Err(DeskError::BadInput("role"));
    }
    let secret_hash = match (&draft.secret, known) {
        (Some(secret), _) => {
            input::secret("secret", secret)?;
            secrets::hash(secret).await?
        }
        (None, Some(known)) => known.personal.secret_hash.clone(),
        (None, None) => return Err(DeskError::BadInput("secret")),
    };
    let seen = known.map_or_else(Seen::default, |known| stands_on.seen(known.version, known.state.etag.as_ref()));
    let newer = known.map(|known| known.personal.newer.clone()).unwrap_or_default();
    let id = match draft.id {
        Some(id) => id,
        None => StaffId::from_random(id_bytes()?),
    };
    let command = Command::StaffPut { staff: Staff::new(draft.role, draft.active) };
    seat.act(id.clone(), seen, command, part(&StaffPersonal { name, login, secret_hash, newer })?).await?;
    Ok(id)
}

/// `times`: the doctor's own hours and absences; none keeps those that are there.
pub(crate) async fn put_practitioner(
    seat: &Seat,
    draft: PractitionerDraft,
    times: Option<(Option<Week>, Vec<Absence>)>,
    stands_on: StandsOn,
) -> Result<PractitionerId, DeskError> {
    let mut personal = PractitionerPersonal {
        name: input::name("name", &draft.name)?,
        speciality: input::long("speciality", Some(&draft.speciality))?.unwrap_or_default(),
        newer: Newer::default(),
    };
    let all = seat.open.store.practitioners().await?;
    let mut practitioner = Practitioner::new(draft.active, draft.chair, draft.order);
    let (id, seen) = match draft.id {
        Some(id) => {
            let known = all.iter().find(|doctor| doctor.id == id).ok_or(DeskError::NotFound)?;
            (practitioner.week, practitioner.absences) = (known.state.week, known.state.absences.clone());
            personal.newer = known.personal.newer.clone();
            (id, stands_on.seen(known.version, known.state.etag.as_ref()))
        }
        None => (PractitionerId::from_random(id_bytes()?), Seen::default()),
    };
    if let Some((week, absences)) = times {
        (practitioner.week, practitioner.absences) = (week, absences);
    }
    seat.act(id.clone(), seen, Command::PractitionerPut { practitioner }, part(&personal)?).await?;
    Ok(id)
}

async fn put_clinic(seat: &Seat, mut clinic: Clinic, personal: &ClinicPersonal) -> Result<(), DeskError> {
    let (id, version, known, known_personal) = seat.open.store.clinic().await?.ok_or(DeskError::NotFound)?;
    // a kit is made and proved by its own use cases; whoever read the settings earlier may hold an older one
    clinic.recovery = known.recovery;
    clinic.etag = known.etag;
    let personal = ClinicPersonal { newer: known_personal.newer, ..personal.clone() };
    write_clinic(seat, id, version, clinic, &personal).await
}

/// Writes the settings over those that were read: the clinic as it was, with what is new.
pub(crate) async fn write_clinic(
    seat: &Seat,
    id: ClinicId,
    version: u64,
    mut clinic: Clinic,
    personal: &ClinicPersonal,
) -> Result<(), DeskError> {
    let seen = Seen { version, etag: clinic.etag.take() };
    let command = Command::ClinicPut { clinic: Box::new(clinic) };
    seat.act(EntityRef::Clinic(id), seen, command, part(personal)?).await?;
    Ok(())
}

/// A one-time code and until when it is good.
pub(crate) async fn invite(seat: &Seat) -> Result<(String, DateTime<Utc>), DeskError> {
    match try_invite(seat).await {
        Err(DeskError::Transport(error)) if error.is_key_changed() => {
            // another desk has changed the key: the code has to carry the new one
            seat.open.link.sync(KEY_LIMIT).await;
            try_invite(seat).await
        }
        other => other,
    }
}

async fn try_invite(seat: &Seat) -> Result<(String, DateTime<Utc>), DeskError> {
    let code = EnrolmentCode::make()?;
    let ring = seat.open.keys.ring.now();
    let envelope = code.wrap(ring.newest())?;
    let request = InviteRequest {
        auth_digest: code.auth_digest(),
        envelope: envelope.to_string(),
        expires_at: seat.now() + INVITATION_LASTS,
        key_id: Some(ring.public().key_id()),
    };
    seat.open.link.transport().invite(&request).await?;
    seat.open.store.audit(seat.entry("desk.invite")).await?;
    Ok((code.to_string(), request.expires_at))
}
