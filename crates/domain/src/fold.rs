//! Text and codes normalised for search and lookup. What people see and print is never folded.
//!
//! Invariants: [`fold`] and [`fold_code`] are idempotent, and fold the stored text and the query alike; equal results
//! mean "show this to the person who searches", never "the same name".

/// Letters of certificate codes and of enrolment codes: no 0 O 1 I, which are taken for each other.
pub const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Latin letters and the Cyrillic ones that look the same in one of the cases.
const LOOK_ALIKES: [(char, char); 13] = [
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
    ('i', 'і'),
];

/// Keys of the QWERTY layout and what they give in ЙЦУКЕН, lower case.
const QWERTY: &str = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./";
const YTSUKEN: &str = "ёйцукенгшщзхъфывапролджэячсмитьбю.";
const QWERTY_SHIFT: &str = "~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?";
const YTSUKEN_SHIFT: &str = "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,";

/// A character in its plain form: full-width, mathematical and typographic variants to ASCII, any space to a space.
/// `None` for what is not to be seen: control and bidirectional signs, zero-width ones, soft hyphens.
pub(crate) fn plain_char(c: char) -> Option<char> {
    let code = u32::from(c);
    Some(match c {
        _ if c.is_whitespace() => ' ',
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => {
            return None;
        }
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' => return None,
        _ if c.is_control() => return None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xff01 + 0x21).map_or(c, |c| if is_dash(c) { '-' } else { c }),
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_u32((code - 0x1d7ce) % 10 + 0x30).unwrap_or(c),
        _ if is_dash(c) => '-',
        '‘' | '’' | '‛' | '′' | 'ʼ' | 'ʹ' | '´' | '`' => '\'',
        '⁄' | '∕' => '/',
        _ => c,
    })
}

const fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2796}' | '\u{fe58}' | '\u{fe63}' | '\u{30fc}'
    )
}

/// A lower-case letter without its accent, as search sees it. й, the Ukrainian and Tatar letters are letters of their own.
const fn base_letter(c: char) -> char {
    match c {
        'ё' => 'е',
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ī' | 'ı' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ś' | 'ş' | 'š' | 'ș' => 's',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ł' => 'l',
        _ => c,
    }
}

const fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A text as search sees it: lower case, ё as е, one kind of letters within a word, and one space instead of hyphens,
/// apostrophes and any run of spaces.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for c in text.chars().filter_map(plain_char).flat_map(char::to_lowercase) {
        match c {
            '-' | '\'' => letters.push(' '),
            // й, typed as и and a breve
            '\u{306}' if letters.ends_with('и') => {
                letters.pop();
                letters.push('й');
            }
            _ if is_combining(c) => {}
            _ => letters.push(base_letter(c)),
        }
    }
    let mut folded = String::with_capacity(letters.len());
    for word in letters.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        one_alphabet(word, &mut folded);
    }
    folded
}

const fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

/// A word that mixes the alphabets becomes one of them, by the letters that belong to one only: look-alikes do not vote.
fn one_alphabet(word: &str, out: &mut String) {
    let sure_cyrillic = word.chars().filter(|c| is_cyrillic(*c) && to_latin(*c).is_none()).count();
    let sure_latin = word.chars().filter(|c| c.is_ascii_alphabetic() && to_cyrillic(*c).is_none()).count();
    if !word.contains(is_cyrillic) || !word.contains(|c: char| c.is_ascii_alphabetic()) {
        out.push_str(word);
    } else if sure_cyrillic >= sure_latin {
        out.extend(word.chars().map(|c| to_cyrillic(c).unwrap_or(c)));
    } else {
        out.extend(word.chars().map(|c| to_latin(c).unwrap_or(c)));
    }
}

fn to_cyrillic(c: char) -> Option<char> {
    LOOK_ALIKES.iter().find(|(latin, _)| *latin == c).map(|(_, cyrillic)| *cyrillic)
}

fn to_latin(c: char) -> Option<char> {
    LOOK_ALIKES.iter().find(|(_, cyrillic)| *cyrillic == c).map(|(latin, _)| *latin)
}

/// What the key of a Russian letter gives in the Latin layout, lower case; any other sign as it is.
pub(crate) fn on_latin_key(c: char) -> char {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let key = YTSUKEN.chars().zip(QWERTY.chars()).find(|(russian, _)| is_cyrillic(*russian) && *russian == lower);
    key.map_or(c, |(_, latin)| latin)
}

/// The same keys in the other keyboard layout: `bdfyjd` gives «иванов», `щдпф` gives «olga».
///
/// `None` where the text has no letters, so that nothing would change.
#[must_use]
pub fn other_layout(text: &str) -> Option<String> {
    let layouts = [(QWERTY, YTSUKEN), (QWERTY_SHIFT, YTSUKEN_SHIFT)];
    let swap = |c: char, to_russian: bool| {
        let find = |(latin, russian): &(&str, &str)| {
            let (from, to) = if to_russian { (*latin, *russian) } else { (*russian, *latin) };
            from.chars().zip(to.chars()).find(|(key, _)| *key == c).map(|(_, other)| other)
        };
        layouts.iter().find_map(find)
    };
    let to_russian = text.chars().any(|c| c.is_ascii_alphabetic());
    if !to_russian && !text.chars().any(is_cyrillic) {
        return None;
    }
    let swapped = |c: char| match c {
        // a mail address typed in the Russian layout
        '"' if !to_russian => '@',
        _ => swap(c, to_russian).unwrap_or(c),
    };
    let other: String = text.chars().map(swapped).collect();
    (other != text).then_some(other)
}

/// A certificate code for lookup: upper case, Cyrillic look-alikes to Latin, spaces and dashes dropped.
#[must_use]
pub fn fold_code(code: &str) -> String {
    code.chars()
        .filter_map(plain_char)
        .filter(|c| !matches!(c, ' ' | '-' | '_' | '.'))
        // up before down: some rare letters have a common capital
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .map(|c| to_latin(c).unwrap_or(c))
        .flat_map(char::to_uppercase)
        .collect()
}

fn place(c: char) -> Option<usize> {
    CODE_ALPHABET.iter().position(|letter| char::from(*letter) == c)
}

/// The check character of a code's body: Luhn's rule modulo 32. It tells one wrong character, and two neighbours that
/// changed places. Characters outside [`CODE_ALPHABET`] are not counted.
#[must_use]
pub fn check_char(body: &str) -> char {
    let size = CODE_ALPHABET.len();
    let weigh = |(at, value): (usize, usize)| {
        let weighted = if at % 2 == 0 { value * 2 } else { value };
        weighted / size + weighted % size
    };
    let sum: usize = body.chars().rev().filter_map(place).enumerate().map(weigh).sum();
    char::from(CODE_ALPHABET[(size - sum % size) % size])
}

/// Whether a folded code has letters of [`CODE_ALPHABET`] only and its last one is right for the rest.
#[must_use]
pub fn code_is_well_formed(folded: &str) -> bool {
    let Some((at, last)) = folded.char_indices().next_back() else {
        return false;
    };
    let body = &folded[..at];
    !body.is_empty() && folded.chars().all(|c| place(c).is_some()) && check_char(body) == last
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        for (typed, folded) in [
            ("Семёнова", "семенова"),
            ("СЕМЕ\u{308}НОВА", "семенова"),
            ("Андреи\u{306}", "андрей"),
            ("АНДРЕЙ", "андрей"),
            ("  Салтыков-Щедрин ", "салтыков щедрин"),
            ("Салтыков — Щедрин", "салтыков щедрин"),
            ("О’Коннор", "о коннор"),
            ("О'Коннор", "о коннор"),
            ("Мамедов\u{a0}Али\tГусейн оглы", "мамедов али гусейн оглы"),
            ("Подъячев", "подъячев"),
            ("Cергей", "сергей"),
            ("COKOЛOB", "соколов"),
            ("Аnna", "anna"),
            ("Müller", "muller"),
            ("Mu\u{308}ller", "muller"),
            ("\u{202e}Иванов\u{202c}\u{200b}", "иванов"),
            ("Ива\u{ad}нов\u{0}", "иванов"),
            ("Ｉｖａｎｏｖ", "ivanov"),
            ("Ганиева Әлфия", "ганиева әлфия"),
            ("", ""),
            (" - ' ", ""),
        ] {
            assert_eq!(fold(typed), folded, "{typed:?}");
        }
    }

    #[test]
    fn each_key_has_its_pair() {
        assert_eq!(QWERTY.chars().count(), YTSUKEN.chars().count());
        assert_eq!(QWERTY_SHIFT.chars().count(), YTSUKEN_SHIFT.chars().count());
    }

    #[test]
    fn the_wrong_layout_is_read_both_ways() {
        for (typed, meant) in [
            ("bdfyjd", "иванов"),
            ("Bdfyjd", "Иванов"),
            ("[jkjgjd", "холопов"),
            (";erjd", "жуков"),
            ("ctv`yjdf", "семёнова"),
            ("k.,jdm", "любовь"),
            ("щдпф", "olga"),
            ("щдпф\"ьфшдюкг", "olga@mail.ru"),
        ] {
            assert_eq!(other_layout(typed).as_deref(), Some(meant), "{typed}");
        }
        for nothing in ["", "8 (912) 345-67-89", "12.03, 14.00", "★"] {
            assert_eq!(other_layout(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_code_is_found_whatever_alphabet_it_was_typed_in() {
        assert_eq!(fold_code("авек-мнор стух"), "ABEKMHOPCTYX");
        assert_eq!(fold_code("ABEK–MHOP\u{a0}CTYX"), "ABEKMHOPCTYX");
        assert_eq!(fold_code(" abc_2.3\u{200b} "), "ABC23");
        assert_eq!(fold_code("Ж1"), "Ж1");
    }

    #[test]
    fn a_code_without_a_body_is_not_well_formed() {
        for code in ["", "A", "AO", "A A", "a", "Ж", "AAЖ"] {
            assert!(!code_is_well_formed(code), "{code}");
        }
    }

    fn body() -> impl Strategy<Value = String> {
        "[A-HJ-NP-Z2-9]{1,40}"
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "(?s).{0,30}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn folding_ignores_case(text in "[а-яёa-z '-]{0,30}") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
        }

        #[test]
        fn folded_text_has_nothing_invisible(text in "(?s).{0,30}") {
            let folded = fold(&text);
            prop_assert!(!folded.contains("  ") && folded.trim() == folded);
            prop_assert!(folded.chars().all(|c| plain_char(c) == Some(c)));
        }

        #[test]
        fn folding_a_code_twice_is_folding_it_once(text in "(?s).{0,30}") {
            let once = fold_code(&text);
            prop_assert_eq!(fold_code(&once), once);
        }

        #[test]
        fn one_wrong_letter_is_told(body in body(), at in any::<prop::sample::Index>(), other in 0..32usize) {
            let mut code: Vec<char> = body.chars().chain([check_char(&body)]).collect();
            prop_assert!(code_is_well_formed(&code.iter().collect::<String>()));
            let at = at.index(code.len());
            let other = char::from(CODE_ALPHABET[other]);
            prop_assume!(code[at] != other);
            code[at] = other;
            prop_assert!(!code_is_well_formed(&code.iter().collect::<String>()));
        }

        #[test]
        fn two_neighbours_that_changed_places_are_told(body in "[A-HJ-NP-Z2-9]{2,40}", at in any::<prop::sample::Index>()) {
            let mut code: Vec<char> = body.chars().chain([check_char(&body)]).collect();
            let at = at.index(code.len() - 1);
            // the one pair that Luhn's rule cannot tell
            let untold = matches!((code[at], code[at + 1]), ('A', '9') | ('9', 'A'));
            let same = code[at] == code[at + 1];
            code.swap(at, at + 1);
            prop_assert_eq!(code_is_well_formed(&code.iter().collect::<String>()), same || untold);
        }

        #[test]
        fn the_other_layout_of_the_other_layout_is_the_text(text in "[а-яё]{0,9}[йцукен][а-яё]{0,9}") {
            // one letter at least: «хъжэбю» alone are signs in the other layout, and nobody can tell them from signs
            let typed = other_layout(&text).unwrap();
            prop_assert_eq!(other_layout(&typed), Some(text));
        }
    }
}
