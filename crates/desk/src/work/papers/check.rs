//! What is looked at before a paper is printed, and how it is said.

use chrono::NaiveDate;
use contract::ui::FindingView;
use documents::{FormKind, PaperWarning, acts};
use domain::{
    paper::{Finding, PaperRole, Preflight, Signer, Uncertainty, Weight, preflight},
    person::{ConsentKind, ConsentStatus, Person},
};
use store::PersonRecord;

use super::super::scene::masked;
use crate::{session::Seat, trouble::DeskError};

/// What is found of the person before the paper is made.
pub(super) async fn of_person(
    seat: &Seat,
    form: FormKind,
    person: &PersonRecord,
    signer: Option<Signer>,
    on: NaiveDate,
    today: NaiveDate,
) -> Result<Vec<FindingView>, DeskError> {
    let role = PaperRole::of_form(form.code());
    let same = seat.open.store.people_of_name(&person.personal.name.full()).await?;
    let namesakes = same.iter().filter(|other| other.id != person.id).count();
    let findings = preflight(&Preflight {
        role,
        signer: signer.unwrap_or_else(|| role.signer()),
        birth: person.personal.birth_date,
        on,
        blocked: person.blocked,
        namesakes: u32::try_from(namesakes).unwrap_or(u32::MAX),
        identity_confirmed: false,
        empty_fields: &[],
        empty_requisites: &[],
        dead_acts: &[],
    });
    let tail = masked(person.personal.phones.first());
    let mut views: Vec<_> = findings.iter().map(|finding| view(finding, &tail)).collect();
    views.extend(missing(person));
    views.extend(said_no(form, &person.state, today));
    Ok(views)
}

/// What the press has found, and the gravest first.
pub(super) fn with_warnings(mut findings: Vec<FindingView>, warnings: &[PaperWarning]) -> Vec<FindingView> {
    findings.extend(warnings.iter().map(of_warning));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    findings
}

pub(super) fn gravest(findings: &[FindingView]) -> Weight {
    findings.iter().map(|finding| finding.weight).max().unwrap_or(Weight::Note)
}

fn view(finding: &Finding, phone: &str) -> FindingView {
    let words = match finding {
        Finding::Blocked => "данные заблокированы: бумаги с ними не печатают".to_owned(),
        Finding::ActNotInForce { act } => act_not_in_force(act),
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
        Finding::RequisiteEmpty { field } => requisite(field),
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
fn said_no(form: FormKind, person: &Person, today: NaiveDate) -> Option<FindingView> {
    let kind = match form {
        FormKind::ConsentPd => ConsentKind::Processing,
        FormKind::ConsentAdvertising => ConsentKind::Advertising,
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

fn act_not_in_force(act: &str) -> String {
    let name = acts().get(act).map_or(act, |act| act.name.as_str());
    format!("акт, на котором основан документ, не действует: {name}")
}

fn requisite(field: &str) -> String {
    format!("в настройках клиники не заполнено: {}", requisite_ru(field))
}

fn of_warning(warning: &PaperWarning) -> FindingView {
    match warning {
        PaperWarning::ClinicFieldEmpty { field } => FindingView { weight: Weight::Ask, words: requisite(field) },
        PaperWarning::ActNotInForce { act } => FindingView { weight: Weight::Refuse, words: act_not_in_force(act) },
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
