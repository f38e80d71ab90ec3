//! What a manager sets up: staff, doctors, the clinic, another workstation. Used by `receptionctl` and the demo.

use contract::ui::{Code, UiError};
use domain::{
    ChairId, PractitionerId, StaffId,
    clinic::Clinic,
    personal::{ClinicPersonal, PersonName},
    staff::Role,
};

use crate::Desk;

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
    /// [`Code::Forbidden`] unless a manager is signed in; [`Code::BadInput`] with the field.
    pub async fn put_staff(&self, _draft: StaffDraft) -> Result<StaffId, UiError> {
        Err(UiError::new(Code::Internal))
    }

    /// Adds or changes a doctor.
    ///
    /// # Errors
    /// As [`Desk::put_staff`].
    pub async fn put_practitioner(&self, _draft: PractitionerDraft) -> Result<PractitionerId, UiError> {
        Err(UiError::new(Code::Internal))
    }

    /// The clinic as it is set up now, to be changed and put back.
    ///
    /// # Errors
    /// [`Code::Forbidden`] unless a manager is signed in.
    pub async fn clinic(&self) -> Result<Option<(Clinic, ClinicPersonal)>, UiError> {
        Err(UiError::new(Code::Internal))
    }

    /// Writes the clinic's settings.
    ///
    /// # Errors
    /// As [`Desk::put_staff`].
    pub async fn put_clinic(&self, _clinic: Clinic, _personal: ClinicPersonal) -> Result<(), UiError> {
        Err(UiError::new(Code::Internal))
    }

    /// Lets another workstation in: a one-time code for [`Desk::connect`] there.
    ///
    /// # Errors
    /// [`Code::Forbidden`] unless a manager is signed in; [`Code::GatewayUnreachable`].
    pub async fn invite(&self) -> Result<String, UiError> {
        Err(UiError::new(Code::Internal))
    }
}
