//! Sums in roubles, in digits and in words. Unit: kopecks, whole numbers only.

/// «15 000,50 ₽», with no-break spaces.
pub fn in_digits(kopecks: u64) -> String {
    let roubles = (kopecks / 100).to_string();
    let mut grouped = String::with_capacity(roubles.len() * 2);
    for (place, digit) in roubles.chars().enumerate() {
        if place > 0 && (roubles.len() - place).is_multiple_of(3) {
            grouped.push('\u{A0}');
        }
        grouped.push(digit);
    }
    format!("{grouped},{:02}\u{A0}₽", kopecks % 100)
}

/// «пятнадцать тысяч рублей 50 копеек»: kopecks stay digits, as in accounts.
pub(crate) fn in_words(kopecks: u64) -> String {
    let (roubles, rest) = (kopecks / 100, kopecks % 100);
    format!(
        "{} {} {rest:02} {}",
        cardinal(roubles),
        form(roubles, ["рубль", "рубля", "рублей"]),
        form(rest, ["копейка", "копейки", "копеек"]),
    )
}

/// A whole number in words, masculine: «двадцать один».
pub(crate) fn cardinal(number: u64) -> String {
    const SCALES: [([&str; 3], bool); 6] = [
        (["", "", ""], false),
        (["тысяча", "тысячи", "тысяч"], true),
        (["миллион", "миллиона", "миллионов"], false),
        (["миллиард", "миллиарда", "миллиардов"], false),
        (["триллион", "триллиона", "триллионов"], false),
        (["квадриллион", "квадриллиона", "квадриллионов"], false),
    ];
    if number == 0 {
        return "ноль".to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut rest = number;
    for (names, feminine) in SCALES {
        let group = rest % 1000;
        rest /= 1000;
        if group > 0 {
            let name = form(group, names);
            let words = below_thousand(group, feminine);
            parts.push(if name.is_empty() { words } else { format!("{words} {name}") });
        }
    }
    parts.reverse();
    parts.join(" ")
}

fn below_thousand(number: u64, feminine: bool) -> String {
    const HUNDREDS: [&str; 10] =
        ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"];
    const TENS: [&str; 10] =
        ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"];
    const UNITS: [&str; 20] = [
        "",
        "один",
        "два",
        "три",
        "четыре",
        "пять",
        "шесть",
        "семь",
        "восемь",
        "девять",
        "десять",
        "одиннадцать",
        "двенадцать",
        "тринадцать",
        "четырнадцать",
        "пятнадцать",
        "шестнадцать",
        "семнадцать",
        "восемнадцать",
        "девятнадцать",
    ];
    let (hundreds, below) = (number / 100, number % 100);
    let (tens, units) = if below < 20 { (0, below) } else { (below / 10, below % 10) };
    let units = match (units, feminine) {
        (1, true) => "одна",
        (2, true) => "две",
        (units, _) => pick(&UNITS, units),
    };
    let words = [pick(&HUNDREDS, hundreds), pick(&TENS, tens), units];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn pick<'a>(words: &[&'a str], place: u64) -> &'a str {
    usize::try_from(place).ok().and_then(|place| words.get(place)).copied().unwrap_or_default()
}

/// The form of a noun after a number: «рубль, рубля, рублей».
pub(crate) fn form(number: u64, [one, few, many]: [&str; 3]) -> &str {
    match (number % 100, number % 10) {
        (11..=14, _) => many,
        (_, 1) => one,
        (_, 2..=4) => few,
        _ => many,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_read_as_an_accountant_writes_them() {
        assert_eq!(in_words(1_500_050), "пятнадцать тысяч рублей 50 копеек");
        assert_eq!(in_words(123_456), "одна тысяча двести тридцать четыре рубля 56 копеек");
        assert_eq!(in_words(2_100), "двадцать один рубль 00 копеек");
        assert_eq!(in_words(1), "ноль рублей 01 копейка");
        assert_eq!(in_words(1_100), "одиннадцать рублей 00 копеек");
        assert_eq!(in_words(100_200_002), "один миллион две тысячи рублей 02 копейки");
        assert_eq!(in_digits(123_456_789).replace('\u{A0}', " "), "1 234 567,89 ₽");
        assert_eq!(in_digits(5).replace('\u{A0}', " "), "0,05 ₽");
    }

    #[test]
    fn the_largest_number_has_words() {
        assert!(cardinal(u64::MAX / 100).contains("квадриллион"));
    }
}
