//! Everything that the desk has on one person, and nothing on anyone else: for the answer to their request, for a file that
//! is given out, for an act of destruction.
//!
//! Invariants: what is here hangs on the person's own card; a request with their number and without their card may be of
//! somebody else in the house and is not here; of a certificate the recipient is somebody else; a certificate with money on
//! it does not go with its buyer.

use chrono::{DateTime, Utc};
use documents::{DataRow, EventRow, Purpose, sum_in_digits};
use domain::{
    CaseId, EntityRef, Kopecks, PaperId, PersonId,
    case::CaseKind,
    person::{Channel, ConsentAnswer, ConsentKind, PersonSource},
    request::{CallOutcome, RequestKind},
};
use store::{CaseRecord, PersonRecord, Store, Visible};

use super::{
    papers::{at_in_zone, kind_titles},
    scene::{Scene, phone_view},
};
use crate::trouble::DeskError;

/// What is known of one person.
pub(crate) struct Dossier {
    pub(crate) person: Visible<PersonRecord>,
    pub(crate) data: Vec<DataRow>,
    pub(crate) events: Vec<EventRow>,
    pub(crate) recipients: Vec<String>,
    /// Every record of the clinic's that is about the person and goes with them.
    pub(crate) records: Vec<EntityRef>,
    pub(crate) papers: Vec<PaperId>,
    pub(crate) cases: Vec<CaseId>,
    pub(crate) consents: Vec<String>,
    /// What is still owed on certificates that they bought: these stay.
    pub(crate) owed: Vec<Kopecks>,
}

impl Dossier {
    /// Categories, never values.
    pub(crate) fn categories(&self) -> Vec<String> {
        let kinds = |wanted: fn(&EntityRef) -> bool| self.records.iter().any(wanted);
        let mut all = vec!["фамилия, имя, отчество".to_owned(), "контактные данные".to_owned()];
        let more = [
            (self.person.personal.birth_date.is_some(), "дата рождения"),
            (self.person.personal.note.is_some(), "заметки"),
            (kinds(|id| matches!(id, EntityRef::Request(_))), "обращения с сайта и звонки"),
            (kinds(|id| matches!(id, EntityRef::Appointment(_))), "сведения о записи на приём"),
            (kinds(|id| matches!(id, EntityRef::Certificate(_))), "сведения о покупке подарочных сертификатов"),
            (!self.papers.is_empty(), "копии напечатанных и подписанных документов"),
            (!self.consents.is_empty(), "сведения о согласиях"),
        ];
        all.extend(more.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words.to_owned()));
        all
    }
}

impl Dossier {
    /// What they bought: when nothing is owed on it, it goes with them.
    async fn certificates(&mut self, store: &Store, scene: &Scene, id: &PersonId) -> Result<(), DeskError> {
        for certificate in store.certificates_of_person(id).await? {
            let (state, balance) = (&certificate.state, certificate.state.balance());
            let from = format!("покупка {}", day(scene, state.issued_at));
            let words = format!("на {}, остаток {}", sum(state.face_value), sum(balance));
            self.data.push(row("Подарочный сертификат", words, from));
            match state.settled_at() {
                Some(_) => self.records.push(certificate.id.into()),
                None => self.owed.push(balance),
            }
        }
        Ok(())
    }
}

fn row(name: &str, value: impl Into<String>, source: impl Into<String>) -> DataRow {
    DataRow { name: name.to_owned(), value: value.into(), source: source.into() }
}

/// Gathers it. Past the shield: it is asked for by whoever answers for the data.
pub(crate) async fn of(store: &Store, scene: &Scene, id: &PersonId) -> Result<Dossier, DeskError> {
    let store = store.for_check();
    let cases = store.cases().await?;
    among(&store, scene, id, &cases).await
}

/// The same, of all cases that there are: they are read once for a list of people.
pub(crate) async fn among(
    store: &Store,
    scene: &Scene,
    id: &PersonId,
    cases: &[CaseRecord],
) -> Result<Dossier, DeskError> {
    let person = store.person(id).await?.ok_or(DeskError::NotFound)?;
    let cards = store.cards_of_person(id).await?;
    let titles = kind_titles(store).await?;
    let at = |at: DateTime<Utc>| Some(at_in_zone(scene, at));
    let event = |moment: DateTime<Utc>, what: String| EventRow { at: at(moment), what };
    let mut all = Dossier {
        data: Vec::new(),
        events: Vec::new(),
        recipients: Vec::new(),
        records: Vec::new(),
        papers: person.state.papers.iter().map(|paper| paper.id.clone()).collect(),
        cases: Vec::new(),
        consents: Vec::new(),
        owed: Vec::new(),
        person,
    };
    // cards that were merged into this one still say what they said
    for PersonRecord { personal: card, state, .. } in cards.iter().map(|card| &**card) {
        let source = source_ru(state.source);
        all.data.push(row("Фамилия, имя, отчество", card.name.full(), source));
        all.data.extend(card.phones.iter().map(|phone| row("Телефон", phone_view(phone).display, source)));
        all.data.extend(card.email.iter().map(|email| row("Электронная почта", email, source)));
        all.data.extend(card.birth_date.map(|day| row("Дата рождения", day.format("%d.%m.%Y").to_string(), source)));
        all.data.extend(card.note.iter().map(|note| row("Заметка", note, "работники клиники")));
    }
    for request in store.requests_of_person(id).await? {
        let from = format!("{}, {}", request_ru(request.state.request_kind), day(scene, request.state.submitted_at));
        let sent = &request.personal;
        let fields = [
            ("Имя, как его написали", Some(sent.name_raw.clone())),
            ("Телефон", sent.phone.as_ref().map(|phone| phone_view(phone).display)),
            ("Электронная почта", sent.email.clone()),
            ("Услуга", sent.service.clone()),
            ("Врач", sent.doctor.clone()),
            ("Удобное время", sent.preferred_time.clone()),
            ("Сообщение", sent.comment.clone()),
        ];
        let fields =
            fields.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
        all.data.extend(fields.map(|(name, value)| row(name, value, from.clone())));
        all.data.extend(sent.extra.iter().map(|(name, value)| row(name, value, from.clone())));
        for call in request.state.attempts.iter().filter(|call| !call.retracted) {
            let note = request.notes.get(call.id.as_str()).map(|note| format!(": {note}")).unwrap_or_default();
            all.events.push(event(call.at, format!("Звонок, {}{note}", call_ru(call.outcome))));
        }
        all.records.push(request.id.into());
    }
    let doctors = store.practitioners().await?;
    for visit in store.visits_of_person(id).await? {
        let slot = &visit.state.slot;
        let doctor = doctors.iter().find(|doctor| doctor.id == slot.practitioner);
        let doctor = doctor.map(|doctor| doctor.personal.name.short()).unwrap_or_default();
        let mut words = vec![slot.start.format("%d.%m.%Y, %H:%M").to_string(), doctor];
        words.extend(visit.personal.service.clone());
        words.extend(visit.personal.note.clone());
        words.retain(|word| !word.is_empty());
        let booked = format!("запись {}", day(scene, visit.state.booked_at));
        all.data.push(row("Запись на приём", words.join(", "), booked));
        all.records.push(visit.id.into());
    }
    all.certificates(store, scene, id).await?;
    for record in &all.person.state.consents {
        let consent = &record.consent;
        let (kind, answer) = (consent_ru(consent.kind), answer_ru(consent.answer));
        let words = format!("Согласие на {kind}: {answer} ({})", channel_ru(consent.channel));
        all.consents.push(format!("на {kind}: {answer} {}", day(scene, consent.said_at)));
        all.events.push(event(consent.said_at, words));
    }
    for block in &all.person.state.blocks {
        all.events.push(event(block.at, "Данные заблокированы".to_owned()));
        all.events.extend(block.lifted.iter().map(|lift| event(lift.at, "Блокирование снято".to_owned())));
    }
    for paper in &all.person.state.papers {
        let title = titles.get(&paper.form).cloned().unwrap_or_else(|| paper.form.clone());
        all.events.push(event(paper.printed_at, format!("Напечатан документ: {title}")));
    }
    let is_theirs = |whose: &PersonId| cards.iter().any(|card| card.id == *whose);
    for case in cases.iter().filter(|case| case.personal.person.as_ref().is_some_and(is_theirs)) {
        let number = super::cases::numbered(&case.state);
        all.cases.push(case.id.clone());
        // whether an authority has asked is not for the person to hear from here (art. 14 p. 8)
        if case.state.kind == CaseKind::DisclosureAuthority {
            continue;
        }
        all.events.push(event(case.state.received_at, format!("Обращение № {number}: {}", case.personal.substance)));
        if case.state.kind == CaseKind::DisclosurePermission {
            all.recipients.push(format!("{} (по письменному разрешению, № {number})", case.personal.substance));
        }
    }
    all.events.sort_by_key(|event| event.at);
    all.records.extend(cards.iter().rev().map(|card| EntityRef::from(card.id.clone())));
    Ok(all)
}

/// Why data are kept and for how long, as the answer to the person says it.
pub(crate) fn purposes(scene: &Scene) -> Vec<Purpose> {
    let days = scene.clinic.as_ref().map(|clinic| &clinic.practice);
    let days = days.map_or((30, 30), |practice| (practice.keep_visits_days, practice.keep_requests_days));
    let purpose = |purpose: &str, basis: &str, term: String| Purpose {
        purpose: purpose.to_owned(),
        basis: basis.to_owned(),
        term,
    };
    vec![
        purpose(
            "запись на приём и связь по ней",
            "пункт 5 части 1 статьи 6 (договор)",
            format!("{} дней после приёма", days.0),
        ),
        purpose(
            "ответ на обращение с сайта",
            "пункт 5 части 1 статьи 6 (по обращению самого лица)",
            format!("{} дней после закрытия", days.1),
        ),
        purpose(
            "рассылка и реклама, если на них есть согласие",
            "пункт 1 части 1 статьи 6 (согласие)",
            "до отзыва согласия".to_owned(),
        ),
    ]
}

fn day(scene: &Scene, at: DateTime<Utc>) -> String {
    scene.wall(at).format("%d.%m.%Y").to_string()
}

/// «5 000,00 ₽»
pub(crate) fn sum(amount: Kopecks) -> String {
    sum_in_digits(u64::try_from(amount.0).unwrap_or_default())
}

fn source_ru(source: PersonSource) -> &'static str {
    match source {
        PersonSource::Site => "заявка на сайте",
        PersonSource::DeskWalkin => "сообщено на ресепшне",
        PersonSource::DeskPhone => "сообщено по телефону",
    }
}

fn request_ru(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Callback => "заявка на звонок",
        RequestKind::Booking => "заявка на приём",
        RequestKind::CertificateOrder => "заказ сертификата",
        RequestKind::Message => "сообщение с сайта",
    }
}

fn call_ru(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Answered => "дозвонились",
        CallOutcome::NoAnswer => "не ответили",
        CallOutcome::Busy => "занято",
        CallOutcome::Voicemail => "автоответчик",
        CallOutcome::SwitchedOff => "телефон выключен",
        CallOutcome::WrongPerson => "ответил другой человек",
        CallOutcome::HangUp => "разговор прерван",
        CallOutcome::InvalidNumber => "номер не обслуживается",
    }
}

fn consent_ru(kind: ConsentKind) -> &'static str {
    match kind {
        ConsentKind::Processing => "обработку данных",
        ConsentKind::Newsletter => "новости",
        ConsentKind::Advertising => "рекламу",
        ConsentKind::Reminders => "напоминания",
        ConsentKind::Disclosure => "раскрытие",
        ConsentKind::Unknown => "иное",
    }
}

fn answer_ru(answer: ConsentAnswer) -> &'static str {
    match answer {
        ConsentAnswer::Given => "дано",
        ConsentAnswer::Refused => "отказ",
        ConsentAnswer::Withdrawn => "отозвано",
    }
}

/// «на бумаге»
pub(crate) fn channel_ru(channel: Channel) -> &'static str {
    match channel {
        Channel::Site => "через сайт",
        Channel::Paper => "на бумаге",
        Channel::Desk => "лично",
        Channel::Phone => "по телефону",
        Channel::Email => "по электронной почте",
        Channel::Post => "почтой",
        Channel::Unknown => "",
    }
}
