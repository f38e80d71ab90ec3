//! The file itself: whole, self-contained, the same every time, and unmoved by hostile names.

use crate::support::pdf::{check, fonts, info, layout_text, running_text};
use documents::{ClinicRequisites, PaperWarning, PersonOnPaper, Press};

fn press() -> Press {
    Press::new().unwrap()
}

#[test]
fn qpdf_finds_the_file_whole_and_every_font_inside() {
    let press = press();
    for request in
        [crate::support::request(), crate::support::blank(), crate::support::named(&crate::support::long_name())]
    {
        let paper = press.render(&request).unwrap();
        check(&paper.pdf);
        let fonts = fonts(&paper.pdf);
        assert!(fonts.len() >= 3, "{fonts:?}");
        for font in fonts {
            assert!(font.embedded && font.subset && font.maps_to_unicode, "{font:?}");
            assert!(font.name.contains("+PTS"), "{font:?}");
        }
    }
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let press = press();
    let first = press.render(&crate::support::request()).unwrap();
    let _other = press.render(&crate::support::blank()).unwrap();
    assert_eq!(first, press.render(&crate::support::request()).unwrap());
    assert_eq!(first, Press::new().unwrap().render(&crate::support::request()).unwrap());
    let mut later = crate::support::request();
    later.printed_at += chrono::TimeDelta::seconds(1);
    assert_ne!(first.pdf, press.render(&later).unwrap().pdf);
}

#[test]
fn one_persons_paper_is_the_same_whoever_was_printed_before() {
    let press = press();
    let people = [
        crate::support::request(),
        crate::support::named("Щукин Эдуард"),
        crate::support::blank(),
        crate::support::named(&crate::support::long_name()),
    ];
    let alone: Vec<_> = people.iter().map(|request| Press::new().unwrap().render(request).unwrap()).collect();
    for _ in 0..2 {
        for (request, alone) in people.iter().zip(&alone) {
            assert_eq!(press.render(request).unwrap(), *alone);
        }
        press.forget();
    }
}

#[test]
fn the_wordings_hash_does_not_depend_on_the_person() {
    let press = press();
    let one = press.render(&crate::support::request()).unwrap();
    let other = press.render(&crate::support::blank()).unwrap();
    assert_eq!(one.text_sha256, other.text_sha256);
    assert_eq!(one.text_sha256.len(), 64);
    assert!(running_text(&one.pdf).contains(&one.text_sha256[..12]));
}

#[test]
fn the_file_says_truly_what_it_is() {
    let info = info(&press().render(&crate::support::request()).unwrap().pdf);
    assert!(info.contains("Title:           Согласие на обработку персональных данных"), "{info}");
    assert!(info.contains("printpdf"), "{info}");
    assert!(info.contains("2026"), "{info}");
    assert!(info.contains("A4"), "{info}");
    assert!(!info.contains("Ёлкина"), "no person in the description: {info}");
    assert!(!info.to_lowercase().contains("pdf/a"), "{info}");
}

/// Names that tried to be something else; each must be printed exactly as it is.
const HOSTILE: &[&str] = &[
    "Мамедов Али Гусейн оглы",
    "Салтыков-Щедрин Михаил Евграфович",
    "О'Нил Шон",
    "*жирный* _курсив_ `код` ~~нет~~",
    "# [ссылка](адрес) {{ clinic.inn }} {% if 1 %}",
    "#panic(\"нет\") $x^2$ @метка <метка> \\ // /* */",
    "\"; #set page(width: 1cm) ; \"",
    "::end",
    "1. Иван",
    "<script>alert(1)</script> &amp; &nbsp;",
    "Иван | Пётр | Анна",
    "null",
];

#[test]
fn a_hostile_name_is_only_a_name() {
    let press = press();
    for names in HOSTILE.chunks(3) {
        let [name, email, responsible] = names else { panic!("three names to a paper") };
        let person =
            PersonOnPaper { full_name: (*name).to_owned(), email: (*email).to_owned(), ..crate::support::person() };
        let mut request = crate::support::with(person);
        (*responsible).clone_into(&mut request.clinic.responsible);
        let paper = press.render(&request).unwrap();
        let text = running_text(&paper.pdf);
        for name in names {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert_eq!(paper.pages, 1, "{names:?}");
        assert_eq!(paper.warnings, [], "{names:?}");
        check(&paper.pdf);
    }
}

#[test]
fn line_ends_and_direction_marks_do_not_reach_the_paper() {
    let paper = press().render(&crate::support::named("Иван\u{202E}ов\nПётр\u{0}\tИльич")).unwrap();
    assert!(running_text(&paper.pdf).contains("Иванов Пётр Ильич"));
    assert_eq!(paper.warnings, [PaperWarning::CharactersDropped { field: "person.full_name".into(), count: 2 }]);
}

#[test]
fn a_long_surname_stays_whole_and_inside_its_rule() {
    let name = crate::support::long_surname();
    let paper = press().render(&crate::support::named(&name)).unwrap();
    let text: String = layout_text(&paper.pdf).split_whitespace().collect();
    let squeezed: String = name.split_whitespace().collect();
    let printed = text.replace("Фамилия,имя,отчество", "");
    assert!(printed.contains(&squeezed), "{printed}");
    assert_eq!(paper.pages, 1);
}

#[test]
fn a_name_of_three_hundred_characters_takes_a_second_sheet_and_says_so() {
    let name = crate::support::long_name();
    assert_eq!(name.chars().count(), 300);
    let paper = press().render(&crate::support::named(&name)).unwrap();
    assert_eq!(paper.pages, 2);
    assert_eq!(paper.warnings, [PaperWarning::MoreThanOnePage { pages: 2 }]);
    let text = running_text(&paper.pdf);
    assert!(text.contains("стр. 1 из 2") && text.contains("стр. 2 из 2"), "{text}");
    let second_sheet = text.split_once("стр. 1 из 2").unwrap().1;
    assert!(second_sheet.contains("9. Подпись."), "the signature is not alone: {second_sheet}");
    check(&paper.pdf);
}

#[test]
fn a_name_without_a_single_space_is_broken_not_lost() {
    let name = "Ы".repeat(300);
    let paper = press().render(&crate::support::named(&name)).unwrap();
    let letters = layout_text(&paper.pdf).chars().filter(|&c| c == 'Ы').count();
    assert_eq!(letters, 300);
}

#[test]
fn a_character_without_a_glyph_is_reported() {
    let paper = press().render(&crate::support::named("Ли 李 Ян")).unwrap();
    assert_eq!(paper.warnings, [PaperWarning::GlyphMissing { character: '李' }]);
    assert!(running_text(&paper.pdf).contains("Ли 李 Ян"));
}

#[test]
fn missing_settings_are_ruled_lines_and_warnings() {
    let mut request = crate::support::blank();
    request.clinic = ClinicRequisites::default();
    let paper = press().render(&request).unwrap();
    let empty = |field: &str| PaperWarning::ClinicFieldEmpty { field: field.to_owned() };
    assert_eq!(paper.warnings, [empty("address"), empty("full_name"), empty("privacy_email")]);
    let text = running_text(&paper.pdf);
    assert!(text.contains("3. Оператор (далее — Клиника) Наименование Адрес 4. Цель"), "{text}");
    check(&paper.pdf);
}

#[test]
fn a_press_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Press>();
    let press = press();
    let papers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..2).map(|_| scope.spawn(|| press.render(&crate::support::request()).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(papers.first(), papers.last());
}

#[test]
fn debug_output_shows_no_person() {
    let request = crate::support::request();
    let shown = format!("{request:?} {:?}", press().render(&request).unwrap());
    for secret in ["Ёлкина", "345-67-89", "elkina", "1987", "Петрова"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
