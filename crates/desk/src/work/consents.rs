//! What people agreed to, and whether somebody may be called for something now.
//!
//! Invariants: unknown is what nobody has asked; a given consent names the printed paper whose wording was agreed to, and
//! that very wording names the purpose: a newer one neither widens nor revives what was agreed to on an older one (policy
//! 9.1); a sheet that was taken back gives nothing again; leave to call is asked for at the moment of the call and answered
//! by what stands then.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use contract::ui::{
    ConsentArgs, ConsentRow, ConsentView, ContactArgs, ContactLeave, ContactWhy, PersonCard, PhoneView, Purpose,
};
use documents::FormKind;
use domain::{
    Command, PaperId, PersonId,
    person::{Channel, Consent, ConsentAnswer, ConsentKind, ConsentRecord, ConsentStatus, Person},
};
use store::{PersonRecord, Store};

use super::{
    people,
    scene::{Scene, phone_view},
};
use crate::{session::Seat, trouble::DeskError};

/// Kinds in the order of a card.
const KINDS: [ConsentKind; 5] = [
    ConsentKind::Processing,
    ConsentKind::Reminders,
    ConsentKind::Newsletter,
    ConsentKind::Advertising,
    ConsentKind::Disclosure,
];
/// What is entered was said in the past; clocks differ by so much.
const AHEAD: Duration = Duration::minutes(5);

/// The form whose signature gives the consent.
fn form_of(kind: ConsentKind) -> Option<&'static str> {
    match kind {
        ConsentKind::Processing | ConsentKind::Reminders => Some("consent_pd"),
        ConsentKind::Newsletter | ConsentKind::Advertising => Some("consent_advertising"),
        ConsentKind::Disclosure => Some("disclosure_permission"),
        ConsentKind::Unknown => None,
    }
}

/// Writes a consent or its opposite down. What was said is a fact: it is written of somebody blocked too.
pub(crate) async fn consent_record(seat: &Seat, args: ConsentArgs) -> Result<PersonCard, DeskError> {
    let scene = Scene::of(seat).await?;
    let store = &seat.open.store;
    let person = store.person(&args.person).await?.ok_or(DeskError::NotFound)?;
    let form = form_of(args.kind).ok_or(DeskError::BadInput("kind"))?;
    if args.channel == Channel::Unknown {
        return Err(DeskError::BadInput("channel"));
    }
    let said_at = args.said_at.unwrap_or(scene.now);
    if said_at > scene.now + AHEAD {
        return Err(DeskError::BadInput("said_at"));
    }
    let given = args.answer == ConsentAnswer::Given;
    let paper = match &args.paper {
        Some(id) => {
            let known = person.state.papers.iter().find(|paper| paper.id == *id);
            Some(known.ok_or(DeskError::BadInput("paper"))?)
        }
        None => None,
    };
    // the wording of another form says nothing of this
    if given && paper.is_none_or(|paper| paper.form != form) {
        return Err(DeskError::BadInput("paper"));
    }
    if let Some(paper) = paper.filter(|_| given) {
        // by a text that this desk does not have nobody is offered anything; of a reminder it is taken on trust
        let named = Texts::of(store, form).await?.name(&paper.text_sha256, args.kind);
        if !named.unwrap_or(args.kind == ConsentKind::Reminders) {
            return Err(DeskError::BadInput("paper_text"));
        }
        if is_taken_back(&person.state, args.kind, &paper.id, said_at) {
            return Err(DeskError::BadInput("paper_taken_back"));
        }
    }
    if args.valid_until.is_some_and(|last| !given || last < scene.today()) {
        return Err(DeskError::BadInput("valid_until"));
    }
    let consent = Consent {
        kind: args.kind,
        answer: args.answer,
        said_at,
        channel: args.channel,
        text_sha256: paper.map(|paper| paper.text_sha256.clone()),
        paper: args.paper.clone(),
        valid_until: args.valid_until,
    };
    seat.act(person.id.clone(), person.version, Command::PersonRecordConsent { consent }, None).await?;
    people::card(seat, store, &args.person).await
}

/// The sheet gave this consent before, and it was taken back since: that needs a new signature.
fn is_taken_back(person: &Person, kind: ConsentKind, sheet: &PaperId, said_at: DateTime<Utc>) -> bool {
    let of_kind = || person.consents.iter().map(|row| &row.consent).filter(|consent| consent.kind == kind);
    let gave = |consent: &&Consent| consent.answer == ConsentAnswer::Given;
    of_kind().filter(gave).filter(|consent| consent.paper.as_ref() == Some(sheet)).any(|given| {
        let between = given.said_at..=said_at;
        of_kind().any(|consent| consent.answer != ConsentAnswer::Given && between.contains(&consent.said_at))
    })
}

/// The texts of a form that this desk has, the clinic's and the program's, by their hash.
pub(super) struct Texts(BTreeMap<String, String>);

impl Texts {
    pub(super) async fn of(store: &Store, form: &str) -> Result<Self, DeskError> {
        let kept = store.wordings(Some(form)).await?;
        let mut texts: BTreeMap<String, String> = kept.into_iter().map(|kept| (kept.sha256, kept.text)).collect();
        if let Ok(form) = form.parse::<FormKind>() {
            texts.insert(documents::revision(form.wording())?.sha256, form.wording().to_owned());
        }
        Ok(Self(texts))
    }

    /// Whether a text names a purpose; none: the text is not here.
    fn name(&self, sha256: &str, kind: ConsentKind) -> Option<bool> {
        if matches!(kind, ConsentKind::Processing | ConsentKind::Disclosure) {
            return Some(true);
        }
        self.0.get(sha256).map(|text| names(text, kind))
    }

    /// Whether a consent stands on a day, for what its own text names.
    pub(super) fn stands(&self, person: &Person, kind: ConsentKind, today: NaiveDate) -> bool {
        person.consent_status(kind, today) == ConsentStatus::Given && !self.is_beyond(person, kind)
    }

    /// The text that was agreed to is here, and does not name the purpose.
    fn is_beyond(&self, person: &Person, kind: ConsentKind) -> bool {
        let text = person.consent(kind).and_then(|row| row.consent.text_sha256.as_deref());
        text.and_then(|text| self.name(text, kind)) == Some(false)
    }
}

/// A purpose of its own has a square of its own to tick; of reminders the text says so.
fn names(text: &str, kind: ConsentKind) -> bool {
    let stems: &[&str] = match kind {
        ConsentKind::Newsletter => &["новост", "рассыл"],
        ConsentKind::Advertising => &["реклам"],
        ConsentKind::Reminders => return text.to_lowercase().contains("напомин"),
        ConsentKind::Processing | ConsentKind::Disclosure | ConsentKind::Unknown => return true,
    };
    let mut squares = false;
    text.lines().any(|line| {
        let line = line.trim();
        match line {
            "::checks" => squares = true,
            "::end" => squares = false,
            _ => {}
        }
        let line = line.to_lowercase();
        squares && line.starts_with("- ") && stems.iter().any(|stem| line.contains(stem))
    })
}

/// Every kind with its history.
pub(super) fn views(scene: &Scene, person: &Person) -> Vec<ConsentView> {
    let of_kind = |kind| {
        let mut rows: Vec<&ConsentRecord> = person.consents.iter().filter(|row| row.consent.kind == kind).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.consent.said_at, row.recorded_at)));
        let history = rows.into_iter().map(|row| self::row(scene, person, row)).collect();
        ConsentView { kind, status: person.consent_status(kind, scene.today()), history }
    };
    KINDS.into_iter().map(of_kind).collect()
}

fn row(scene: &Scene, person: &Person, row: &ConsentRecord) -> ConsentRow {
    let paper = row.consent.paper.as_ref().and_then(|id| person.papers.iter().find(|paper| paper.id == *id));
    ConsentRow {
        id: row.id.clone(),
        answer: row.consent.answer,
        said_at: row.consent.said_at,
        recorded_at: row.recorded_at,
        recorded_by: scene.staff_name(&row.recorded_by),
        channel: row.consent.channel,
        paper: row.consent.paper.clone(),
        revision: paper.map(|paper| paper.revision),
        valid_until: row.consent.valid_until,
    }
}

/// Says whether somebody may be called for this now, and gives the number only then.
pub(crate) async fn contact_ask(seat: &Seat, args: ContactArgs) -> Result<ContactLeave, DeskError> {
    let store = &seat.open.store;
    let scene = Scene::of(seat).await?;
    let (subject, answer, phones) = match (&args.person, &args.request) {
        (Some(id), None) => {
            let person = store.person(id).await?.ok_or(DeskError::NotFound)?;
            let why = why(seat, &scene, &person, args.purpose).await?;
            (id.to_string(), why, person.personal.phones.iter().map(phone_view).collect::<Vec<PhoneView>>())
        }
        (None, Some(id)) => {
            let request = store.request(id).await?.ok_or(DeskError::NotFound)?;
            let why = match (&request.state.person, args.purpose) {
                _ if request.blocked => ContactWhy::Blocked,
                (_, Purpose::Service) => ContactWhy::OwnRequest,
                (Some(person), purpose) => {
                    let person = store.person(person).await?.ok_or(DeskError::NotFound)?;
                    why(seat, &scene, &person, purpose).await?
                }
                // the use of the site is not a consent
                (None, _) => ContactWhy::NotAsked,
            };
            (id.to_string(), why, request.personal.phone.iter().map(phone_view).collect())
        }
        _ => return Err(DeskError::BadInput("person")),
    };
    let allowed = matches!(answer, ContactWhy::OwnRequest | ContactWhy::ComingVisit | ContactWhy::Consented);
    let verb = if allowed { "contact.allowed" } else { "contact.refused" };
    store.audit(seat.entry(verb).about(&subject).with(&format!("{:?} {answer:?}", args.purpose))).await?;
    Ok(ContactLeave { allowed, why: answer, phones: if allowed { phones } else { Vec::new() } })
}

async fn why(seat: &Seat, scene: &Scene, person: &PersonRecord, purpose: Purpose) -> Result<ContactWhy, DeskError> {
    let stands = |kind| person.state.consent_status(kind, scene.today());
    let offered = async |kind| match by_consent(stands(kind)) {
        ContactWhy::Consented => {
            let texts = Texts::of(&seat.open.store, "consent_advertising").await?;
            let beyond = texts.is_beyond(&person.state, kind);
            Ok::<_, DeskError>(if beyond { ContactWhy::NotInText } else { ContactWhy::Consented })
        }
        why => Ok(why),
    };
    Ok(match purpose {
        _ if person.blocked => ContactWhy::Blocked,
        Purpose::Service => ContactWhy::OwnRequest,
        // a service notice on the person's own visit, unless they do not want it
        Purpose::Reminder => match stands(ConsentKind::Reminders) {
            ConsentStatus::Refused => ContactWhy::Refused,
            ConsentStatus::Withdrawn => ContactWhy::Withdrawn,
            _ if visit_to_come(seat, scene, &person.id).await? => ContactWhy::ComingVisit,
            _ => ContactWhy::NoVisit,
        },
        Purpose::Newsletter => offered(ConsentKind::Newsletter).await?,
        Purpose::Advertising => offered(ConsentKind::Advertising).await?,
    })
}

fn by_consent(status: ConsentStatus) -> ContactWhy {
    match status {
        ConsentStatus::Given => ContactWhy::Consented,
        ConsentStatus::Unknown => ContactWhy::NotAsked,
        ConsentStatus::Refused => ContactWhy::Refused,
        ConsentStatus::Withdrawn => ContactWhy::Withdrawn,
        ConsentStatus::Expired => ContactWhy::Expired,
    }
}

async fn visit_to_come(seat: &Seat, scene: &Scene, person: &PersonId) -> Result<bool, DeskError> {
    let now = scene.wall(scene.now);
    let visits = seat.open.store.visits_of_person(person).await?;
    Ok(visits.iter().any(|visit| visit.state.status.is_expected() && visit.state.slot.start > now))
}
