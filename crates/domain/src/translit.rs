//! Names typed in the letters of the other alphabet: `tatiana` for «Татьяна», «смит» for Smith.
//!
//! Invariants: pure; what comes out is folded and is only searched for, never shown as anybody's name; the likelier reading
//! comes first, and there are no more than `MOST`.

use crate::fold::fold;

/// Readings of one text. A soft sign that was left out and a `y` each double them.
const MOST: usize = 16;

/// What may stand for letters of the other alphabet, the longest first.
const LATIN: [(&str, &[&str]); 49] = [
    ("shch", &["щ"]),
    ("sch", &["щ", "сх"]),
    ("zh", &["ж"]),
    ("kh", &["х"]),
    ("ts", &["ц", "тс"]),
    ("tc", &["ц"]),
    ("ch", &["ч"]),
    ("sh", &["ш"]),
    ("ph", &["ф"]),
    ("yu", &["ю"]),
    ("ju", &["ю"]),
    ("iu", &["ю", "иу"]),
    ("ya", &["я"]),
    ("ja", &["я"]),
    ("ia", &["ия", "я"]),
    ("yo", &["е"]),
    ("jo", &["е"]),
    ("ye", &["е"]),
    ("je", &["е"]),
    ("ie", &["ие", "е"]),
    ("iy", &["ий"]),
    ("ij", &["ий"]),
    ("ii", &["ий", "ии"]),
    ("a", &["а"]),
    ("b", &["б"]),
    ("c", &["к", "ц", "с"]),
    ("d", &["д"]),
    ("e", &["е"]),
    ("f", &["ф"]),
    ("g", &["г"]),
    ("h", &["х"]),
    ("i", &["и"]),
    ("j", &["й"]),
    ("k", &["к"]),
    ("l", &["л"]),
    ("m", &["м"]),
    ("n", &["н"]),
    ("o", &["о"]),
    ("p", &["п"]),
    ("q", &["к"]),
    ("r", &["р"]),
    ("s", &["с"]),
    ("t", &["т"]),
    ("u", &["у"]),
    ("v", &["в"]),
    ("w", &["в"]),
    ("x", &["кс"]),
    ("y", &["ы", "й"]),
    ("z", &["з"]),
];

const CYRILLIC: [(char, &str); 32] = [
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "y"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ъ', ""),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "yu"),
    ('я', "ya"),
];

/// The text in the other alphabet, the likelier reading first; none: it has no letters, or letters of both.
#[must_use]
pub fn transliterations(text: &str) -> Vec<String> {
    let folded = fold(text);
    let latin = folded.chars().any(|c| c.is_ascii_alphabetic());
    let cyrillic = folded.chars().any(|c| CYRILLIC.iter().any(|(letter, _)| *letter == c));
    match (latin, cyrillic) {
        (true, false) => to_cyrillic(&folded),
        (false, true) => vec![folded.chars().map(of_cyrillic).collect()],
        _ => Vec::new(),
    }
}

fn of_cyrillic(c: char) -> String {
    let letters = CYRILLIC.iter().find(|(letter, _)| *letter == c).map(|(_, latin)| (*latin).to_owned());
    letters.unwrap_or_else(|| c.to_string())
}

fn to_cyrillic(folded: &str) -> Vec<String> {
    let mut readings = vec![String::new()];
    let mut rest = folded;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (taken, choices) = match LATIN.iter().find(|(latin, _)| rest.starts_with(latin)) {
            Some((latin, choices)) => (latin.len(), around(latin, choices, before, &rest[latin.len()..])),
            None => (first.len_utf8(), vec![first.to_string()]),
        };
        // all readings so far with the likeliest choice come before those with the next one
        readings =
            choices.iter().flat_map(|choice| readings.iter().map(move |so_far| so_far.clone() + choice)).collect();
        readings.truncate(MOST);
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    readings
}

/// The choices at this place of a word: a soft sign is left out by whoever writes in Latin letters.
fn around(latin: &str, choices: &[&str], before: char, after: &str) -> Vec<String> {
    let vowel = |c: char| "aeiouy".contains(c);
    let next = after.chars().next().filter(|c| c.is_ascii_alphabetic());
    let after_consonant = before.is_ascii_alphabetic() && !vowel(before);
    let mut all: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
    match latin {
        // Solovyov, Natalya, Tatiana
        "yu" | "ya" | "yo" | "ye" | "ja" | "ju" | "jo" | "je" | "ia" | "iu" | "ie" if after_consonant => {
            let soft = all.last().map(|glide| format!("ь{glide}"));
            all.splice(1..1, soft);
        }
        // Olga, Fishman
        "l" if next.is_some_and(|c| !vowel(c) && c != 'l') => all.push("ль".to_owned()),
        "y" if before.is_ascii_alphabetic() && vowel(before) => all = vec!["й".to_owned()],
        // Dmitry
        "y" if next.is_none() && after_consonant => all = vec!["ий".to_owned(), "ы".to_owned()],
        "y" => all = vec!["ы".to_owned(), "и".to_owned()],
        "e" if !before.is_ascii_alphabetic() => all.push("э".to_owned()),
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_out_of_the_other_alphabet() {
        for (typed, meant) in [
            ("Ivanov", "иванов"),
            ("zhuravlyova", "журавлева"),
            ("Sergey", "сергей"),
            ("Dmitry", "дмитрий"),
            ("Tatiana", "татьяна"),
            ("Natalya", "наталья"),
            ("Natalia", "наталия"),
            ("Solovyov", "соловьев"),
            ("Shcherbakov", "щербаков"),
            ("Olga", "ольга"),
            ("Mikhalkov", "михалков"),
            ("Krylov", "крылов"),
            ("Alexey Kuznetsov", "алексей кузнецов"),
            ("Ekaterina", "екатерина"),
            ("Emma", "эмма"),
            ("Yulia", "юлия"),
            ("Мюллер", "myuller"),
            ("смит", "smit"),
        ] {
            let readings = transliterations(typed);
            assert!(readings.iter().any(|reading| reading == meant), "{typed}: {readings:?}");
            assert!(readings.len() <= MOST, "{typed}");
        }
        for nothing in ["", "8 (912) 345-67-89", "12.03", "Anna Петрова"] {
            assert_eq!(transliterations(nothing), Vec::<String>::new(), "{nothing}");
        }
        assert_eq!(transliterations(&"natalya".repeat(30)).len(), MOST);
    }
}
