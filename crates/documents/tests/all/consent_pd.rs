//! Consent to processing of personal data: every item the law wants, and none it forbids.

use crate::support::pdf::running_text;
use documents::{FormKind, Paper, PaperRequest, Press};

/// Items of 152-ФЗ ст. 9 ч. 4 and the common rules for papers of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    SubjectName,
    SubjectAddress,
    SubjectDocument,
    SubjectDocumentIssue,
    RepresentativeName,
    RepresentativeDocument,
    RepresentativeAuthority,
    Operator,
    Purpose,
    DataList,
    Processors,
    Actions,
    Ways,
    Term,
    Withdrawal,
    Signature,
    SignedName,
    SignedDate,
    Revision,
    Copy,
    PageNumber,
}

/// Words by which a reader finds each item, in the part of the paper where it must stand: a pair of
/// marks that bound the part, and the words.
const ITEMS: &[(Item, (&str, &str), &[&str])] = &[
    (Item::SubjectName, ("1. Субъект", "2. Представитель"), &["Фамилия, имя, отчество"]),
    (Item::SubjectAddress, ("1. Субъект", "2. Представитель"), &["Адрес"]),
    (
        Item::SubjectDocument,
        ("1. Субъект", "2. Представитель"),
        &["Документ, удостоверяющий личность", "серия и номер"],
    ),
    (Item::SubjectDocumentIssue, ("1. Субъект", "2. Представитель"), &["Дата выдачи и выдавший орган"]),
    (Item::RepresentativeName, ("2. Представитель", "3. Оператор"), &["Фамилия, имя, отчество", "Адрес"]),
    (
        Item::RepresentativeDocument,
        ("2. Представитель", "3. Оператор"),
        &["Документ, удостоверяющий личность", "серия и номер", "Дата выдачи и выдавший орган"],
    ),
    (Item::RepresentativeAuthority, ("2. Представитель", "3. Оператор"), &["Документ о полномочиях", "номер и дата"]),
    (Item::Operator, ("3. Оператор", "4. Цель"), &["Общество с ограниченной ответственностью", "адрес: 660049"]),
    (Item::Purpose, ("4. Цель обработки:", "5. Перечень"), &["запись на приём"]),
    (
        Item::DataList,
        ("5. Перечень персональных данных:", "6. Обработка по поручению"),
        &["фамилия, имя, отчество", "номер телефона", "дата рождения", "электронной почты"],
    ),
    (
        Item::Processors,
        ("6. Обработка по поручению", "7. Действия"),
        &["ООО «Хостинг-Пример», 115000", "АО «Связь-Пример», 190000"],
    ),
    (
        Item::Actions,
        ("7. Действия с персональными данными:", "8. Срок"),
        &[
            "сбор, запись, систематизация, накопление, хранение, уточнение (обновление, изменение), извлечение, использование",
            "передача (предоставление, доступ)",
            "блокирование, удаление, уничтожение",
        ],
    ),
    (
        Item::Ways,
        ("Способы обработки:", "8. Срок"),
        &["с использованием средств автоматизации", "без использования таких средств"],
    ),
    (Item::Term, ("8. Срок действия и отзыв.", "9. Подпись."), &["действует три года со дня подписания"]),
    (
        Item::Withdrawal,
        ("8. Срок действия и отзыв.", "9. Подпись."),
        &["отозвать в любое время", "письменным заявлением", "privacy@clinic.example"],
    ),
    (Item::Signature, ("9. Подпись.", "ред. "), &["подпись Субъекта (представителя)"]),
    (Item::SignedName, ("9. Подпись.", "ред. "), &["фамилия, имя, отчество полностью"]),
    (Item::SignedDate, ("9. Подпись.", "ред. "), &["« » 20 г.", "дата подписания"]),
    (Item::Revision, ("9. Подпись.", "Лист №"), &["Согласие на обработку персональных данных · ред. ", " · текст "]),
    (Item::Copy, ("Лист № 01KAR3Q8W0V5T7ZC9XJ4M2N6PB", ""), &["экз. 1", "напечатан 23.11.2026"]),
    (Item::PageNumber, ("9. Подпись.", ""), &["стр. 1 из 1"]),
];

/// The mandatory items a reader does not find on a paper.
fn missing_items(text: &str) -> Vec<Item> {
    ITEMS
        .iter()
        .filter(|(_, (from, to), words)| {
            let part = text
                .split_once(from)
                .map(|(_, rest)| rest)
                .map(|rest| if to.is_empty() { rest } else { rest.split_once(to).map_or("", |(part, _)| part) });
            !part.is_some_and(|part| words.iter().all(|word| part.contains(word)))
        })
        .map(|(item, ..)| *item)
        .collect()
}

fn press() -> Press {
    Press::new().unwrap()
}

fn text_of(paper: &Paper) -> String {
    running_text(&paper.pdf)
}

#[test]
fn every_mandatory_item_is_on_the_paper() {
    let press = press();
    for request in [crate::support::request(), crate::support::blank()] {
        let paper = press.render(&request).unwrap();
        let text = text_of(&paper);
        assert_eq!(missing_items(&text), [], "{text}");
        assert_eq!(paper.pages, 1);
        assert_eq!(paper.warnings, []);
    }
}

/// The part of the wording each item lives by; without it the checker must notice.
const PILLARS: &[(&str, &[Item])] = &[
    ("- [[subject_name]] Фамилия, имя, отчество | {{ person.full_name }}\n", &[Item::SubjectName]),
    ("- [[subject_address]] Адрес |\n", &[Item::SubjectAddress]),
    ("- [[representative_address]] Адрес |\n", &[Item::RepresentativeName]),
    ("- [[subject_document]] Документ, удостоверяющий личность | | серия и номер |\n", &[Item::SubjectDocument]),
    (
        "- [[representative_document]] Документ, удостоверяющий личность | | серия и номер |\n",
        &[Item::RepresentativeDocument],
    ),
    ("- [[subject_document_issue]] Дата выдачи и выдавший орган |\n", &[Item::SubjectDocumentIssue]),
    ("- [[representative_authority]] Документ о полномочиях | | номер и дата |\n", &[Item::RepresentativeAuthority]),
    (": {{ clinic.full_name }}", &[Item::Operator]),
    (", адрес: {{ clinic.address }}", &[Item::Operator]),
    ("запись на приём в Клинику и", &[Item::Purpose]),
    ("номер телефона; ", &[Item::DataList]),
    ("{{ processor }}", &[Item::Processors]),
    ("хранение, ", &[Item::Actions]),
    ("передача (предоставление, доступ) ", &[Item::Actions]),
    ("удаление, ", &[Item::Actions]),
    ("с использованием средств автоматизации, ", &[Item::Ways]),
    ("три года со дня подписания", &[Item::Term]),
    ("отозвать в любое время", &[Item::Withdrawal]),
    ("{{ clinic.privacy_email }}", &[Item::Withdrawal]),
    ("- rule | [[signature]] подпись Субъекта (представителя)\n", &[Item::Signature]),
    ("- wide | [[signed_name]] фамилия, имя, отчество полностью\n", &[Item::SignedName]),
    ("- date | [[signed_date]] дата подписания\n", &[Item::SignedDate]),
];

/// Sorts the pillars into as few wordings as there are pillars of one item: in one wording no item
/// loses two pillars, so each loss is seen by itself.
fn wordings_to_try() -> Vec<Vec<&'static (&'static str, &'static [Item])>> {
    let mut groups: Vec<Vec<&(&str, &[Item])>> = Vec::new();
    for pillar in PILLARS {
        let free = groups
            .iter_mut()
            .find(|group| group.iter().all(|other| other.1.iter().all(|item| !pillar.1.contains(item))));
        match free {
            Some(group) => group.push(pillar),
            None => groups.push(vec![pillar]),
        }
    }
    groups
}

#[test]
fn the_checker_notices_each_item_that_is_taken_away() {
    let press = press();
    for group in wordings_to_try() {
        let mut wording = FormKind::ConsentPd.wording().to_owned();
        for (pillar, _) in &group {
            assert!(wording.contains(pillar), "the wording has no {pillar:?}");
            wording = wording.replace(pillar, "");
        }
        let paper = press.render_wording(&crate::support::request(), &wording).unwrap();
        let missing = missing_items(&text_of(&paper));
        for (pillar, items) in &group {
            for item in *items {
                assert!(missing.contains(item), "{item:?} is found without {pillar:?}");
            }
        }
        let taken: usize = group.iter().map(|(_, items)| items.len()).sum();
        assert_eq!(missing.len(), taken, "{missing:?} without {group:?}");
    }
}

#[test]
fn every_item_is_proved_by_a_pillar_or_by_the_footer() {
    for (item, ..) in ITEMS {
        let proved = PILLARS.iter().any(|(_, items)| items.contains(item));
        let footer = matches!(item, Item::Revision | Item::Copy | Item::PageNumber);
        assert!(proved || footer, "{item:?}");
    }
}

#[test]
fn the_paper_has_all_of_the_persons_data() {
    let text = text_of(&press().render(&crate::support::request()).unwrap());
    for value in ["Ёлкина Мария Сергеевна", "+7 912 345-67-89", "m.elkina@example.org", "14 марта 1987 г."]
    {
        assert!(text.contains(value), "{value}: {text}");
    }
}

#[test]
fn nothing_the_law_forbids_is_on_the_paper() {
    let press = press();
    let mut without_settings = crate::support::blank();
    without_settings.clinic = documents::ClinicRequisites::default();
    for request in [crate::support::request(), crate::support::blank(), without_settings] {
        let text = text_of(&press.render(&request).unwrap()).to_lowercase();
        for word in [
            "и иные данные",
            "и иные цели",
            "иные персональные данные",
            "бессрочно",
            "и т. д.",
            "и др.",
            "акци",
            "скидк",
            "null",
            "none",
            "undefined",
            "736",
            "956н",
        ] {
            assert!(!text.contains(word), "«{word}»: {text}");
        }
    }
}

#[test]
fn without_processors_the_paper_says_that_nobody_else_processes() {
    let mut request = crate::support::request();
    request.clinic.processors.clear();
    let text = text_of(&press().render(&request).unwrap());
    assert!(text.contains("обработка другим лицам не поручается"), "{text}");
    assert!(!text.contains("передача (предоставление, доступ)"), "{text}");
    assert_eq!(missing_items(&text), [Item::Processors, Item::Actions]);
}

#[test]
fn the_list_of_data_names_only_what_is_used() {
    let press = press();
    let list = |request: &PaperRequest| {
        let text = text_of(&press.render(request).unwrap());
        let (_, rest) = text.split_once("Перечень персональных данных:").unwrap();
        rest.split_once("6. Обработка").unwrap().0.to_owned()
    };
    assert!(!list(&crate::support::request()).contains("если"));
    let mut person = crate::support::person();
    person.email.clear();
    let request = crate::support::with(person.clone());
    assert!(list(&request).contains("адрес электронной почты, если он указан в пункте 1"));
    person.birth_date = None;
    assert!(list(&crate::support::with(person)).contains("если они указаны в пункте 1"));
}

#[test]
fn a_changed_wording_needs_a_new_revision() {
    let known = include_str!("wordings.revisions");
    let mut unknown = Vec::new();
    for &kind in FormKind::ALL {
        let wording = documents::revision(kind.wording()).unwrap();
        let line = format!("{kind} {} {}", wording.revision, wording.sha256);
        if !known.lines().any(|known| known == line) {
            unknown.push(line);
        }
    }
    let unknown = unknown.join("\n");
    assert!(unknown.is_empty(), "changed wordings: give each a new revision and add to wordings.revisions:\n{unknown}");
}

#[test]
fn codes_and_titles_lead_back_to_the_form() {
    for &kind in FormKind::ALL {
        assert_eq!(kind.code().parse(), Ok(kind));
        assert!(kind.wording().contains(&format!("title: {}", kind.title_ru())));
    }
    assert!("consent".parse::<FormKind>().is_err());
}
