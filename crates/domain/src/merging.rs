//! What two cards of one person say together, and what each says again when they are parted.
//!
//! Invariants: pure; a card that was merged and parted with nothing in between says what it said before; what was written on
//! it in between stays; merges are parted in any order.

use crate::{
    PersonId,
    personal::{CardFields, MergedCard, PersonPersonal},
    phone::ParsedPhone,
};

impl PersonPersonal {
    /// What the card says.
    #[must_use]
    pub fn fields(&self) -> CardFields {
        CardFields {
            name: self.name.clone(),
            phones: self.phones.clone(),
            email: self.email.clone(),
            birth_date: self.birth_date,
            note: self.note.clone(),
        }
    }

    fn say(&mut self, fields: CardFields) {
        let CardFields { name, phones, email, birth_date, note } = fields;
        (self.name, self.phones, self.email, self.birth_date, self.note) = (name, phones, email, birth_date, note);
    }

    /// The card once it stands for another one too and says what was chosen of both.
    #[must_use]
    pub fn merged_with(&self, other: &PersonId, chosen: CardFields) -> Self {
        let mut card = self.clone();
        card.merged.retain(|merge| merge.other != *other);
        card.merged.push(MergedCard { other: other.clone(), before: self.fields(), chosen: chosen.clone() });
        card.say(chosen);
        card
    }

    /// The card once it does not stand for the other one any more.
    #[must_use]
    pub fn parted_from(&self, other: &PersonId) -> Self {
        let mut card = self.clone();
        let Some(at) = card.merged.iter().position(|merge| merge.other == *other) else { return card };
        let merge = card.merged.remove(at);
        // what later merges stood on came of this one too
        for later in &mut card.merged[at..] {
            later.before = merge.undone(&later.before);
            later.chosen = merge.undone(&later.chosen);
        }
        let now = merge.undone(&card.fields());
        card.say(now);
        card
    }
}

impl MergedCard {
    /// Fields without what the merge has done to them. What was changed since stays.
    fn undone(&self, now: &CardFields) -> CardFields {
        let (before, chosen) = (&self.before, &self.chosen);
        CardFields {
            name: undone(&before.name, &chosen.name, &now.name),
            phones: undone_phones(&before.phones, &chosen.phones, &now.phones),
            email: undone(&before.email, &chosen.email, &now.email),
            birth_date: undone(&before.birth_date, &chosen.birth_date, &now.birth_date),
            note: undone(&before.note, &chosen.note, &now.note),
        }
    }
}

fn undone<T: Clone + PartialEq>(before: &T, chosen: &T, now: &T) -> T {
    if now == chosen { before.clone() } else { now.clone() }
}

/// Numbers one by one: a number that was added since does not keep those that came from the other card.
fn undone_phones(before: &[ParsedPhone], chosen: &[ParsedPhone], now: &[ParsedPhone]) -> Vec<ParsedPhone> {
    let has = |list: &[ParsedPhone], phone: &ParsedPhone| list.iter().any(|other| is_same(other, phone));
    let came_with_it = |phone: &ParsedPhone| has(chosen, phone) && !has(before, phone);
    let went_with_it = |phone: &&ParsedPhone| !has(chosen, phone) && !has(now, phone);
    // in the order of the card, as it was: what was there before, then what came since
    let mut phones: Vec<ParsedPhone> =
        before.iter().filter(|phone| has(now, phone) || went_with_it(phone)).cloned().collect();
    phones.extend(now.iter().filter(|phone| !came_with_it(phone) && !has(before, phone)).cloned());
    phones
}

/// The same number, however it was written.
#[must_use]
pub fn is_same(one: &ParsedPhone, other: &ParsedPhone) -> bool {
    match (&one.phone, &other.phone) {
        (Some(one), Some(other)) => one == other,
        _ => one.raw == other.raw,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{personal::PersonName, phone};

    fn card(family: &str, phones: &[&str], email: Option<&str>, note: Option<&str>) -> PersonPersonal {
        PersonPersonal {
            name: PersonName { family: family.to_owned(), given: "Анна".to_owned(), ..PersonName::default() },
            phones: phones.iter().map(|phone| phone::parse(phone)).collect(),
            email: email.map(str::to_owned),
            note: note.map(str::to_owned),
            ..PersonPersonal::default()
        }
    }

    fn id(n: u8) -> PersonId {
        PersonId::from_random([n; 16])
    }

    const FIRST: &str = "+7 912 345-67-89";
    const SECOND: &str = "+7 912 345-67-80";
    const THIRD: &str = "+7 912 345-67-81";

    #[test]
    fn what_was_written_since_the_merge_stays_and_the_rest_is_as_it_was() {
        let before = card("Иванова", &[FIRST], None, Some("боится уколов"));
        let chosen = card("Петрова", &[FIRST, SECOND], Some("anna@example.ru"), Some("боится уколов")).fields();
        let mut merged = before.merged_with(&id(1), chosen);
        assert_eq!((merged.name.family.as_str(), merged.phones.len()), ("Петрова", 2));
        // married in between: another name, and a third number
        merged.name.family = "Сидорова".to_owned();
        merged.phones.push(phone::parse(THIRD));

        let parted = merged.parted_from(&id(1));
        let numbers: Vec<&str> = parted.phones.iter().map(|phone| phone.raw.as_str()).collect();
        assert_eq!(numbers, [FIRST, THIRD], "the number of the other card went with it, the new one stays");
        assert_eq!(parted.name.family, "Сидорова");
        assert_eq!((parted.email, parted.note), (None, before.note));
        assert_eq!(parted.merged.len(), 0);
    }

    fn any_card() -> impl Strategy<Value = PersonPersonal> {
        let phones = prop::sample::subsequence(vec![FIRST, SECOND, THIRD], 0..=3);
        let line = prop::option::of("[ab]");
        ("[абв]", phones, line.clone(), line)
            .prop_map(|(family, phones, email, note)| card(&family, &phones, email.as_deref(), note.as_deref()))
    }

    proptest! {
        #[test]
        fn two_merges_taken_back_in_either_order_leave_the_card_as_it_was(
            first in any_card(), chosen in any_card(), then in any_card(), the_first_first in any::<bool>(),
        ) {
            let twice = first.merged_with(&id(1), chosen.fields()).merged_with(&id(2), then.fields());
            let order = if the_first_first { [id(1), id(2)] } else { [id(2), id(1)] };
            let parted = order.iter().fold(twice, |card, other| card.parted_from(other));
            let numbers = |card: &PersonPersonal| {
                let mut raw: Vec<String> = card.phones.iter().map(|phone| phone.raw.clone()).collect();
                raw.sort();
                raw
            };
            prop_assert_eq!(numbers(&parted), numbers(&first));
            prop_assert!(parted.merged.is_empty());
            if !the_first_first {
                let (parted, first) = (parted.fields(), first.fields());
                prop_assert!(parted.name == first.name && parted.email == first.email && parted.note == first.note);
            }
        }
    }
}
