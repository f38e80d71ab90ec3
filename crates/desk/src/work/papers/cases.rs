//! Papers of a case: the receipt when it comes, the answer, the notices of an incident, the act of a destruction.
//!
//! Invariants: what stands on a paper is counted and gathered when it is prepared; an answer has what the desk holds on the
//! person who asked, and nothing on anyone else; the gateway learns the form of a sheet and never what is on it; of a case of
//! somebody blocked whoever may not check the data prints nothing.

use chrono::{DateTime, NaiveDate, Utc};
use contract::ui::{CaseForm, CasePaper, PreviewArgs};
use documents::{
    AuthorityContact, Claim, ClaimLetter, CommissionMember, Destruction, DisclosureOnPaper, Extension, FormKind,
    Incident, IncidentNotice, Inquiry, Intake, LeakNotice, Letter, LogRow, NumberedPaper, PaperData, PersonSheet,
    Refusal, RequestOnPaper, SubjectReply,
};
use domain::{
    case::{Case, CaseKind, CaseMove, EraseGround},
    personal::{DestroyedPersonal, IncidentPersonal},
    staff::Permission,
    terms::{Law, TermKind},
};
use store::{CaseRecord, PersonRecord, Store, Visible};

use super::{
    super::{
        cases::numbered,
        dossier::{self, channel_ru},
        incidents,
        scene::Scene,
    },
    at_in_zone,
    kinds::Kinds,
    on_paper,
};
use crate::{session::Seat, trouble::DeskError};

/// What a case is printed from.
pub(super) struct OfCase {
    pub(super) case: CaseRecord,
    /// Whose data are on the sheet.
    pub(super) person: Option<Visible<PersonRecord>>,
    pub(super) data: PaperData,
}

/// Forms of a case, in the order in which they are needed.
fn forms(case: &Case) -> Vec<(FormKind, bool)> {
    let did = |step: CaseMove| case.steps.iter().any(|done| done.step == step);
    let one = |form| vec![(form, false)];
    let mut all = match case.kind {
        CaseKind::Claim | CaseKind::ClaimMoney => one(FormKind::ClaimReceipt),
        CaseKind::Withdrawal => one(FormKind::Withdrawal),
        CaseKind::DisclosurePermission => one(FormKind::DisclosurePermission),
        CaseKind::Incident => vec![
            (FormKind::AuthorityFirstNotice, false),
            (FormKind::AuthorityResultNotice, false),
            (FormKind::LeakNotice, true),
        ],
        CaseKind::DestructionAct => vec![
            (FormKind::DestructionAct, false),
            (FormKind::DestructionLog, false),
            (FormKind::DestructionNotice, false),
        ],
        CaseKind::DisclosureAuthority | CaseKind::Unknown => Vec::new(),
        _ => one(FormKind::SubjectRequest),
    };
    if matches!(case.kind, CaseKind::Claim | CaseKind::ClaimMoney) && case.steps.iter().any(|s| s.step.is_answering()) {
        all.push((FormKind::ClaimAnswer, false));
    }
    let of_subject = case.kind.needs_identity() && case.kind != CaseKind::DisclosurePermission;
    if of_subject && did(CaseMove::CheckIdentity) {
        // nothing is answered before it was checked who asks
        if case.kind == CaseKind::Access {
            all.push((FormKind::SubjectAnswer, false));
        }
        all.extend(did(CaseMove::Extend).then_some((FormKind::SubjectExtension, false)));
        all.extend(did(CaseMove::Refuse).then_some((FormKind::SubjectRefusal, false)));
    }
    all
}

/// The same for the window; a whole answer is for whoever answers.
pub(crate) fn case_forms(seat: &Seat, case: &CaseRecord) -> Vec<CaseForm> {
    let answers = seat.staff.state.role.may(Permission::AnswerCases);
    let may = |form: FormKind| answers || is_receipt(form);
    // whose term was over has not asked, and is not written to
    let is_told = case.personal.destroyed.as_ref().is_some_and(|told| told.ground.is_asked_for());
    forms(&case.state)
        .into_iter()
        .filter(|(form, _)| may(*form) && (is_told || *form != FormKind::DestructionNotice))
        .map(|(form, to_each)| CaseForm { form: form.code().to_owned(), title: form.title_ru().to_owned(), to_each })
        .collect()
}

/// Sheets of a case, the newest first.
pub(crate) async fn case_papers(store: &Store, scene: &Scene, case: &Case) -> Result<Vec<CasePaper>, DeskError> {
    if case.papers.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = Kinds::of(store).await?;
    let view = |paper: &domain::person::PaperRecord| CasePaper {
        title: kinds.title(&paper.form),
        printed_by: scene.staff_name(&paper.printed_by),
        paper: paper.clone(),
    };
    Ok(case.papers.iter().rev().map(view).collect())
}

/// What comes in is received at the desk.
fn is_receipt(form: FormKind) -> bool {
    matches!(
        form,
        FormKind::ClaimReceipt | FormKind::Withdrawal | FormKind::DisclosurePermission | FormKind::SubjectRequest
    )
}

/// Gathers what a paper of a case says.
pub(super) async fn of_case(
    seat: &Seat,
    scene: &Scene,
    form: FormKind,
    args: &PreviewArgs,
) -> Result<OfCase, DeskError> {
    let id = args.case.as_ref().ok_or(DeskError::BadInput("case"))?;
    let role = seat.staff.state.role;
    let store = if role.may(Permission::UnblockPeople) { seat.open.store.for_check() } else { seat.open.store.clone() };
    let case = store.case(id).await?.ok_or(DeskError::NotFound)?;
    super::usable(case.blocked && !role.may(Permission::UnblockPeople))?;
    let (_, to_each) =
        forms(&case.state).into_iter().find(|(one, _)| *one == form).ok_or(DeskError::BadInput("form"))?;
    if !is_receipt(form) && !role.may(Permission::AnswerCases) {
        return Err(DeskError::Forbidden);
    }
    let whose = if to_each { args.person.clone() } else { case.personal.person.clone() };
    let person = match &whose {
        Some(person) => Some(store.person(person).await?.ok_or(DeskError::NotFound)?),
        None if to_each => return Err(DeskError::BadInput("person")),
        None => None,
    };
    let of = Of { seat, scene, case: &case, person: person.as_deref() };
    let data = of.data(&store, form).await?;
    Ok(OfCase { case, person, data })
}

struct Of<'a> {
    seat: &'a Seat,
    scene: &'a Scene,
    case: &'a CaseRecord,
    person: Option<&'a PersonRecord>,
}

impl Of<'_> {
    async fn data(&self, store: &Store, form: FormKind) -> Result<PaperData, DeskError> {
        Ok(match form {
            FormKind::ClaimReceipt | FormKind::ClaimAnswer => self.claim().into(),
            FormKind::SubjectAnswer => {
                let person = self.case.personal.person.as_ref().ok_or(DeskError::BadInput("person"))?;
                let dossier = dossier::of(store, self.scene, person).await?;
                self.seat.viewed("case.answer", self.case.id.as_str()).await?;
                let mut reply = self.reply();
                reply.purposes = dossier::purposes(self.scene);
                (reply.data, reply.events, reply.recipients) = (dossier.data, dossier.events, dossier.recipients);
                reply.into()
            }
            FormKind::SubjectExtension | FormKind::SubjectRefusal => self.reply().into(),
            FormKind::AuthorityFirstNotice | FormKind::AuthorityResultNotice => self.notice(store).await?.into(),
            FormKind::LeakNotice => self.leak(store).await?.into(),
            FormKind::DestructionAct | FormKind::DestructionLog => self.destruction(store).await?.into(),
            FormKind::DestructionNotice => self.destruction_notice(store).await?.into(),
            _ => self.sheet().into(),
        })
    }

    fn at(&self, at: DateTime<Utc>) -> Option<DateTime<chrono::FixedOffset>> {
        Some(at_in_zone(self.scene, at))
    }

    fn name(&self) -> String {
        self.person.map_or_else(|| self.case.personal.who.clone(), |person| person.personal.name.full())
    }

    fn number(&self) -> String {
        numbered(&self.case.state)
    }

    /// «исх. № 12-K2M/2026-2»: of the case, and how many sheets of it there are by then.
    fn letter(&self) -> Letter {
        Letter {
            number: format!("{}-{}", self.number(), self.case.state.papers.len() + 1),
            date: Some(self.scene.today()),
            to: self.name(),
            address: self.case.personal.contact.clone(),
            way: channel_ru(self.case.state.channel).to_owned(),
        }
    }

    fn words(&self, step: CaseMove) -> String {
        let last = self.case.state.steps.iter().rev().find(|done| done.step == step);
        last.and_then(|done| self.case.notes.get(done.id.as_str())).cloned().unwrap_or_default()
    }

    fn due(&self, term: TermKind) -> Option<NaiveDate> {
        let dues = self.case.state.dues(&Law::shipped(self.scene.zone()));
        dues.into_iter().find(|known| known.due.term == term).and_then(|known| known.due.day)
    }

    fn reply(&self) -> SubjectReply {
        SubjectReply {
            letter: self.letter(),
            request: RequestOnPaper {
                number: self.number(),
                received: self.at(self.case.state.received_at),
                from: self.name(),
                way: channel_ru(self.case.state.channel).to_owned(),
            },
            refusal: Refusal { reason: self.words(CaseMove::Refuse), clause: String::new() },
            extension: Extension {
                reason: self.words(CaseMove::Extend),
                until: self.case.state.kind.terms().iter().find_map(|term| self.due(*term)),
            },
            ..SubjectReply::default()
        }
    }

    fn claim(&self) -> ClaimLetter {
        let (state, personal) = (&self.case.state, &self.case.personal);
        let money = state.kind == CaseKind::ClaimMoney;
        let refused = self.words(CaseMove::Refuse);
        let decision =
            if refused.is_empty() { self.words(CaseMove::Answer) } else { format!("отказать: {refused}") };
        ClaimLetter {
            letter: self.letter(),
            claim: Claim {
                number: self.number(),
                received: self.at(state.received_at),
                from: self.name(),
                contact: personal.contact.clone(),
                way: channel_ru(state.channel).to_owned(),
                nature: if money { "деньги" } else { "прочее" }.to_owned(),
                substance: personal.substance.clone(),
                promised: self.due(if money { TermKind::ClaimMoney } else { TermKind::ClaimPolicy }),
                accepted_by: self.scene.staff_name(&state.registered_by),
            },
            decision,
            ..ClaimLetter::default()
        }
    }

    fn sheet(&self) -> PersonSheet {
        let state = &self.case.state;
        let mut sheet = self.person.map_or_else(PersonSheet::default, |person| on_paper(person).into());
        if self.person.is_none() {
            sheet.person.full_name = self.name();
        }
        sheet.intake = Intake {
            number: self.number(),
            received: self.at(state.received_at),
            accepted_by: self.scene.staff_name(&state.registered_by),
        };
        if state.kind == CaseKind::DisclosurePermission {
            sheet.disclosure =
                DisclosureOnPaper { what: self.case.personal.substance.clone(), ..DisclosureOnPaper::default() };
        }
        sheet
    }

    fn incident_told(&self) -> Option<&IncidentPersonal> {
        self.case.personal.incident.as_ref()
    }

    async fn notice(&self, store: &Store) -> Result<IncidentNotice, DeskError> {
        let affected = incidents::affected(store, self.scene, self.seat, self.case).await?;
        let told = self.incident_told();
        let text = |pick: fn(&IncidentPersonal) -> &String| told.map(pick).cloned().unwrap_or_default();
        let count = u64::try_from(affected.people.len()).ok();
        let (_, _, _, clinic) = store.clinic().await?.ok_or(DeskError::NotFound)?;
        let requisites = self.scene.clinic.as_ref().map(|clinic| clinic.requisites.clone()).unwrap_or_default();
        Ok(IncidentNotice {
            incident: Incident {
                number: self.number(),
                happened: told.and_then(|told| told.from).and_then(|at| self.at(at)),
                detected: self.at(self.case.state.received_at),
                what_happened: self.case.personal.substance.clone(),
                presumed_causes: text(|told| &told.causes),
                categories: affected.categories(),
                subjects: count,
                records: None,
                harm: text(|told| &told.harm),
                measures: lines(&text(|told| &told.measures)),
                seen_at: String::new(),
            },
            contact: AuthorityContact {
                full_name: clinic.responsible.clone(),
                phone: requisites.phone,
                email: requisites.privacy_email,
            },
            inquiry: Inquiry {
                number: self.number(),
                date: Some(self.scene.today()),
                causes: self.words(CaseMove::Inquire),
                harm: text(|told| &told.harm),
                measures: lines(&text(|told| &told.measures)),
                culprits: Vec::new(),
                first_notice: text(|told| &told.first_notice),
                first_notice_key: String::new(),
            },
        })
    }

    async fn leak(&self, store: &Store) -> Result<LeakNotice, DeskError> {
        let person = self.person.ok_or(DeskError::BadInput("person"))?;
        let affected = incidents::affected(store, self.scene, self.seat, self.case).await?;
        let own = affected.people.iter().find(|one| one.person.id == person.id).ok_or(DeskError::BadInput("person"))?;
        let told = self.incident_told();
        let text = |pick: fn(&IncidentPersonal) -> &String| told.map(pick).cloned().unwrap_or_default();
        let first = self.case.state.steps.iter().find(|done| done.step == CaseMove::FirstNotice);
        Ok(LeakNotice {
            letter: Letter { address: String::new(), way: String::new(), ..self.letter() },
            subject: self.name(),
            what_happened: incidents::told_to_each(told.map(|told| told.kind)).to_owned(),
            happened: told.and_then(|told| told.from).and_then(|at| self.at(at)),
            found: self.at(self.case.state.received_at),
            data: own.data.clone(),
            consequences: text(|told| &told.harm),
            measures: lines(&text(|told| &told.measures)),
            advice: lines(&text(|told| &told.advice)),
            authority_informed: first.map_or_else(
                || "уведомляется".to_owned(),
                |done| format!("уведомлён {}", self.scene.wall(done.at).format("%d.%m.%Y")),
            ),
        })
    }

    async fn destruction(&self, store: &Store) -> Result<Destruction, DeskError> {
        let told = self.case.personal.destroyed.as_ref().ok_or(DeskError::BadInput("form"))?;
        let records = |told: &DestroyedPersonal| -> Vec<String> {
            told.subjects.iter().flat_map(|subject| &subject.records).map(ToString::to_string).collect()
        };
        let all = records(told);
        if store.still_here(&all).await? > 0 {
            // an act says what was done, never what is meant to be
            return Err(DeskError::BadInput("remaining"));
        }
        let erased = store.erased(&all).await?;
        let last = erased.iter().map(|one| one.at).max().unwrap_or(self.case.state.registered_at);
        let reason = format!("{}; {}", ground_ru(told.ground), told.reason);
        let log: Vec<LogRow> = told
            .subjects
            .iter()
            .map(|subject| LogRow {
                subject: subject.name.clone(),
                categories: subject.categories.join(", "),
                reason: ground_ru(told.ground).to_owned(),
                at: self.at(erased
                    .iter()
                    .filter(|one| subject.records.iter().any(|id| id.as_str() == one.id))
                    .map(|one| one.at)
                    .max()
                    .unwrap_or(last)),
            })
            .collect();
        let mut categories: Vec<String> = told.subjects.iter().flat_map(|one| one.categories.clone()).collect();
        categories.sort();
        categories.dedup();
        let extract =
            erased.iter().fold(String::new(), |text, one| format!("{text}{} {}\n", one.at.to_rfc3339(), one.id));
        Ok(Destruction {
            act: NumberedPaper { number: self.number(), date: Some(self.scene.wall(last).date()) },
            subjects: told.subjects.iter().map(|subject| subject.name.clone()).collect(),
            categories,
            system: "«Ресепшн»: база рабочих мест и сервер".to_owned(),
            way: WAY.to_owned(),
            reason: reason.trim_end_matches([';', ' ']).to_owned(),
            destroyed: self.at(last),
            commission: vec![CommissionMember {
                role: "исполнитель".to_owned(),
                full_name: self.seat.staff.personal.name.full(),
                position: String::new(),
            }],
            log,
            log_sha256: super::sha256(extract.as_bytes()),
            kept_until: chrono::Datelike::with_year(
                &self.scene.wall(last).date(),
                chrono::Datelike::year(&self.scene.wall(last).date()) + 3,
            ),
            ..Destruction::default()
        })
    }
}

impl Of<'_> {
    /// The act as a letter to the one who asked for it, by the way in which they asked.
    async fn destruction_notice(&self, store: &Store) -> Result<Destruction, DeskError> {
        let told = self.case.personal.destroyed.as_ref().ok_or(DeskError::BadInput("form"))?;
        let [subject] = told.subjects.as_slice() else { return Err(DeskError::BadInput("form")) };
        if !told.ground.is_asked_for() {
            return Err(DeskError::BadInput("form"));
        }
        let asked = store.cases().await?.into_iter().find(|case| asks(&case.state) == told.reason);
        let letter = Letter {
            to: subject.name.clone(),
            address: asked.as_ref().map(|case| case.personal.contact.clone()).unwrap_or_default(),
            way: asked.map(|case| channel_ru(case.state.channel)).unwrap_or_default().to_owned(),
            ..self.letter()
        };
        Ok(Destruction { letter, ..self.destruction(store).await? })
    }
}

/// How an act names the case that asked for it.
pub(crate) fn asks(case: &Case) -> String {
    format!("обращение № {}", numbered(case))
}

const WAY: &str = "удаление записей с обнулением страниц базы, очистка поискового указателя и журнала базы, \
перезапись резервных копий, отметка об уничтожении на сервере";

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// As the act says it.
pub(crate) fn ground_ru(ground: EraseGround) -> &'static str {
    match ground {
        EraseGround::TermOver => "цель обработки достигнута, срок хранения истёк (часть 4 статьи 21)",
        EraseGround::Withdrawn => "согласие отозвано (часть 5 статьи 21)",
        EraseGround::Demanded => "требование субъекта (часть 3 статьи 20)",
        EraseGround::Unlawful => "обработка неправомерна (часть 3 статьи 21)",
        EraseGround::Unknown => "",
    }
}
