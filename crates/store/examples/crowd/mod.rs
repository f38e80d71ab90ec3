//! Invented people of a clinic, the same in every run, as changes of the feed: what is measured is measured over them.

use chrono::{DateTime, Utc};
use domain::{
    EntityRef, PersonId, RequestId, State,
    person::{Person, PersonSource},
    personal::{PersonName, PersonPersonal, RequestPersonal},
    phone,
    request::{Request, RequestKind, Source},
};
use store::{Opened, OpenedChange};

const FAMILIES: &[&str] = &[
    "Иванов",
    "Смирнов",
    "Кузнецов",
    "Попов",
    "Васильев",
    "Петров",
    "Соколов",
    "Михайлов",
    "Новиков",
    "Фёдоров",
    "Морозов",
    "Волков",
    "Алексеев",
    "Лебедев",
    "Семёнов",
    "Егоров",
    "Павлов",
    "Козлов",
    "Степанов",
    "Николаев",
    "Орлов",
    "Андреев",
    "Макаров",
    "Никитин",
    "Захаров",
    "Зайцев",
    "Соловьёв",
    "Борисов",
    "Яковлев",
    "Григорьев",
    "Романов",
    "Воробьёв",
    "Сергеев",
    "Кузьмин",
    "Фролов",
    "Королёв",
    "Гусев",
    "Киселёв",
    "Ильин",
    "Максимов",
];
const BEGINNINGS: &[&str] = &["", "", "", "", "Бело", "Черно", "Красно", "Ново", "Старо", "Добро", "Криво", "Велико"];
const GIVEN: &[&str] = &[
    "Анна",
    "Елена",
    "Мария",
    "Наталья",
    "Ольга",
    "Екатерина",
    "Татьяна",
    "Ирина",
    "Светлана",
    "Юлия",
    "Алёна",
    "Полина",
    "Виктория",
    "Софья",
    "Марина",
    "Лариса",
    "Оксана",
    "Нина",
    "Кристина",
    "Варвара",
];
const PATRONYMICS: &[&str] = &[
    "Александровна",
    "Сергеевна",
    "Дмитриевна",
    "Андреевна",
    "Алексеевна",
    "Ивановна",
    "Михайловна",
    "Николаевна",
    "Артёмовна",
    "Владимировна",
    "Павловна",
    "Романовна",
    "Олеговна",
    "Юрьевна",
    "Петровна",
    "Семёновна",
];

/// xorshift: the same people in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

#[derive(Clone)]
pub(crate) struct Someone {
    pub(crate) name: PersonName,
    pub(crate) phone: String,
    pub(crate) email: String,
}

pub(crate) fn someone(dice: &mut Dice, n: usize) -> Someone {
    let (beginning, family) = (dice.pick(BEGINNINGS), dice.pick(FAMILIES));
    let family = if beginning.is_empty() { family.to_owned() } else { format!("{beginning}{}", family.to_lowercase()) };
    Someone {
        name: PersonName {
            family: format!("{family}а"),
            given: dice.pick(GIVEN).to_owned(),
            patronymic: dice.pick(PATRONYMICS).to_owned(),
        },
        phone: format!("+79{:02}{:07}", dice.roll(100), dice.roll(10_000_000)),
        email: format!("user{n}.{}@mail.ru", dice.roll(1_000)),
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

fn id_bytes(dice: &mut Dice) -> [u8; 16] {
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        *byte = u8::try_from(dice.roll(256)).unwrap();
    }
    bytes
}

pub(crate) fn person(dice: &mut Dice, seq: u64, who: &Someone) -> OpenedChange {
    let part = PersonPersonal {
        name: who.name.clone(),
        phones: vec![phone::parse(&who.phone)],
        email: Some(who.email.clone()),
        ..Default::default()
    };
    let state = State::Person(Person::new(PersonSource::Site, now()));
    let id: EntityRef = PersonId::from_random(id_bytes(dice)).into();
    change(seq, id, state, serde_json::to_value(part).unwrap())
}

pub(crate) fn request(dice: &mut Dice, seq: u64, who: &Someone) -> OpenedChange {
    let part = RequestPersonal {
        name_raw: who.name.full(),
        phone: Some(phone::parse(&who.phone)),
        service: Some("Имплантация".to_owned()),
        comment: Some("Перезвоните, пожалуйста, после обеда".to_owned()),
        ..Default::default()
    };
    let source = Source { connector: "tilda".to_owned(), source: "src_1".to_owned(), site: None };
    let state = State::Request(Request::received(RequestKind::Callback, now(), now(), source));
    let id: EntityRef = RequestId::from_random(id_bytes(dice)).into();
    change(seq, id, state, serde_json::to_value(part).unwrap())
}

fn change(seq: u64, id: EntityRef, state: State, part: serde_json::Value) -> OpenedChange {
    OpenedChange { seq, id, version: 1, state: Some(state), parts: Opened::from([("main".to_owned(), part)]) }
}

pub(crate) fn changes(count: usize, people_only: bool) -> (Vec<OpenedChange>, Vec<Someone>) {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let everybody: Vec<Someone> = (0..count).map(|n| someone(&mut dice, n)).collect();
    let one = |(n, who): (usize, &Someone)| {
        let seq = u64::try_from(n).unwrap() + 1;
        if people_only || n % 3 != 0 { person(&mut dice, seq, who) } else { request(&mut dice, seq, who) }
    };
    (everybody.iter().enumerate().map(one).collect(), everybody)
}
