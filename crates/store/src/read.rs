//! Reading what this desk sees. Every statement is static; persons are read in [`people`] alone, and all that is about a
//! person passes the [`shield`].
//!
//! Invariant: a record whose sealed part is missing or could not be opened is still listed, with an empty part.

use chrono::{DateTime, Utc};
use domain::{
    AppointmentId, CaseId, CertificateId, ClinicId, PersonId, RequestId,
    appointment::Appointment,
    certificate::Certificate,
    clinic::{Clinic, Practitioner},
    personal::{
        AppointmentPersonal, CasePersonal, CertificatePersonal, ClinicPersonal, EnvelopePersonal, PersonPersonal,
        PractitionerPersonal, RequestPersonal, StaffPersonal,
    },
    request::Request,
    staff::Staff,
};
use serde::de::DeserializeOwned;
use sqlx::{
    Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use self::shield::{Guarded, Shield};
use crate::{
    Store,
    entity::{Personal, columns, from_json, json},
    error::StoreError,
    index::{CODE, LOGIN, fold_login, wall},
    model::{CaseRecord, Identified, Record},
};

pub(crate) mod merged;
pub(crate) mod people;
pub(crate) mod shield;

macro_rules! unknown_is_default {
    ($($part:ident),* $(,)?) => {$(
        impl Personal for $part {
            fn unknown() -> Self {
                Self::default()
            }
        }
    )*};
}
unknown_is_default!(
    RequestPersonal,
    PersonPersonal,
    PractitionerPersonal,
    AppointmentPersonal,
    CasePersonal,
    CertificatePersonal,
    ClinicPersonal
);

impl Personal for StaffPersonal {
    /// No password fits an empty hash.
    fn unknown() -> Self {
        Self::default()
    }
}

/// Records of the clinic itself: no block covers them.
fn list<S, P>(rows: &[SqliteRow]) -> Result<Vec<Record<S, P>>, StoreError>
where
    S: Identified + DeserializeOwned,
    S::Id: TryFrom<String>,
    P: Personal,
    Record<S, P>: Guarded,
{
    let nothing = Shield::default();
    rows.iter().map(|row| nothing.pass(row)).collect()
}

macro_rules! of_settings_kind {
    ($kind:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM entity e WHERE e.kind IN ('clinic', 'staff', 'practitioner') AND e.kind = '",
            $kind,
            "' ORDER BY e.row"
        )
    };
}

macro_rules! by_id {
    () => {
        concat!("SELECT ", columns!(), " FROM entity e WHERE e.id = ?1")
    };
}

macro_rules! from_index {
    ($index:literal, $rest:literal) => {
        concat!("SELECT ", columns!(), " FROM ", $index, " i CROSS JOIN entity e ON e.row = i.row ", $rest)
    };
}

/// The clinic: id, version to name in an action, state, sealed part.
pub type ClinicRecord = (ClinicId, u64, Clinic, ClinicPersonal);

impl Store {
    /// The clinic, once it was founded and pulled.
    ///
    /// # Errors
    /// Of the database.
    pub async fn clinic(&self) -> Result<Option<ClinicRecord>, StoreError> {
        let rows = sqlx::query(of_settings_kind!("clinic")).fetch_all(&mut *self.reader().await?).await?;
        let found = list::<Clinic, ClinicPersonal>(&rows)?.into_iter().next();
        Ok(found.map(|clinic| (clinic.id, clinic.version, clinic.state, clinic.personal)))
    }

    /// Everybody on the staff, active or not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn staff(&self) -> Result<Vec<Record<Staff, StaffPersonal>>, StoreError> {
        list(&sqlx::query(of_settings_kind!("staff")).fetch_all(&mut *self.reader().await?).await?)
    }

    /// A member of the staff by login, whatever its case.
    ///
    /// # Errors
    /// Of the database.
    pub async fn staff_by_login(&self, login: &str) -> Result<Option<Record<Staff, StaffPersonal>>, StoreError> {
        self.by_key(LOGIN, &fold_login(login)).await
    }

    /// Every doctor, active or not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn practitioners(&self) -> Result<Vec<Record<Practitioner, PractitionerPersonal>>, StoreError> {
        list(&sqlx::query(of_settings_kind!("practitioner")).fetch_all(&mut *self.reader().await?).await?)
    }

    /// A case.
    ///
    /// # Errors
    /// Of the database.
    pub async fn case(&self, id: &CaseId) -> Result<Option<CaseRecord>, StoreError> {
        self.one(id.as_str()).await
    }

    /// Every case, open or not: they are few.
    ///
    /// # Errors
    /// Of the database.
    pub async fn cases(&self) -> Result<Vec<CaseRecord>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM entity e WHERE e.kind = 'case' ORDER BY e.row");
        self.all(sqlx::query(sql)).await
    }

    /// Requests with work to do, oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn open_requests(&self) -> Result<Vec<Record<Request, RequestPersonal>>, StoreError> {
        let sql = from_index!("request_index", "WHERE i.is_open = 1 ORDER BY i.submitted_at");
        self.all(sqlx::query(sql)).await
    }

    /// Closed requests, the last closed first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn closed_requests(&self, limit: u32) -> Result<Vec<Record<Request, RequestPersonal>>, StoreError> {
        let sql = from_index!("request_index", "WHERE i.is_open = 0 ORDER BY i.closed_at DESC LIMIT ?1");
        self.all(sqlx::query(sql).bind(limit)).await
    }

    /// Requests of nobody with a card that were closed before a moment, the longest ago first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn requests_closed_before(
        &self,
        moment: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Record<Request, RequestPersonal>>, StoreError> {
        let sql = from_index!(
            "request_index",
            "WHERE i.is_open = 0 AND i.person IS NULL AND i.closed_at < ?1 ORDER BY i.closed_at LIMIT ?2"
        );
        self.all(sqlx::query(sql).bind(moment.timestamp_millis()).bind(limit)).await
    }

    /// A request.
    ///
    /// # Errors
    /// Of the database.
    pub async fn request(&self, id: &RequestId) -> Result<Option<Record<Request, RequestPersonal>>, StoreError> {
        self.one(id.as_str()).await
    }

    /// What a site sent of a request that was not understood, where it was kept and may be seen.
    ///
    /// # Errors
    /// Of the database.
    pub async fn request_envelope(&self, id: &RequestId) -> Result<Option<EnvelopePersonal>, StoreError> {
        if !self.shield_down && self.request(id).await?.is_some_and(|request| request.blocked) {
            return Ok(None);
        }
        let envelope: Option<Option<String>> = sqlx::query_scalar("SELECT parts->'envelope' FROM entity WHERE id = ?1")
            .bind(id.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        envelope.flatten().map(|envelope| from_json(&envelope, "envelope")).transpose()
    }

    /// Requests with this number, `+79…`, newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn requests_by_phone(&self, e164: &str) -> Result<Vec<Record<Request, RequestPersonal>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM phone_index p CROSS JOIN request_index i ON i.row = p.row CROSS JOIN entity e ON e.row = i.row
             WHERE p.digits = ?1 ORDER BY i.submitted_at DESC"
        );
        self.all(sqlx::query(sql).bind(digits(e164))).await
    }

    /// Requests linked to a person by any of their cards, newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn requests_of_person(&self, id: &PersonId) -> Result<Vec<Record<Request, RequestPersonal>>, StoreError> {
        let ids = json(&self.ids_of_person(id).await?)?;
        let sql = from_index!(
            "request_index",
            "WHERE i.person IN (SELECT value FROM json_each(?1)) ORDER BY i.submitted_at DESC"
        );
        self.all(sqlx::query(sql).bind(ids)).await
    }

    /// Visits that meet the half-open span of wall time, by their start.
    ///
    /// # Errors
    /// Of the database.
    pub async fn visits_between(
        &self,
        from: chrono::NaiveDateTime,
        to: chrono::NaiveDateTime,
    ) -> Result<Vec<Record<Appointment, AppointmentPersonal>>, StoreError> {
        let sql =
            from_index!("visit_index", "WHERE i.starts > ?1 AND i.starts < ?2 AND i.ends > ?3 ORDER BY i.starts, e.id");
        let earliest = from - chrono::Duration::hours(24);
        self.all(sqlx::query(sql).bind(wall(earliest)).bind(wall(to)).bind(wall(from))).await
    }

    /// A visit.
    ///
    /// # Errors
    /// Of the database.
    pub async fn visit(
        &self,
        id: &AppointmentId,
    ) -> Result<Option<Record<Appointment, AppointmentPersonal>>, StoreError> {
        self.one(id.as_str()).await
    }

    /// A person's visits by any of their cards, the latest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn visits_of_person(
        &self,
        id: &PersonId,
    ) -> Result<Vec<Record<Appointment, AppointmentPersonal>>, StoreError> {
        let ids = json(&self.ids_of_person(id).await?)?;
        let sql =
            from_index!("visit_index", "WHERE i.person IN (SELECT value FROM json_each(?1)) ORDER BY i.starts DESC");
        self.all(sqlx::query(sql).bind(ids)).await
    }

    /// A certificate.
    ///
    /// # Errors
    /// Of the database.
    pub async fn certificate(
        &self,
        id: &CertificateId,
    ) -> Result<Option<Record<Certificate, CertificatePersonal>>, StoreError> {
        self.one(id.as_str()).await
    }

    /// A certificate by its whole folded code.
    ///
    /// # Errors
    /// Of the database.
    pub async fn certificate_by_code(
        &self,
        folded: &str,
    ) -> Result<Option<Record<Certificate, CertificatePersonal>>, StoreError> {
        self.by_key(CODE, folded).await
    }

    /// Certificates with something in their ledger between two moments. At the end of a shift only: it reads them all.
    ///
    /// # Errors
    /// Of the database.
    pub async fn certificates_moved(
        &self,
        from: chrono::DateTime<chrono::Utc>,
        to: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<Record<Certificate, CertificatePersonal>>, StoreError> {
        let mut moved = self.certificates().await?;
        moved.retain(|certificate| certificate.state.ledger.iter().any(|entry| (from..to).contains(&entry.at)));
        Ok(moved)
    }

    /// Certificates on which nothing is owed since before a moment. For the queue of destruction only: it reads them all.
    ///
    /// # Errors
    /// Of the database.
    pub async fn certificates_settled_before(
        &self,
        moment: DateTime<Utc>,
    ) -> Result<Vec<Record<Certificate, CertificatePersonal>>, StoreError> {
        let mut settled = self.certificates().await?;
        settled.retain(|certificate| certificate.state.settled_at().is_some_and(|at| at < moment));
        Ok(settled)
    }

    /// All that there are.
    async fn certificates(&self) -> Result<Vec<Record<Certificate, CertificatePersonal>>, StoreError> {
        let sql =
            concat!("SELECT ", columns!(), " FROM key_index i CROSS JOIN entity e ON e.row = i.row WHERE i.kind = ?1");
        self.all(sqlx::query(sql).bind(CODE)).await
    }

    /// Certificates that a person ordered or bought at a desk, by any of their cards, the newest first. Codes are few: they
    /// are all read.
    ///
    /// # Errors
    /// Of the database.
    pub async fn certificates_of_person(
        &self,
        id: &PersonId,
    ) -> Result<Vec<Record<Certificate, CertificatePersonal>>, StoreError> {
        let ids = json(&self.ids_of_person(id).await?)?;
        let sql = from_index!(
            "key_index",
            "WHERE i.kind = ?1 AND (
                 e.parts ->> '$.main.person' IN (SELECT value FROM json_each(?2))
                 OR EXISTS (SELECT 1 FROM entity r JOIN request_index q ON q.row = r.row
                     WHERE r.id = e.state ->> 'request' AND q.person IN (SELECT value FROM json_each(?2))))
             ORDER BY i.row DESC"
        );
        self.all(sqlx::query(sql).bind(CODE).bind(ids)).await
    }

    /// What a statement finds, past the shield.
    async fn all<S, P>(&self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<Vec<Record<S, P>>, StoreError>
    where
        S: Identified + DeserializeOwned,
        S::Id: TryFrom<String>,
        P: Personal,
        Record<S, P>: Guarded,
    {
        let mut reader = self.reader().await?;
        let rows = query.fetch_all(&mut *reader).await?;
        let shield = self.shield(&mut reader).await?;
        rows.iter().map(|row| shield.pass(row)).collect()
    }

    /// Certificates whose folded code ends so, the newest first. Codes are few: their index is walked.
    ///
    /// # Errors
    /// Of the database.
    pub async fn certificates_by_ending(
        &self,
        ending: &str,
        limit: u32,
    ) -> Result<Vec<Record<Certificate, CertificatePersonal>>, StoreError> {
        let sql = from_index!(
            "key_index",
            "WHERE i.kind = ?1 AND substr(i.value, -length(?2)) = ?2 ORDER BY i.row DESC LIMIT ?3"
        );
        self.all(sqlx::query(sql).bind(CODE).bind(ending.to_owned()).bind(limit)).await
    }

    async fn one<S, P>(&self, id: &str) -> Result<Option<Record<S, P>>, StoreError>
    where
        S: Identified + DeserializeOwned,
        S::Id: TryFrom<String>,
        P: Personal,
        Record<S, P>: Guarded,
    {
        Ok(self.all(sqlx::query(by_id!()).bind(id.to_owned())).await?.pop())
    }

    async fn by_key<S, P>(&self, kind: &'static str, value: &str) -> Result<Option<Record<S, P>>, StoreError>
    where
        S: Identified + DeserializeOwned,
        S::Id: TryFrom<String>,
        P: Personal,
        Record<S, P>: Guarded,
    {
        if value.is_empty() {
            return Ok(None);
        }
        let sql = from_index!("key_index", "WHERE i.kind = ?1 AND i.value = ?2 ORDER BY i.row LIMIT 1");
        Ok(self.all(sqlx::query(sql).bind(kind).bind(value.to_owned())).await?.pop())
    }
}

/// The digits of an E.164 text.
fn digits(e164: &str) -> &str {
    e164.strip_prefix('+').unwrap_or(e164)
}
