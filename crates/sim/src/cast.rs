//! The clinic of every story: who is there, and what the small numbers of a plan stand for.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use domain::{
    AppointmentId, CertificateId, ChairId, ClinicId, DeskId, EntityRef, Kopecks, PersonId, PractitionerId, RequestId,
    StaffId, State,
    appointment::Slot,
    certificate::{Certificate, CertificateOrigin, LedgerEntry, LedgerKind},
    clinic::{Chair, Clinic, Practice, Practitioner, Requisites},
    hours::{DayHours, OpeningHours},
    person::{Person, PersonSource},
    request::{Request, RequestKind, Source},
    staff::{Role, Staff},
};

use crate::chance::bytes;

/// People who are known from the start.
pub const PEOPLE: u8 = 5;
/// Requests that have come in.
pub const REQUESTS: u8 = 6;
/// Certificates that were sold.
pub const CERTIFICATES: u8 = 2;
/// Doctors, and as many chairs.
pub const DOCTORS: u8 = 2;
/// Half hours of the day of which visits are made.
pub const SLOTS: u8 = 6;

macro_rules! cast {
    ($($(#[$doc:meta])* $function:ident => $id:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $function(n: u8) -> $id {
            $id::from_random(bytes($kind, u64::from(n)))
        }
    )*};
}
cast! {
    /// A person.
    person => PersonId, 1;
    /// A request.
    request => RequestId, 2;
    /// A doctor.
    doctor => PractitionerId, 3;
    /// A chair.
    chair => ChairId, 4;
    /// The member of the staff at a desk.
    staff => StaffId, 5;
    /// A certificate.
    certificate => CertificateId, 9;
    /// The clinic.
    clinic => ClinicId, 6;
}

/// The visit that the event of this number makes.
#[must_use]
pub fn visit(event: usize) -> AppointmentId {
    AppointmentId::from_random(bytes(7, event as u64))
}

/// The request that the site sends in the event of this number.
#[must_use]
pub fn visitor(event: usize) -> RequestId {
    RequestId::from_random(bytes(10, event as u64))
}

/// A desk in one of its lives: after the loss of its keys it enrols as another one.
#[must_use]
pub fn desk(n: usize, life: u32) -> DeskId {
    DeskId::from_random(bytes(8, (n as u64) << 32 | u64::from(life)))
}

/// When every story begins.
#[must_use]
pub fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_402_800, 0).unwrap_or_default()
}

/// Half an hour of tomorrow.
#[must_use]
pub fn slot(doctor_n: u8, chair_n: u8, half_hour: u8) -> Slot {
    let day: NaiveDateTime = beginning().date_naive().succ_opt().unwrap_or_default().and_time(NaiveTime::MIN);
    // not a multiple of half an hour apart, so that neighbours sometimes overlap by a part
    let start = day + Duration::minutes(9 * 60 + i64::from(half_hour) * 20);
    Slot { practitioner: doctor(doctor_n), chair: chair(chair_n), start, end: start + Duration::minutes(30) }
}

fn hours() -> OpeningHours {
    let all_day = DayHours { opens: NaiveTime::MIN, closes: NaiveTime::MIN };
    OpeningHours { week: [Some(all_day); 7], closed_on: std::collections::BTreeSet::<NaiveDate>::new() }
}

/// What the gateway holds before the first event.
#[must_use]
pub fn founding() -> Vec<(EntityRef, State)> {
    let chairs = (0..DOCTORS).map(|n| Chair { id: chair(n), name: format!("Кресло {}", n + 1) }).collect();
    let house = Clinic {
        zone: chrono_tz::Tz::Asia__Krasnoyarsk,
        hours: hours(),
        chairs,
        requisites: Requisites::default(),
        practice: Practice::default(),
        services: Vec::new(),
        recovery: Vec::new(),
        etag: None,
    };
    let mut all = vec![(EntityRef::from(clinic(0)), State::Clinic(house))];
    for n in 0..crate::plan::MOST_DESKS {
        let n = u8::try_from(n).unwrap_or_default();
        // one of them may lift a block and take a redemption back
        let role = if n == 0 { Role::Manager } else { Role::Receptionist };
        all.push((staff(n).into(), State::Staff(Staff::new(role, true))));
    }
    for n in 0..DOCTORS {
        let doctor_state = Practitioner::new(true, Some(chair(n)), u32::from(n));
        all.push((doctor(n).into(), State::Practitioner(doctor_state)));
    }
    let known = Person::new(PersonSource::Site, beginning());
    all.extend((0..PEOPLE).map(|n| (person(n).into(), State::Person(known.clone()))));
    all.extend((0..REQUESTS).map(|n| (request(n).into(), fresh_request())));
    all.extend((0..CERTIFICATES).map(|n| (certificate(n).into(), State::Certificate(sold()))));
    all
}

/// A request that nobody has looked at.
#[must_use]
pub fn fresh_request() -> State {
    let door = Source { connector: "tilda".to_owned(), source: "src".to_owned(), site: None };
    State::Request(Request::received(RequestKind::Callback, beginning(), beginning(), door))
}

/// For ten roubles, so that a few redemptions meet the end of it.
fn sold() -> Certificate {
    let amount = Kopecks::roubles(10);
    let sale = LedgerEntry { action: None, at: beginning(), kind: LedgerKind::Sale, amount, staff: None, of: None };
    Certificate {
        origin: CertificateOrigin::Paid,
        face_value: amount,
        issued_at: beginning(),
        expires_on: None,
        blocked: false,
        revoked_at: None,
        refund_requested_at: None,
        ledger: vec![sale],
        request: None,
    }
}
