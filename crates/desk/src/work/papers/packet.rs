//! The papers of a visit, and of all visits of a day: what is still to be printed, and printing it one by one.
//!
//! Invariants: each paper of a packet passes the same checks as one printed by hand; what waits to be signed is not
//! printed again; a paper that fails stops nothing but itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use contract::ui::{
    Nothing, PacketArgs, PacketKind, PacketKindsArgs, PacketPaper, PacketPrintArgs, PacketPrinted, PacketView,
    PacketVisit, PrintArgs,
};
use documents::FormKind;
use domain::paper::{Wanted, Weight, age_group, packet};
use store::PersonRecord;

use super::{
    super::scene::{Scene, day_span, person_row},
    Order,
    check::{self, Subject},
    kinds::{Kind, Kinds},
    paper_print, prepare,
    ways::MOST_COPIES,
};
use crate::{session::Seat, trouble::DeskError};

const SETTING: &str = "papers.packet";

/// Until the clinic says otherwise: what a first visit needs; each once.
const USUAL: [FormKind; 4] = [
    FormKind::ConsentPd,
    FormKind::InterventionConsent,
    FormKind::InterventionConsentRepresentative,
    FormKind::MinorContractConsent,
];

/// What is to be printed for one visit, or for all of a day.
pub(crate) async fn packet_view(seat: &Seat, args: PacketArgs) -> Result<PacketView, DeskError> {
    let all = Kinds::of(&seat.open.store).await?;
    let kinds = set(seat, &all).await?;
    let scene = Scene::of(seat).await?;
    let (from, to) = day_span(args.day).ok_or(DeskError::BadInput("day"))?;
    let mut visits = seat.open.store.visits_between(from, to).await?;
    visits
        .retain(|visit| visit.state.status.occupies() && args.visit.as_ref().is_none_or(|wanted| *wanted == visit.id));
    visits.sort_by(|one, other| (one.state.slot.start, &one.id).cmp(&(other.state.slot.start, &other.id)));
    let people: Vec<_> = visits.iter().map(|visit| visit.state.person.clone()).collect();
    let people = seat.open.store.people_names(&people).await?;
    let doctors = seat.open.store.practitioners().await?;
    let doctors: BTreeMap<_, _> = doctors.into_iter().map(|doctor| (doctor.id, doctor.personal.name.short())).collect();
    let mut rows = Vec::with_capacity(visits.len());
    let mut seen = BTreeSet::new();
    for visit in &visits {
        // somebody who comes twice on a day signs once
        let Some(person) = people.get(&visit.state.person).filter(|person| seen.insert(person.id.clone())) else {
            continue;
        };
        rows.push(PacketVisit {
            visit: visit.id.clone(),
            start: visit.state.slot.start,
            practitioner: doctors.get(&visit.state.slot.practitioner).cloned().unwrap_or_default(),
            person: person_row(person),
            papers: papers(&all, &kinds, person, &Subject::of(seat, &scene, person).await?, args.day)?,
        });
    }
    Ok(PacketView { day: args.day, kinds, visits: rows })
}

fn papers(
    all: &Kinds,
    kinds: &[PacketKind],
    person: &PersonRecord,
    subject: &Subject<'_>,
    day: NaiveDate,
) -> Result<Vec<PacketPaper>, DeskError> {
    let wanted: Vec<_> = kinds.iter().map(|kind| Wanted { form: &kind.form, once: kind.once }).collect();
    // what was signed in a text that has changed too much since is signed anew
    let holds = |form: &str, revision: u32| all.find(form).is_none_or(|kind| revision >= kind.signed_from);
    let signed: Vec<_> = person
        .state
        .papers
        .iter()
        .filter(|paper| paper.stage().is_signed() && holds(&paper.form, paper.revision))
        .map(|paper| paper.form.as_str())
        .collect();
    let mut papers = Vec::new();
    for form in packet(&wanted, age_group(person.personal.birth_date, day), &signed) {
        let mut findings = check::of_person(form, subject, None, Some(day));
        // what is only good to know is said on the paper's own preview
        findings.retain(|finding| finding.weight > Weight::Note);
        papers.push(PacketPaper {
            form: form.to_owned(),
            title: all.title(form),
            copies: kinds.iter().find(|kind| kind.form == form).map_or(1, |kind| kind.copies),
            waits: person.state.papers.iter().any(|paper| paper.form == form && paper.awaits_signature()),
            findings,
        });
    }
    Ok(papers)
}

/// Prints one paper of a packet, or says what has to be answered first.
pub(crate) async fn packet_print(seat: &Seat, args: PacketPrintArgs) -> Result<PacketPrinted, DeskError> {
    let store = &seat.open.store;
    let all = Kinds::of(store).await?;
    let kind = all.offered(&args.form)?;
    if !kind.is_of_person() {
        return Err(DeskError::BadInput("form"));
    }
    let visit = store.visit(&args.visit).await?.ok_or(DeskError::NotFound)?;
    let person = store.person(&visit.state.person).await?.ok_or(DeskError::NotFound)?;
    let order = Order { visit: Some(&visit), ..Order::of(kind, Some(&person)) };
    let preview = prepare(seat, order).await?;
    let weight = check::gravest(&preview.findings);
    if weight == Weight::Refuse || (weight == Weight::Ask && !args.confirmed) {
        return Ok(PacketPrinted { printer: None, findings: preview.findings });
    }
    let copies = set(seat, &all).await?.iter().find(|kind| kind.form == args.form).map_or(1, |kind| kind.copies);
    let mut way = preview.way;
    way.copies = copies;
    let printed = paper_print(seat, PrintArgs { paper: preview.paper, way, confirmed: args.confirmed }).await?;
    Ok(PacketPrinted { printer: Some(printed.printer), findings: preview.findings })
}

/// Sets what is printed for each visit, in which order, and how many copies.
pub(crate) async fn packet_kinds(seat: &Seat, args: PacketKindsArgs) -> Result<Nothing, DeskError> {
    let all = Kinds::of(&seat.open.store).await?;
    for kind in &args.kinds {
        let known = all.offered(&kind.form).is_ok_and(Kind::is_of_person);
        if !known || args.kinds.iter().filter(|other| other.form == kind.form).count() > 1 {
            return Err(DeskError::BadInput("form"));
        }
        if !(1..=MOST_COPIES).contains(&kind.copies) {
            return Err(DeskError::BadInput("copies"));
        }
    }
    let text = serde_json::to_string(&args.kinds).map_err(|_| DeskError::Broken("a packet cannot be written"))?;
    seat.open.store.set_setting(SETTING, &text).await?;
    seat.open.store.audit(seat.entry("papers.packet_set")).await?;
    Ok(Nothing {})
}

/// What is printed for each visit, less what is not offered any more.
async fn set(seat: &Seat, all: &Kinds) -> Result<Vec<PacketKind>, DeskError> {
    let kept = seat.open.store.setting(SETTING).await?;
    let usual = || {
        let kind = |form: &FormKind| PacketKind {
            form: form.code().to_owned(),
            title: form.title_ru().to_owned(),
            once: true,
            copies: 1,
        };
        USUAL.iter().map(kind).collect()
    };
    let mut set: Vec<PacketKind> = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(usual);
    set.retain(|kind| all.offered(&kind.form).is_ok());
    Ok(set)
}
