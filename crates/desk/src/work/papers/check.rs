//! What is looked at before a paper is printed, and how it is said.

use chrono::NaiveDate;
use contract::ui::FindingView;
use documents::{PaperWarning, acts};
use domain::{
    paper::{Finding, PaperRole, Preflight, Signer, Uncertainty, Weight, preflight},
    person::{ConsentKind, ConsentStatus, Person},
};
use store::PersonRecord;

use super::super::scene::{Scene, masked};
use crate::{session::Seat, trouble::DeskError};

/// Somebody before a paper is made: looked up once, however many papers it is for.
pub(super) struct Subject<'a> {
    person: &'a PersonRecord,
    /// Others of the same full name.
    namesakes: u32,
    today: NaiveDate,
}

impl<'a> Subject<'a> {
    pub(super) async fn of(seat: &Seat, scene: &Scene, person: &'a PersonRecord) -> Result<Self, DeskError> {
        let same = seat.open.store.people_of_name(&person.personal.name.full()).await?;
        let namesakes = same.iter().filter(|other| other.id != person.id).count();
        Ok(Self { person, namesakes: u32::try_from(namesakes).unwrap_or(u32::MAX), today: scene.today() })
    }
}

/// What is found of the person before the paper is made, the gravest first. `on`: the day of the visit, else today.
pub(super) fn of_person(
    form: &str,
    subject: &Subject<'_>,
    signer: Option<Signer>,
    on: Option<NaiveDate>,
) -> Vec<FindingView> {
    let Subject { person, namesakes, today } = *subject;
    let role = PaperRole::of_form(form);
    let findings = preflight(&Preflight {
        role,
        signer: signer.unwrap_or_else(|| role.signer()),
        birth: person.personal.birth_date,
        on: on.unwrap_or(today),
        blocked: person.blocked,
        namesakes,
        identity_confirmed: false,
        empty_fields: &[],
        empty_requisites: &[],
        dead_acts: &[],
    });
    let tail = masked(person.personal.phones.first());
    let mut views: Vec<_> = findings.iter().map(|finding| view(finding, &tail)).collect();
    if role != PaperRole::OwedToPerson {
        views.extend(missing(person));
    }
    views.extend(said_no(form, &person.state, today));
    gravest_first(views)
}

/// With what the press has found.
pub(super) fn with_warnings(mut findings: Vec<FindingView>, warnings: &[PaperWarning]) -> Vec<FindingView> {
    findings.extend(warnings.iter().map(of_warning));
    gravest_first(findings)
}

fn gravest_first(mut findings: Vec<FindingView>) -> Vec<FindingView> {
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    findings
}

pub(super) fn gravest(findings: &[FindingView]) -> Weight {
    findings.iter().map(|finding| finding.weight).max().unwrap_or(Weight::Note)
}

fn view(finding: &Finding, phone: &str) -> FindingView {
    let words = match finding {
        Finding::Blocked => "данные заблокированы: бумаги с ними не печатают".to_owned(),
        Finding::ActNotInForce { act } => {
            let name = acts().get(act).map_or(act.as_str(), |act| act.name.as_str());
            format!("акт, на котором основан документ, не действует: {name}")
        }
        Finding::MayNotSign => {
            "подписать может только законный представитель: родитель, усыновитель, опекун, попечитель".to_owned()
        }
        Finding::NeedsRepresentative => {
            "пациенту нет 15 лет: нужно согласие законного представителя, не это".to_owned()
        }
        Finding::PatientSignsAlone => "пациенту уже 15: согласие на лечение он подписывает сам".to_owned(),
        Finding::NotAMinor => "эта бумага для тех, кому нет 18, а по карточке возраст другой".to_owned(),
        Finding::AgeUncertain { why } => match why {
            Uncertainty::NoBirthDate => "дата рождения не указана: спросите, кто вправе подписать",
            Uncertainty::DecidingBirthday => {
                "приём в день рождения: по закону возраст считается достигнутым на следующий день, решите, кто подписывает"
            }
            Uncertainty::NotBornYet => "дата рождения позже приёма: проверьте карточку",
        }
        .to_owned(),
        Finding::Namesake { others } => {
            let phone = if phone.is_empty() { String::new() } else { format!(" и телефон {phone}") };
            format!("есть полные тёзки ({others}): сверьте дату рождения{phone} с человеком")
        }
        Finding::RequisiteEmpty { field } => format!("в настройках клиники не заполнено: {}", requisite_ru(field)),
        Finding::FieldEmpty { field } => format!("пусто: {field}"),
    };
    FindingView { weight: finding.weight(), words }
}

/// What the card lacks: a line to fill in by hand stands in its place.
fn missing(person: &PersonRecord) -> Vec<FindingView> {
    let personal = &person.personal;
    let lacks = [
        (personal.name.patronymic.is_empty(), "не указано отчество"),
        (personal.birth_date.is_none(), "не указана дата рождения: будет пустая строка"),
        (personal.phones.is_empty(), "не указан телефон: будет пустая строка"),
        (personal.email.is_none(), "не указана почта: будет пустая строка"),
    ];
    lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, words)| note(words.to_owned())).collect()
}

/// Who has said no is not asked again by the way.
fn said_no(form: &str, person: &Person, today: NaiveDate) -> Option<FindingView> {
    let kind = match form {
        "consent_pd" => ConsentKind::Processing,
        "consent_advertising" => ConsentKind::Advertising,
        _ => return None,
    };
    let said = match person.consent_status(kind, today) {
        ConsentStatus::Refused => "отказ",
        ConsentStatus::Withdrawn => "отзыв",
        ConsentStatus::Unknown | ConsentStatus::Given | ConsentStatus::Expired => return None,
    };
    let words = format!("записан {said} от этого согласия: печатайте, только если человек просит сам");
    Some(FindingView { weight: Weight::Ask, words })
}

fn note(words: String) -> FindingView {
    FindingView { weight: Weight::Note, words }
}

fn of_warning(warning: &PaperWarning) -> FindingView {
    match warning {
        PaperWarning::ClinicFieldEmpty { field } => view(&Finding::RequisiteEmpty { field: field.clone() }, ""),
        PaperWarning::ActNotInForce { act } => view(&Finding::ActNotInForce { act: act.clone() }, ""),
        PaperWarning::CharactersDropped { field, count } => {
            let field = match field.rsplit('.').next() {
                Some("full_name") => "имени",
                Some("phone") => "телефоне",
                Some("email") => "почте",
                _ => "тексте",
            };
            note(format!("в {field} убраны непечатаемые знаки: {count}"))
        }
        PaperWarning::GlyphMissing { character } => {
            note(format!("нет знака «{character}» в шрифте: на месте знака будет рамка"))
        }
        PaperWarning::MoreThanOnePage { pages } => note(format!("заняло листов: {pages}")),
    }
}

/// A field of the clinic's requisites, as the settings call it.
fn requisite_ru(field: &str) -> &'static str {
    match field {
        "full_name" => "полное наименование",
        "short_name" => "краткое наименование",
        "address" => "адрес",
        "phone" => "телефон",
        "inn" => "ИНН",
        "privacy_email" => "почта для обращений о персональных данных",
        "responsible" => "ответственный за персональные данные",
        "signatory_name" => "кто подписывает: фамилия и инициалы",
        "signatory_position" => "должность того, кто подписывает",
        "system_name" => "название информационной системы",
        _ => "реквизит документа",
    }
}
