//! Incidents: how it came to it, and whose data it was, by what this desk has.
//!
//! Invariants: whose data it was is counted anew each time; categories are said, never values; a person is told of the kind of
//! what happened in the program's words, and never of anybody else.

use std::collections::BTreeSet;

use contract::ui::{AffectedRow, AffectedView, CaseArgs, IncidentView};
use domain::{
    PersonId,
    case::{CaseKind, IncidentKind},
    hours::instant_of,
    person::PersonSource,
    personal::IncidentPersonal,
};
use store::{CaseRecord, PersonRecord, Store};

use super::{
    queue::count,
    scene::{Scene, person_row},
};
use crate::{input, session::Seat, trouble::DeskError};

/// Rows of a list; everybody is counted.
const SHOWN: usize = 200;
/// Rows of the audit chain that are looked through.
const LOOKED: u32 = 50_000;
const MOST_NAMED: usize = 500;

/// Whose data an incident is about.
pub(super) struct Affected {
    pub(super) people: Vec<AffectedRow>,
    basis: &'static str,
}

impl Affected {
    pub(super) fn categories(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.people.iter().flat_map(|one| &one.data).collect();
        all.into_iter().cloned().collect()
    }
}

/// The list for the window; that it was looked at is noted.
pub(crate) async fn case_affected(seat: &Seat, args: CaseArgs) -> Result<AffectedView, DeskError> {
    let (scene, store) = (Scene::of(seat).await?, seat.open.store.for_check());
    let case = store.case(&args.id).await?.ok_or(DeskError::NotFound)?;
    if case.state.kind != CaseKind::Incident {
        return Err(DeskError::BadInput("id"));
    }
    seat.viewed("case.affected", args.id.as_str()).await?;
    let mut affected = affected(&store, &scene, seat, &case).await?;
    let all = count(affected.people.len());
    affected.people.truncate(SHOWN);
    Ok(AffectedView { people: affected.people, count: all, basis: affected.basis.to_owned() })
}

/// Everybody whose data it was.
pub(super) async fn affected(
    store: &Store,
    scene: &Scene,
    seat: &Seat,
    case: &CaseRecord,
) -> Result<Affected, DeskError> {
    let told = case.personal.incident.as_ref();
    let named: BTreeSet<&PersonId> = told.iter().flat_map(|told| &told.people).collect();
    let kind = told.map_or(IncidentKind::Unknown, |told| told.kind);
    let everybody = store.everybody().await?;
    let (basis, chosen): (_, Vec<&PersonRecord>) = match kind {
        IncidentKind::LostComputer => (
            "все, чьи карточки были на рабочем месте: каждое рабочее место хранит все",
            everybody.iter().map(|one| &**one).collect(),
        ),
        IncidentKind::LeakedOutside if named.is_empty() => {
            let from_site = |one: &&PersonRecord| one.state.source == PersonSource::Site;
            ("все, чьи данные пришли с сайта", everybody.iter().map(|one| &**one).filter(from_site).collect())
        }
        IncidentKind::UnauthorisedAccess if named.is_empty() => {
            let from = told.and_then(|told| told.from).unwrap_or(case.state.received_at - chrono::Duration::days(1));
            let to = told.and_then(|told| told.to).unwrap_or(scene.now);
            let rows = seat.open.store.audit_between(from, to, LOOKED).await?;
            let seen: BTreeSet<String> = rows.into_iter().filter_map(|row| row.entry.subject).collect();
            let was_seen = |one: &&PersonRecord| seen.contains(one.id.as_str());
            let chosen = everybody.iter().map(|one| &**one).filter(was_seen).collect();
            ("те, чьи карточки за это время открывали или меняли на этом рабочем месте", chosen)
        }
        _ => {
            let was_named = |one: &&PersonRecord| named.contains(&one.id);
            ("те, кого назвали в карточке инцидента", everybody.iter().map(|one| &**one).filter(was_named).collect())
        }
    };
    let told_already = |one: &PersonRecord| one.state.papers.iter().any(|paper| paper.form == "leak_notice");
    let people = chosen
        .into_iter()
        .map(|one| AffectedRow { person: person_row(one), data: categories(one), told: told_already(one) })
        .collect();
    Ok(Affected { people, basis })
}

fn categories(person: &PersonRecord) -> Vec<String> {
    let card = &person.personal;
    let all = [
        (true, "фамилия, имя, отчество"),
        (!card.phones.is_empty(), "телефон"),
        (card.email.is_some(), "электронная почта"),
        (card.birth_date.is_some(), "дата рождения"),
        (card.note.is_some(), "заметки"),
        (true, "сведения о записи на приём"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words.to_owned()).collect()
}

/// What happened, as it may be told to each of them.
pub(super) fn told_to_each(kind: Option<IncidentKind>) -> &'static str {
    match kind {
        Some(IncidentKind::LostComputer) => {
            "утрачен компьютер клиники, на котором в зашифрованном виде хранились данные"
        }
        Some(IncidentKind::WrongPerson) => "сведения о вас были по ошибке сообщены или переданы другому человеку",
        Some(IncidentKind::UnauthorisedAccess) => "с вашими данными ознакомился тот, кто не имел на это права",
        Some(IncidentKind::LeakedOutside) => {
            "данные стали доступны посторонним на сайте или у того, кто обрабатывает их по поручению клиники"
        }
        Some(IncidentKind::LostPaper) => "утрачен бумажный документ с вашими данными",
        Some(IncidentKind::Unknown) | None => "",
    }
}

/// What was typed, as it is kept.
pub(super) fn entered(scene: &Scene, view: &IncidentView) -> Result<IncidentPersonal, DeskError> {
    if view.kind == IncidentKind::Unknown {
        return Err(DeskError::BadInput("incident.kind"));
    }
    if view.people.len() > MOST_NAMED {
        return Err(DeskError::BadInput("incident.people"));
    }
    let moment = |field: &'static str, wall: Option<chrono::NaiveDateTime>| match wall {
        None => Ok(None),
        // a leak is not in the future
        Some(wall) => {
            instant_of(scene.zone(), wall).filter(|at| *at <= scene.now).map(Some).ok_or(DeskError::BadInput(field))
        }
    };
    let text =
        |field: &'static str, text: &str| Ok::<_, DeskError>(input::long(field, Some(text))?.unwrap_or_default());
    let (from, to) = (moment("incident.from", view.from)?, moment("incident.to", view.to)?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(DeskError::BadInput("incident.to"));
    }
    Ok(IncidentPersonal {
        kind: view.kind,
        from,
        to,
        causes: text("incident.causes", &view.causes)?,
        harm: text("incident.harm", &view.harm)?,
        measures: text("incident.measures", &view.measures)?,
        advice: text("incident.advice", &view.advice)?,
        people: view.people.clone(),
        circumstances: text("incident.circumstances", &view.circumstances)?,
        first_notice: text("incident.first_notice", &view.first_notice)?,
    })
}

/// The same for the window.
pub(super) fn shown(scene: &Scene, told: &IncidentPersonal) -> IncidentView {
    IncidentView {
        kind: told.kind,
        from: told.from.map(|at| scene.wall(at)),
        to: told.to.map(|at| scene.wall(at)),
        causes: told.causes.clone(),
        harm: told.harm.clone(),
        measures: told.measures.clone(),
        advice: told.advice.clone(),
        people: told.people.clone(),
        circumstances: told.circumstances.clone(),
        first_notice: told.first_notice.clone(),
    }
}
