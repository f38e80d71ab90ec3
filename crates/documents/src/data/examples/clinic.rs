//! Invented cases of papers that are not letters to one person about a request.

use super::super::*;
use super::{at, day, texts};
use crate::ClinicRequisites;

impl ClinicRequisites {
    /// An invented clinic with every field filled.
    pub fn example() -> Self {
        Self {
            full_name: "Общество с ограниченной ответственностью «Стоматологическая клиника „Смайл Прогресс“»".into(),
            short_name: "ООО «Смайл Прогресс»".into(),
            inn: "2460000019".into(),
            ogrn: "1222400000017".into(),
            address: "660049, г. Красноярск, ул. Примерная, д. 12, пом. 3".into(),
            phone: "+7 391 200-00-00".into(),
            privacy_email: "privacy@clinic.example".into(),
            licence: "Лицензия № Л041-01019-24/00000000 от 14.02.2023".into(),
            responsible: "Петрова Ольга Викторовна, администратор".into(),
            processors: texts(&[
                "ООО «Хостинг-Пример», 115000, г. Москва, ул. Условная, д. 1 (хранение данных сайта)",
                "АО «Связь-Пример», 190000, г. Санкт-Петербург, наб. Вымышленная, д. 7 (отправка СМС-напоминаний)",
            ]),
            signatory_name: "Соколова Е. Н.".into(),
            signatory_position: "директор".into(),
            signatory_basis: "Устав".into(),
            system_name: "ИСПДн «Ресепшн»".into(),
        }
    }
}

fn commission() -> Vec<CommissionMember> {
    let member = |role: &str, full_name: &str, position: &str| CommissionMember {
        role: role.into(),
        full_name: full_name.into(),
        position: position.into(),
    };
    vec![
        member("председатель комиссии", "Соколова Елена Николаевна", "директор"),
        member("член комиссии", "Петрова Ольга Викторовна", "администратор"),
        member("член комиссии", "Ким Александр Сергеевич", "системный администратор"),
    ]
}

impl Destruction {
    pub(crate) fn example() -> Self {
        let row = |subject: &str| LogRow {
            subject: subject.into(),
            categories: "ФИО, телефон, запись".into(),
            reason: "цель обработки достигнута".into(),
            at: at("2026-11-24T19:55:10+07:00"),
        };
        Self {
            letter: Letter::example(),
            act: NumberedPaper { number: "УН-9".into(), date: day(2026, 11, 24) },
            subjects: texts(&["Ёлкина Мария Сергеевна", "запись per_01KAR3Q8W0V5T7ZC9XJ4M2N6PB"]),
            categories: texts(&["фамилия, имя, отчество", "номер телефона", "сведения о записи на приём"]),
            carrier: "заявление на бумаге".into(),
            sheets: Some(2),
            system: "ИСПДн «Ресепшн», версия 0.1.0".into(),
            way: "удаление записей с перезаписью страниц базы данных; бумага — в шредере".into(),
            reason: "достижение цели обработки".into(),
            destroyed: at("2026-11-24T19:55:10+07:00"),
            commission: commission(),
            log: vec![row("Ёлкина Мария Сергеевна"), row("запись per_01KAR3Q8W0V5T7ZC9XJ4M2N6PB")],
            log_sha256: "9f2c7a51d04be86f3a1c5d7e90b2846fa3c1e5d7908b6f4a2c1e3d5f7a9b0c8d".into(),
            kept_until: day(2029, 11, 24),
        }
    }
}

impl LeakNotice {
    pub(crate) fn example() -> Self {
        Self {
            letter: Letter::example(),
            subject: "Ёлкина Мария Сергеевна".into(),
            what_happened: "утерян напечатанный лист с записью на день".into(),
            happened: at("2026-11-22T18:00:00+07:00"),
            found: at("2026-11-23T09:10:00+07:00"),
            data: texts(&["фамилия и инициалы", "последние четыре цифры телефона", "время записи"]),
            consequences: "посторонний может узнать о записи в клинику".into(),
            measures: texts(&["проведён поиск листа", "усилен учёт напечатанных листов"]),
            advice: texts(&["не сообщать коды из СМС тем, кто звонит от имени клиники"]),
            authority_informed: "уведомлён 23.11.2026".into(),
        }
    }
}

impl IncidentNotice {
    pub(crate) fn example() -> Self {
        Self {
            incident: Incident {
                number: "ИНЦ-2".into(),
                happened: at("2026-11-22T18:00:00+07:00"),
                detected: at("2026-11-23T09:10:00+07:00"),
                what_happened: "утеря напечатанного листа записи".into(),
                presumed_causes: "лист не уничтожен в конце смены".into(),
                categories: texts(&["фамилия и инициалы", "последние цифры телефона", "время записи"]),
                subjects: Some(14),
                records: Some(14),
                harm: "раскрытие факта обращения в медицинскую организацию".into(),
                measures: texts(&["проведён поиск", "опрошены работники смены"]),
                seen_at: "не обнаружены".into(),
            },
            contact: AuthorityContact {
                full_name: "Петрова Ольга Викторовна".into(),
                phone: "+7 391 200-00-01".into(),
                email: "privacy@clinic.example".into(),
            },
            inquiry: Inquiry {
                number: "А-3".into(),
                date: day(2026, 11, 25),
                causes: "лист вынесен с бумагами на переработку".into(),
                harm: "случаев использования данных не установлено".into(),
                measures: texts(&["листы сдаются под подпись"]),
                culprits: texts(&["Иванов И. И., администратор"]),
                first_notice: "1234567".into(),
                first_notice_key: "A1B2C3".into(),
            },
        }
    }
}

impl CertificateSheet {
    pub(crate) fn example() -> Self {
        let redemption = |sum, before, after, receipt: &str| Redemption {
            date: day(2026, 11, 20),
            sum: Some(sum),
            before: Some(before),
            after: Some(after),
            service: "стоматологические услуги".into(),
            receipt: receipt.into(),
            by: "Петрова О. В.".into(),
        };
        Self {
            certificate: CertificateOnPaper {
                code: "7K4M-Q2XT-9".into(),
                code_tail: "2XT9".into(),
                sum: Some(1_500_000),
                service: "профессиональная гигиена полости рта".into(),
                pays_for: "любые услуги клиники по её прейскуранту на день оказания".into(),
                sold_on: day(2026, 11, 23),
                valid_until: day(2027, 11, 23),
                buyer: "Ёлкин Пётр Сергеевич".into(),
                recipient: "Ёлкина Мария Сергеевна".into(),
            },
            redemption: redemption(376_544, 500_000, 123_456, "00147"),
            redemptions: vec![redemption(1_000_000, 1_500_000, 500_000, "00112")],
            refund: Refund {
                holder: "Ёлкина Мария Сергеевна".into(),
                phone: "+7 912 345-67-89".into(),
                sum: Some(123_456),
                decision: "удовлетворить полностью".into(),
                basis: "статья 32".into(),
                pay_until: day(2026, 12, 3),
            },
            letter: Letter::example(),
            request: RequestOnPaper::example(),
        }
    }
}

impl DaySheet {
    pub(crate) fn example() -> Self {
        let visit = |time: &str, minutes, person: &str, phone_tail: &str, marks: &[&str]| DayVisit {
            time: time.into(),
            minutes: Some(minutes),
            person: person.into(),
            phone_tail: phone_tail.into(),
            marks: texts(marks),
        };
        Self {
            date: day(2026, 11, 24),
            practitioner: "Борменталь Иван Арнольдович".into(),
            room: "кабинет 2".into(),
            visits: vec![
                visit("09:00", 45, "Ёлкина Мария Сергеевна", "67-89", &["впервые", "нужно ИДС"]),
                visit("09:45", 30, "", "", &["занято"]),
                visit("10:30", 60, "Мамедов Али Гусейн оглы", "12-34", &["сертификат"]),
                visit("12:00", 30, "Салтыков-Щедрин Михаил Евграфович", "00-11", &["несовершеннолетний"]),
            ],
            printed_by: "Петрова Ольга Викторовна".into(),
        }
    }
}

impl Register {
    pub(crate) fn example() -> Self {
        let row = |number: &str, who: &str, outcome: &str| RegisterRow {
            number: number.into(),
            at: at("2026-11-23T11:40:00+07:00"),
            who: who.into(),
            nature: "деньги".into(),
            substance: "возврат остатка предоплаты".into(),
            basis: "письменный запрос от 20.11.2026 № 5".into(),
            by: "Петрова О. В.".into(),
            due: day(2026, 12, 3),
            done: day(2026, 11, 25),
            outcome: outcome.into(),
        };
        Self {
            from: day(2026, 11, 1),
            to: day(2026, 11, 30),
            rows: vec![row("17", "Ёлкина М. С., 67-89", "удовлетворено"), row("18", "Ли Ян", "отказано")],
        }
    }
}

impl AdmittedList {
    pub(crate) fn example() -> Self {
        let person = |full_name: &str, position: &str, role: &str| Admitted {
            full_name: full_name.into(),
            position: position.into(),
            role: role.into(),
            since: day(2026, 9, 1),
        };
        Self {
            order: NumberedPaper { number: "14-ПД".into(), date: day(2026, 9, 1) },
            people: vec![
                person("Петрова Ольга Викторовна", "администратор", "ответственный за персональные данные"),
                person("Ким Александр Сергеевич", "системный администратор", "настройка без просмотра карточек"),
            ],
        }
    }
}

impl Handover {
    pub(crate) fn example() -> Self {
        let count = |name: &str, value: &str| Count { name: name.into(), value: value.into() };
        Self {
            at: at("2026-11-23T19:50:00+07:00"),
            desk: "Ресепшн 1".into(),
            gave: "Петрова Ольга Викторовна".into(),
            took: "Ким Александр Сергеевич".into(),
            counts: vec![count("Заявки в работе", "3"), count("Неподписанные документы", "1")],
            tasks: vec![HandoverTask {
                id: "req_01KAR3Q8".into(),
                initials: "Ё. М. С.".into(),
                what: "перезвонить, просила после 10:00".into(),
                due: "24.11 10:00".into(),
            }],
            sheets_printed: Some(4),
            sheets_shredded: Some(4),
        }
    }
}

impl Decommission {
    pub(crate) fn example() -> Self {
        Self {
            act: NumberedPaper { number: "РМ-1".into(), date: day(2026, 11, 24) },
            workstation: Workstation {
                name: "Ресепшн 2".into(),
                id: "dsk_01KAR3Q8W0".into(),
                inventory: "00042".into(),
            },
            reason: "замена компьютера".into(),
            people: Some(1280),
            last_exchange: at("2026-11-24T18:40:00+07:00"),
            unsent: Some(0),
            key_destroyed: at("2026-11-24T18:55:00+07:00"),
            way: "уничтожение ключа шифрования и удаление файлов базы".into(),
            commission: commission(),
        }
    }
}

impl RecoveryKit {
    pub(crate) fn example() -> Self {
        Self {
            words: texts(&["7K4M", "Q2XT", "9ABC", "DEFG"]),
            words_below: texts(&["HJKM", "NPQR", "STVW"]),
            key_id: "66687aadf862bd77".into(),
            made_on: day(2026, 11, 23),
            made_by: "Соколова Елена Николаевна".into(),
        }
    }
}
