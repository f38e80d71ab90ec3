//! Destroying what is kept no longer: the queue of what is due, what stands against it, doing it, the act.
//!
//! Invariants: nothing is destroyed by time alone, somebody who may says so with their secret; a dispute in court, an open
//! case, a block, something that is not sent yet stop it, in words; a dispute that another desk notes meanwhile stops it at
//! the gateway, which knows that there is one and not whose; the act is registered before the first record goes; a record
//! goes here when the gateway has said yes, and nowhere before; what stays is said in the act.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::ui::{
    CopiesSwept, DeskHeard, DestroyArgs, DestroyedRow, DestroyedView, DestructionView, DueRow, DueWhose, Nothing,
};
use domain::{
    ActionId, CaseId, CertificateId, Command, EntityRef, Kopecks, PersonId, RequestId,
    case::{CaseKind, EraseGround},
    clinic::{LONGEST_KEPT, Practice},
    hours::instant_of,
    person::{Channel, ConsentKind, ConsentStatus},
    personal::{CasePersonal, DestroyedPersonal, DestroyedSubject},
};
use store::{CaseRecord, Store};

use super::{
    cases::{self, numbered},
    dossier,
    papers::asks,
    queue::count,
    scene::Scene,
};
use crate::{input, platform::files::remove, session::Seat, trouble::DeskError};

/// Rows of the queue.
const SHOWN: u32 = 100;
/// People, requests and certificates of one act.
const MOST: usize = 50;
/// The gateway is asked who has heard, and not waited for longer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// What is due.
pub(crate) async fn destruction_queue(seat: &Seat, _args: Nothing) -> Result<DestructionView, DeskError> {
    seat.viewed("destruction.view", seat.open.meta.desk.as_str()).await?;
    queue(seat, None).await
}

async fn queue(seat: &Seat, act: Option<CaseId>) -> Result<DestructionView, DeskError> {
    let (scene, store) = (Scene::of(seat).await?, seat.open.store.for_check());
    let practice = scene.clinic.as_ref().map(|clinic| clinic.practice.clone()).unwrap_or_default();
    let visits_from = before(&scene, practice.keep_visits_days)?;
    let requests_from = moment(&scene, before(&scene, practice.keep_requests_days)?)?;
    let against = Against::now(seat, &store).await?;
    let midnight = chrono::NaiveTime::MIN;
    let people = store.people_without_purpose(visits_from.and_time(midnight), requests_from, SHOWN + 1).await?;
    let people = people.into_iter().map(|person| DueWhose::Person { person: person.id.clone() });
    let requests = store.requests_closed_before(requests_from, SHOWN + 1).await?;
    let requests = requests.into_iter().map(|request| DueWhose::Request { request: request.id });
    let certificates = store.certificates_settled_before(moment(&scene, visits_from)?).await?;
    let certificates = certificates.into_iter().map(|known| DueWhose::Certificate { certificate: known.id });
    let (mut rows, mut listed) = (Vec::new(), BTreeSet::new());
    for whose in people.chain(requests).chain(certificates.take(SHOWN as usize)) {
        let found = Subject::of(&store, &scene, &against, &whose).await?;
        // what goes with a person has no row of its own
        if found.records.iter().all(|record| listed.contains(record)) {
            continue;
        }
        if let Some(row) = row(&scene, &against, &practice, whose, &found) {
            listed.extend(found.records);
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| row.due);
    let more = count(rows.len()) > SHOWN;
    rows.truncate(SHOWN as usize);
    Ok(DestructionView { rows, more, act })
}

/// The first day on which what was done is still kept.
fn before(scene: &Scene, days: u32) -> Result<NaiveDate, DeskError> {
    scene.today().checked_sub_days(Days::new(days.into())).ok_or(DeskError::Broken("the calendar ends"))
}

fn moment(scene: &Scene, day: NaiveDate) -> Result<DateTime<Utc>, DeskError> {
    instant_of(scene.zone(), day.and_time(chrono::NaiveTime::MIN)).ok_or(DeskError::Broken("the calendar ends"))
}

/// One row; none: its time has not come.
fn row(scene: &Scene, against: &Against, practice: &Practice, whose: DueWhose, found: &Subject) -> Option<DueRow> {
    let keep = match whose {
        DueWhose::Person { .. } | DueWhose::Certificate { .. } => practice.keep_visits_days,
        DueWhose::Request { .. } => practice.keep_requests_days,
    };
    let after = |days: u32| found.last.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    let due = after(keep);
    (due <= scene.today()).then(|| DueRow {
        holds: against.holds(found, EraseGround::TermOver),
        name: found.name.clone(),
        purpose: found.purpose.clone(),
        due,
        latest: after(LONGEST_KEPT),
        records: count(found.records.len()),
        whose,
    })
}

/// Somebody whose data may go.
#[derive(Default)]
struct Subject {
    name: String,
    /// The last purpose and its day.
    purpose: String,
    last: NaiveDate,
    records: Vec<EntityRef>,
    categories: Vec<String>,
    consents: Vec<String>,
    papers: Vec<domain::PaperId>,
    cases: Vec<CaseId>,
    blocked: bool,
    /// A visit that is yet to come; a request that is open.
    expected: bool,
    open_request: bool,
    /// A consent in force.
    agreed: bool,
    /// On certificates that stay.
    owed: Vec<Kopecks>,
}

impl Subject {
    async fn of(store: &Store, scene: &Scene, against: &Against, whose: &DueWhose) -> Result<Self, DeskError> {
        match whose {
            DueWhose::Person { person } => Self::person(store, scene, against, person).await,
            DueWhose::Request { request } => Self::request(store, scene, request).await,
            DueWhose::Certificate { certificate } => Self::certificate(store, scene, certificate).await,
        }
    }

    async fn person(store: &Store, scene: &Scene, against: &Against, id: &PersonId) -> Result<Self, DeskError> {
        let dossier = dossier::among(store, scene, id, &against.cases).await?;
        let visits = store.visits_of_person(id).await?;
        let requests = store.requests_of_person(id).await?;
        let state = &dossier.person.state;
        let day = |at: DateTime<Utc>| scene.wall(at).date();
        let visited = visits.iter().map(|visit| visit.state.slot.end.date()).max();
        let asked = requests.iter().filter_map(|request| request.state.closed_at).map(day).max();
        let made = day(state.created_at);
        let last = [visited, asked, Some(made)].into_iter().flatten().max().unwrap_or(made);
        let what = if Some(last) == visited {
            "приём"
        } else if Some(last) == asked {
            "обращение закрыто"
        } else {
            "карточка заведена"
        };
        let kinds = [ConsentKind::Newsletter, ConsentKind::Advertising, ConsentKind::Reminders];
        let given = |kind: &ConsentKind| state.consent_status(*kind, scene.today()) == ConsentStatus::Given;
        Ok(Self {
            name: dossier.person.personal.name.full(),
            purpose: format!("{what} {}", last.format("%d.%m.%Y")),
            last,
            blocked: state.is_blocked(),
            expected: visits.iter().any(|visit| visit.state.status.is_expected()),
            open_request: requests.iter().any(|request| request.state.status.is_open()),
            agreed: kinds.iter().any(given),
            categories: dossier.categories(),
            records: dossier.records,
            consents: dossier.consents,
            papers: dossier.papers,
            cases: dossier.cases,
            owed: dossier.owed,
        })
    }

    async fn request(store: &Store, scene: &Scene, id: &RequestId) -> Result<Self, DeskError> {
        let request = store.request(id).await?.ok_or(DeskError::NotFound)?;
        let last = scene.wall(request.state.closed_at.unwrap_or(request.state.received_at)).date();
        Ok(Self {
            name: request.personal.name_raw.clone(),
            purpose: format!("обращение закрыто {}", last.format("%d.%m.%Y")),
            last,
            records: vec![id.clone().into()],
            categories: vec!["имя, как его написали".into(), "контактные данные".into(), "текст обращения".into()],
            blocked: request.blocked,
            open_request: request.state.status.is_open(),
            ..Self::default()
        })
    }

    async fn certificate(store: &Store, scene: &Scene, id: &CertificateId) -> Result<Self, DeskError> {
        let certificate = store.certificate(id).await?.ok_or(DeskError::NotFound)?;
        let settled = certificate.state.settled_at().ok_or(DeskError::BadInput("whose"))?;
        let last = scene.wall(settled).date();
        Ok(Self {
            name: certificate.personal.buyer.unwrap_or_else(|| "покупатель не назван".to_owned()),
            purpose: format!("сертификат израсходован {}", last.format("%d.%m.%Y")),
            last,
            records: vec![id.clone().into()],
            categories: vec!["имена покупателя и получателя".into(), "сведения о покупке сертификата".into()],
            blocked: certificate.blocked,
            ..Self::default()
        })
    }
}

/// What may stand against a destruction, as it is now.
struct Against {
    cases: Vec<CaseRecord>,
    unsent: Vec<EntityRef>,
}

impl Against {
    async fn now(seat: &Seat, store: &Store) -> Result<Self, DeskError> {
        let outbox = seat.open.store.outbox().await?;
        let unsent = outbox.into_iter().flat_map(|record| record.envelope.action.touches()).collect();
        Ok(Self { cases: store.cases().await?, unsent })
    }

    /// The holds in force: none of them is about what is destroyed now.
    fn holds_seen(&self) -> BTreeSet<ActionId> {
        self.cases.iter().filter_map(|case| case.state.hold()).map(|step| step.id.clone()).collect()
    }

    /// In words; nothing stands against it: empty.
    fn holds(&self, of: &Subject, ground: EraseGround) -> Vec<String> {
        let asked = ground.is_asked_for();
        let mut holds = Vec::new();
        for case in self.cases.iter().filter(|case| of.cases.contains(&case.id)) {
            let number = numbered(&case.state);
            let asks = matches!(
                case.state.kind,
                CaseKind::Withdrawal | CaseKind::StopProcessing | CaseKind::Destruction | CaseKind::UnlawfulProcessing
            );
            if case.state.is_held() {
                holds.push(format!("спор в суде, обращение № {number}"));
            } else if case.state.is_open() && !(asked && asks) {
                holds.push(format!("обращение № {number} не закрыто"));
            }
        }
        let unsent = of.records.iter().any(|record| self.unsent.contains(record));
        let others = [
            (of.blocked && !asked, "данные заблокированы на время проверки"),
            (of.expected, "впереди приём: отмените или проведите его"),
            (of.open_request && !asked, "есть открытая заявка"),
            (of.agreed && !asked, "действует согласие на рассылку, рекламу или напоминания"),
            (unsent, "есть действия, которые ещё не отправлены"),
        ];
        holds.extend(others.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words.to_owned()));
        holds
    }
}

/// Destroys: registers the act and asks the gateway for each record.
pub(crate) async fn destruction_run(seat: &Seat, args: DestroyArgs) -> Result<DestructionView, DeskError> {
    let fits = (1..=MOST).contains(&args.whose.len()) && args.ground != EraseGround::Unknown;
    if !fits {
        return Err(DeskError::BadInput("whose"));
    }
    let reason = input::line("reason", &args.reason)?;
    if reason.is_empty() && args.ground.is_asked_for() && args.case.is_none() {
        return Err(DeskError::BadInput("reason"));
    }
    seat.confirm(&args.secret).await?;
    // a dispute that was marked at another desk must be known here
    if !seat.open.link.sync(PATIENCE * 5).await {
        return Err(DeskError::NotConnected);
    }
    let (scene, store) = (Scene::of(seat).await?, seat.open.store.for_check());
    let against = Against::now(seat, &store).await?;
    let mut told = DestroyedPersonal { ground: args.ground, reason, subjects: Vec::new(), left: Vec::new() };
    if let Some(case) = &args.case {
        let case = store.case(case).await?.ok_or(DeskError::BadInput("case"))?;
        told.reason = asks(&case.state);
    }
    let (mut papers, mut listed) = (Vec::new(), BTreeSet::new());
    for whose in &args.whose {
        let mut found = Subject::of(&store, &scene, &against, whose).await?;
        found.records.retain(|record| listed.insert(record.clone()));
        if !against.holds(&found, args.ground).is_empty() {
            return Err(DeskError::BadInput("holds"));
        }
        for case in against.cases.iter().filter(|case| found.cases.contains(&case.id)) {
            told.left.push(format!("обращение № {}: хранится как доказательство", numbered(&case.state)));
        }
        let owed = found.owed.into_iter().map(dossier::sum);
        told.left.extend(owed.map(|sum| format!("подарочный сертификат с остатком {sum}: до расчёта по нему")));
        papers.extend(found.papers);
        told.subjects.push(DestroyedSubject {
            name: found.name,
            categories: found.categories,
            records: found.records,
            consents: found.consents,
        });
    }
    told.left.extend(
        [
            "файлы, сохранённые или выгруженные за пределы программы, и бумажные документы: уничтожаются отдельно",
            "резервные копии на сервере: их перезаписывает тот, кто его обслуживает",
        ]
        .map(str::to_owned),
    );
    let act = CasePersonal {
        who: format!("субъектов: {}", told.subjects.len()),
        substance: "Уничтожение персональных данных".to_owned(),
        destroyed: Some(told.clone()),
        ..CasePersonal::default()
    };
    let id = cases::register_of_program(seat, &scene, CaseKind::DestructionAct, Channel::Desk, &act).await?;
    let erase = Command::Erase { ground: args.ground, holds_seen: against.holds_seen() };
    for record in told.subjects.iter().flat_map(|subject| &subject.records) {
        let version = version_of(&store, record).await?;
        seat.act(record.clone(), version, erase.clone(), None).await?;
    }
    remove_saved(seat, &papers).await;
    seat.open.link.ask();
    queue(seat, Some(id)).await
}

async fn version_of(store: &Store, record: &EntityRef) -> Result<u64, DeskError> {
    let version = match record {
        EntityRef::Person(id) => {
            store.cards_of_person(id).await?.iter().find(|card| card.id == *id).map(|card| card.version)
        }
        EntityRef::Request(id) => store.request(id).await?.map(|known| known.version),
        EntityRef::Appointment(id) => store.visit(id).await?.map(|known| known.version),
        EntityRef::Certificate(id) => store.certificate(id).await?.map(|known| known.version),
        _ => None,
    };
    version.ok_or(DeskError::NotFound)
}

/// Papers that were saved as files at this computer, under the program's own names.
async fn remove_saved(seat: &Seat, papers: &[domain::PaperId]) {
    let Some(folder) = seat.inner.around.documents.clone() else { return };
    let ids: Vec<String> = papers.iter().map(|paper| format!("-{paper}.pdf")).collect();
    let removed = tokio::task::spawn_blocking(move || {
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if ids.iter().any(|id| name.ends_with(id.as_str())) {
                remove(&entry.path())?;
            }
        }
        Ok::<_, std::io::Error>(())
    });
    if !matches!(removed.await, Ok(Ok(()))) {
        tracing::warn!("papers that were saved as files are still there");
    }
}

/// An act as its card shows it.
pub(super) async fn destroyed_view(
    seat: &Seat,
    store: &Store,
    told: &DestroyedPersonal,
) -> Result<DestroyedView, DeskError> {
    let ids: Vec<String> = told.subjects.iter().flat_map(|subject| &subject.records).map(ToString::to_string).collect();
    let remaining = store.still_here(&ids).await?;
    let erased = store.erased(&ids).await?;
    let done_at = erased.iter().map(|one| one.at).max().filter(|_| remaining == 0);
    let swept: Option<Vec<(u32, u32)>> = erased.iter().map(|one| one.copies).collect();
    let swept = swept.filter(|swept| !swept.is_empty());
    let most = |pick: fn(&(u32, u32)) -> u32| swept.iter().flatten().map(pick).max().unwrap_or_default();
    let copies =
        CopiesSwept { done: swept.is_some(), cleaned: most(|copies| copies.0), out_of_reach: most(|copies| copies.1) };
    let desks = match done_at {
        None => None,
        Some(done) => {
            let asked = tokio::time::timeout(PATIENCE, async { seat.open.link.transport().keys().await }).await;
            let now = seat.now();
            asked.ok().and_then(Result::ok).map(|known| {
                // who has heard when is said by the gateway's clock
                let done = done - (now - known.server_time);
                let inside = known.desks.into_iter().filter(|desk| desk.released_at.is_none());
                let heard = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at >= done);
                inside.map(|desk| DeskHeard { heard: heard(desk.caught_up_at), name: desk.name }).collect()
            })
        }
    };
    Ok(DestroyedView {
        ground: told.ground,
        reason: told.reason.clone(),
        subjects: told
            .subjects
            .iter()
            .map(|subject| DestroyedRow {
                name: subject.name.clone(),
                categories: subject.categories.clone(),
                records: count(subject.records.len()),
            })
            .collect(),
        left: told.left.clone(),
        remaining,
        done_at,
        copies,
        desks,
    })
}
