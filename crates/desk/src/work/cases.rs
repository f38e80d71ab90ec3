//! Cases («обращения»): the register, its terms, and what is done step by step.
//!
//! Invariants: a disputed record is blocked before anything else is written; advertising ends with the withdrawal, not
//! with its answer; the number is of this desk's own series and final when it is printed; a case of somebody blocked comes
//! out as a stub, and whole only to whoever checks the data.

use contract::ui::{
    CaseArgs, CaseCard, CaseDueView, CasePutArgs, CaseRow, CaseStepArgs, CaseStepBackArgs, CaseStepView, CasesArgs,
    CasesView,
};
use domain::{
    CaseId, Command, DeskId, PersonId,
    action::CaseCard as Card,
    case::{Case, CaseDue, CaseKind, CaseMove, CaseNumber},
    hours::instant_of,
    person::{BlockRequester, Channel, Consent, ConsentAnswer, ConsentKind, ConsentStatus},
    personal::{CasePersonal, NotePersonal},
    staff::Permission,
    terms::{Due, Law, Level, ProductionCalendar},
};
use store::{BLOCKED, CaseRecord, Store};
use tokio::sync::Mutex;

use super::{
    destruction, incidents,
    papers::{case_forms, case_papers},
    queue::count,
    scene::{Scene, person_row},
};
use crate::{
    input,
    platform::random::id_bytes,
    session::{Seat, Seen, part},
    trouble::DeskError,
};

/// Signs of a desk's id that tell its series from those of others.
const SERIES: usize = 3;
/// Two that are registered in one moment do not get one number.
static NUMBERING: Mutex<()> = Mutex::const_new(());

fn law(scene: &Scene) -> Law {
    Law::shipped(scene.zone())
}

/// «12-K2M/2026».
pub(super) fn numbered(case: &Case) -> String {
    let CaseNumber { year, n } = case.number;
    format!("{n}-{}/{year}", series(&case.desk))
}

fn series(desk: &DeskId) -> String {
    let text = desk.as_str();
    text.get(text.len().saturating_sub(SERIES)..).unwrap_or(text).to_uppercase()
}

/// The number of a case, to name it by.
pub(super) async fn title(store: &Store, id: &CaseId) -> Result<String, DeskError> {
    let number = store.case(id).await?.map(|case| numbered(&case.state)).unwrap_or_default();
    Ok(format!("Обращение {number}").trim_end().to_owned())
}

/// The register.
pub(crate) async fn cases_list(seat: &Seat, args: CasesArgs) -> Result<CasesView, DeskError> {
    let scene = Scene::of(seat).await?;
    let cases = seat.open.store.cases().await?;
    let law = law(&scene);
    let mut rows: Vec<CaseRow> = cases.iter().map(|case| row(&scene, &law, case)).collect();
    let at = |level| count(rows.iter().filter(|row| urgent(row) == Some(level)).count());
    let (overdue, pressing) = (at(Level::Overdue), at(Level::Pressing).saturating_add(at(Level::Half)));
    rows.retain(|row| args.all || row.open);
    rows.sort_by_key(|row| (!row.open, row.due.is_none(), row.due.as_ref().map(|due| due.until), row.received_at));
    Ok(CasesView { rows, overdue, pressing, known_until: ProductionCalendar::default().known_until() })
}

fn urgent(row: &CaseRow) -> Option<Level> {
    row.due.as_ref().filter(|_| row.open).map(|due| due.level)
}

fn row(scene: &Scene, law: &Law, case: &CaseRecord) -> CaseRow {
    CaseRow {
        id: case.id.clone(),
        number: numbered(&case.state),
        kind: case.state.kind,
        status: case.state.status(),
        who: case.personal.who.clone(),
        received_at: case.state.received_at,
        due: case
            .state
            .next_due(law)
            .filter(|_| case.state.is_open())
            .map(|due| due_view(scene, CaseDue { due, met_at: None })),
        held: case.state.is_held(),
        open: case.state.is_open(),
        certainty: case.certainty,
    }
}

fn due_view(scene: &Scene, known: CaseDue) -> CaseDueView {
    // what was done in time stays what it was then
    let level = known.due.level(known.met_at.unwrap_or(scene.now));
    let Due { term, until, day, moved, provisional, .. } = known.due;
    CaseDueView { term, until, day, moved, provisional, level, met_at: known.met_at }
}

/// One case; that is written in the audit chain.
pub(crate) async fn case_card(seat: &Seat, args: CaseArgs) -> Result<CaseCard, DeskError> {
    seat.viewed("case.view", args.id.as_str()).await?;
    card(seat, &seat.open.store, &args.id).await
}

/// The whole card of a case of somebody blocked, for whoever checks the data; that is written in the audit chain.
pub(crate) async fn case_check(seat: &Seat, args: CaseArgs) -> Result<CaseCard, DeskError> {
    seat.viewed("case.check", args.id.as_str()).await?;
    card(seat, &seat.open.store.for_check(), &args.id).await
}

async fn card(seat: &Seat, store: &Store, id: &CaseId) -> Result<CaseCard, DeskError> {
    let scene = Scene::of(seat).await?;
    let law = law(&scene);
    let case = store.case(id).await?.ok_or(DeskError::NotFound)?;
    let person = match &case.personal.person {
        Some(person) => store.person(person).await?,
        None => None,
    };
    let person_gone_at = match &case.personal.person {
        Some(id) if person.is_none() => store.erased(&[id.to_string()]).await?.first().map(|erased| erased.at),
        _ => None,
    };
    let role = seat.staff.state.role;
    let mut moves = case.state.moves();
    moves.retain(|step| role.may(Command::CaseStep { step: *step }.permission()));
    let last = case.state.steps.last().map(|step| step.id.clone());
    let steps = case.state.steps.iter().map(|step| CaseStepView {
        id: step.id.clone(),
        step: step.step,
        at: step.at,
        by: scene.staff_name(&step.by),
        words: case.notes.get(step.id.as_str()).cloned(),
        can_take_back: last.as_ref() == Some(&step.id) && (step.by == scene.me || role.may(Permission::AnswerCases)),
    });
    let blockable = person.as_ref().is_some_and(|person| !person.blocked) && case.state.is_open();
    let destroyed = match &case.personal.destroyed {
        Some(told) => Some(destruction::destroyed_view(seat, store, told).await?),
        None => None,
    };
    Ok(CaseCard {
        papers: case_papers(store, &scene, &case.state).await?,
        forms: if case.blocked && case.personal.who == BLOCKED { Vec::new() } else { case_forms(seat, &case) },
        incident: case.personal.incident.as_ref().map(|told| incidents::shown(&scene, told)),
        destroyed,
        person_gone_at,
        row: row(&scene, &law, &case),
        contact: case.personal.contact.clone(),
        substance: case.personal.substance.clone(),
        channel: case.state.channel,
        registered_at: case.state.registered_at,
        registered_by: scene.staff_name(&case.state.registered_by),
        dues: case.state.dues(&law).into_iter().map(|known| due_view(&scene, known)).collect(),
        steps: steps.collect(),
        moves,
        offers_block: case.state.kind.offers_block().filter(|_| blockable),
        etag: case.state.etag.clone(),
        blocked: case.blocked,
        whole: case.blocked && case.personal.who != BLOCKED,
        person: person.map(|person| person_row(&person)),
    })
}

/// Registers a case, or mends its card.
pub(crate) async fn case_put(seat: &Seat, args: CasePutArgs) -> Result<CaseCard, DeskError> {
    // an act is registered by what destroys
    if !CaseKind::ALL.contains(&args.kind) {
        return Err(DeskError::BadInput("kind"));
    }
    if args.channel == Channel::Unknown {
        return Err(DeskError::BadInput("channel"));
    }
    let (scene, store) = (Scene::of(seat).await?, &seat.open.store);
    let received_at = match args.received {
        None => scene.now,
        Some(wall) => {
            instant_of(scene.zone(), wall).filter(|at| *at <= scene.now).ok_or(DeskError::BadInput("received"))?
        }
    };
    let mut personal = entered(&scene, store, &args).await?;
    let put = Card { kind: args.kind, channel: args.channel };
    let Some(id) = args.id.clone() else {
        return register(seat, &scene, args, put, personal, received_at).await;
    };
    let whole = store.for_check().case(&id).await?.ok_or(DeskError::NotFound)?;
    let checks = seat.staff.state.role.may(Permission::UnblockPeople);
    super::blocks::usable(whole.blocked && !checks)?;
    personal.newer = whole.personal.newer.clone();
    personal.destroyed = whole.personal.destroyed.clone();
    // whoever mends the rest leaves what was written of an incident
    personal.incident = personal.incident.or(whole.personal.incident.clone());
    let (number, received_at) = (whole.state.number, whole.state.received_at);
    let seen = Seen { version: whole.version, etag: args.etag };
    seat.act(id.clone(), seen, Command::CasePut { case: put, number, received_at }, part(&personal)?).await?;
    card(seat, store, &id).await
}

async fn entered(scene: &Scene, store: &Store, args: &CasePutArgs) -> Result<CasePersonal, DeskError> {
    let who = match &args.person {
        // the register names people as they are named when it is written, blocked or not
        Some(person) => store.for_check().person(person).await?.ok_or(DeskError::NotFound)?.personal.name.full(),
        None => input::short("who", &args.who)?,
    };
    if who == BLOCKED {
        return Err(DeskError::BadInput("who"));
    }
    let incident = args.incident.as_ref().filter(|_| args.kind == CaseKind::Incident);
    Ok(CasePersonal {
        incident: incident.map(|view| incidents::entered(scene, view)).transpose()?,
        person: args.person.clone(),
        who,
        contact: input::line("contact", &args.contact)?,
        substance: input::long("substance", Some(&args.substance))?.ok_or(DeskError::BadInput("substance"))?,
        ..CasePersonal::default()
    })
}

async fn register(
    seat: &Seat,
    scene: &Scene,
    args: CasePutArgs,
    put: Card,
    personal: CasePersonal,
    received_at: chrono::DateTime<chrono::Utc>,
) -> Result<CaseCard, DeskError> {
    let store = &seat.open.store;
    let identity = input::long("identity", args.identity.as_deref())?;
    if let Some(requester) = args.block {
        block(seat, args.kind, personal.person.as_ref(), requester).await?;
    }
    if let Some(person) = personal.person.as_ref().filter(|_| args.kind.stops_advertising()) {
        end_advertising(seat, scene, person, args.channel, received_at).await?;
    }
    let id = CaseId::from_random(id_bytes()?);
    let numbering = NUMBERING.lock().await;
    let number = next_number(seat, scene).await?;
    seat.act(id.clone(), 0, Command::CasePut { case: put, number, received_at }, part(&personal)?).await?;
    drop(numbering);
    if let Some(text) = identity.filter(|_| args.kind.needs_identity()) {
        let step = Command::CaseStep { step: CaseMove::CheckIdentity };
        seat.act(id.clone(), 1, step, part(&NotePersonal { text })?).await?;
    }
    card(seat, store, &id).await
}

/// Registers what the program itself has to: it came now, and is nobody's request.
pub(super) async fn register_of_program(
    seat: &Seat,
    scene: &Scene,
    kind: CaseKind,
    channel: Channel,
    personal: &CasePersonal,
) -> Result<CaseId, DeskError> {
    let id = CaseId::from_random(id_bytes()?);
    let _numbering = NUMBERING.lock().await;
    let number = next_number(seat, scene).await?;
    let put = Command::CasePut { case: Card { kind, channel }, number, received_at: scene.now };
    seat.act(id.clone(), 0, put, part(personal)?).await?;
    Ok(id)
}

/// The next of this desk's series: a desk without a connection knows its own, and nobody else counts in it.
async fn next_number(seat: &Seat, scene: &Scene) -> Result<CaseNumber, DeskError> {
    let year = chrono::Datelike::year(&scene.today());
    let cases = seat.open.store.cases().await?;
    let own = cases.iter().filter(|case| case.state.desk == seat.open.meta.desk && case.state.number.year == year);
    let last = own.map(|case| case.state.number.n).max().unwrap_or_default();
    Ok(CaseNumber { year, n: last.saturating_add(1) })
}

/// What is disputed is not used from this moment on (policy 6.2.4).
async fn block(
    seat: &Seat,
    kind: CaseKind,
    person: Option<&PersonId>,
    requester: BlockRequester,
) -> Result<(), DeskError> {
    let ground = kind.offers_block().ok_or(DeskError::BadInput("block"))?;
    if requester == BlockRequester::Unknown {
        return Err(DeskError::BadInput("block"));
    }
    let id = person.ok_or(DeskError::BadInput("person"))?;
    let known = seat.open.store.person(id).await?.ok_or(DeskError::NotFound)?;
    seat.act(id.clone(), known.version, Command::PersonBlock { requester, ground }, None).await?;
    Ok(())
}

/// Nobody is offered anything from the moment on at which it was asked (38-ФЗ art. 18).
async fn end_advertising(
    seat: &Seat,
    scene: &Scene,
    person: &PersonId,
    channel: Channel,
    said_at: chrono::DateTime<chrono::Utc>,
) -> Result<(), DeskError> {
    for kind in [ConsentKind::Newsletter, ConsentKind::Advertising] {
        let known = seat.open.store.person(person).await?.ok_or(DeskError::NotFound)?;
        if known.state.consent_status(kind, scene.today()) == ConsentStatus::Withdrawn {
            continue;
        }
        let answer = ConsentAnswer::Withdrawn;
        let consent = Consent { kind, answer, said_at, channel, text_sha256: None, paper: None, valid_until: None };
        seat.act(person.clone(), known.version, Command::PersonRecordConsent { consent }, None).await?;
    }
    Ok(())
}

/// The next step of a case.
pub(crate) async fn case_step(seat: &Seat, args: CaseStepArgs) -> Result<CaseCard, DeskError> {
    let words = input::long("words", args.words.as_deref())?;
    if words.is_none() && args.step.needs_words() {
        return Err(DeskError::BadInput("words"));
    }
    let store = &seat.open.store;
    let known = store.case(&args.id).await?.ok_or(DeskError::NotFound)?;
    let note = match words {
        Some(text) => part(&NotePersonal { text })?,
        None => None,
    };
    seat.act(args.id.clone(), known.version, Command::CaseStep { step: args.step }, note).await?;
    card(seat, store, &args.id).await
}

/// Takes the last step back.
pub(crate) async fn case_step_back(seat: &Seat, args: CaseStepBackArgs) -> Result<CaseCard, DeskError> {
    let store = &seat.open.store;
    let known = store.case(&args.id).await?.ok_or(DeskError::NotFound)?;
    seat.act(args.id.clone(), known.version, Command::CaseRetract { step: args.step }, None).await?;
    card(seat, store, &args.id).await
}
