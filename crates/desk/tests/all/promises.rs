//! What the clinic's policy promises, from the paper that somebody gets to the last copy that forgets them.

use std::path::{Path, PathBuf};

use crate::common::{Clinic, MANAGER, RECEPTIONIST, claim, register, second_desk, settled, sign_in, somebody};
use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use chrono::{Days, NaiveDate};
use contract::ui::*;
use desk::{Desk, platform::clock::Clock};
use domain::{
    CaseId, PersonId,
    case::{CaseKind, CaseMove, EraseGround, IncidentKind},
    person::{Channel, ConsentAnswer, ConsentKind},
};
use seal::{ClinicSecretKey, SealContext};

fn case(kind: CaseKind, person: Option<&PersonId>) -> CasePutArgs {
    let who = if person.is_some() { String::new() } else { claim().who };
    CasePutArgs { kind, person: person.cloned(), who, ..claim() }
}

async fn step(desk: &Desk, id: &CaseId, step: CaseMove, words: Option<&str>) -> CaseCard {
    let words = words.map(str::to_owned);
    desk.case_step(CaseStepArgs { id: id.clone(), step, words }).await.unwrap()
}

async fn answered_and_closed(desk: &Desk, id: &CaseId) {
    for (move_, words) in [
        (CaseMove::TakeUp, None),
        (CaseMove::Answer, Some("ответ")),
        (CaseMove::Deliver, None),
        (CaseMove::Close, None),
    ] {
        step(desk, id, move_, words).await;
    }
}

fn of_case(form: &str, id: &CaseId, person: Option<&PersonId>) -> PreviewArgs {
    PreviewArgs { case: Some(id.clone()), ..PreviewArgs::of(form, person.cloned()) }
}

async fn print(desk: &Desk, args: PreviewArgs) -> PaperPreview {
    let preview = desk.paper_preview(args).await.unwrap();
    let way = PrintWay { printer: None, copies: 1, duplex: false, tray: None };
    desk.paper_print(PrintArgs { paper: preview.paper.clone(), way, confirmed: true }).await.unwrap();
    preview
}

async fn card(desk: &Desk, id: &CaseId) -> CaseCard {
    desk.case_card(CaseArgs { id: id.clone() }).await.unwrap()
}

fn forms(card: &CaseCard) -> Vec<&str> {
    card.forms.iter().map(|form| form.form.as_str()).collect()
}

fn today(clinic: &Clinic) -> NaiveDate {
    clinic.clock.now().with_timezone(&chrono_tz_of_stories()).date_naive()
}

/// Krasnoyarsk has had one offset for years.
fn chrono_tz_of_stories() -> chrono::FixedOffset {
    chrono::FixedOffset::east_opt(7 * 3600).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_gets_its_receipt_at_once_and_its_answer_from_whoever_answers() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let id = desk.case_put(case(CaseKind::Claim, None)).await.unwrap().row.id;
    assert_eq!(forms(&card(&desk, &id).await), ["claim_receipt"]);
    let receipt = print(&desk, of_case("claim_receipt", &id, None)).await;
    // printed twice it is one sheet, and the case has it
    print(&desk, of_case("claim_receipt", &id, None)).await;
    let after = card(&desk, &id).await;
    assert_eq!(after.papers.len(), 2);
    assert!(after.papers.iter().any(|sheet| sheet.paper.id == receipt.paper && sheet.title.contains("Расписка")));
    let refused = desk.paper_preview(of_case("claim_answer", &id, None)).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("form"), "nothing is answered yet");
    step(&desk, &id, CaseMove::TakeUp, None).await;
    settled(&desk).await;

    sign_in(&desk, MANAGER).await;
    step(&desk, &id, CaseMove::Answer, Some("удовлетворить: 12 000 рублей")).await;
    print(&desk, of_case("claim_answer", &id, None)).await;
    let day = today(&clinic);
    let journal = desk.papers_journal(JournalArgs { day }).await.unwrap();
    let number = card(&desk, &id).await.row.number;
    assert_eq!(journal.iter().filter(|row| row.case.as_ref() == Some(&number)).count(), 3);
    sign_in(&desk, RECEPTIONIST).await;
    let refused = desk.paper_preview(of_case("claim_answer", &id, None)).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden, "whoever registers does not answer");
    for form in ["journal_claims", "journal_subjects", "journal_authorities", "journal_disclosures", "admitted_list"] {
        print(&desk, PreviewArgs { day: Some(day), ..PreviewArgs::of(form, None) }).await;
    }
    settled(&desk).await;
    assert_eq!(card(&desk, &id).await.papers.len(), 3);
    assert_eq!(card(&desk, &id).await.row.certainty, Certainty::Confirmed);
}

async fn saved(desk: &Desk, person: &PersonId) -> serde_json::Value {
    let args = ExportArgs { person: person.clone(), reason: ExportReason::Asked, secret: MANAGER.1.into() };
    let done = desk.data_export(args).await.unwrap();
    assert!(done.files.iter().all(|file| !file.contains("Иванов")), "{:?}", done.files);
    let json = done.files.iter().find(|file| file.ends_with(".json")).unwrap();
    assert!(done.files.iter().any(|file| file.ends_with(".pdf") && std::fs::read(file).unwrap().starts_with(b"%PDF")));
    serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn trap_17_an_answer_holds_what_is_kept_on_the_person_and_nothing_on_others_with_the_phone() {
    let (clinic, desk) = Clinic::founded().await;
    clinic
        .visitor(serde_json::json!({"name": "Анна", "phone": "8 913 555-12-34", "comment": "болит зуб мудрости"}))
        .await;
    clinic.visitor(serde_json::json!({"name": "Пётр", "phone": "8 913 555-12-34", "comment": "снять брекеты"})).await;
    settled(&desk).await;
    sign_in(&desk, RECEPTIONIST).await;
    let anna = PersonPutArgs {
        phones: vec!["8 913 555-12-34".into()],
        note: Some("просила не звонить утром".into()),
        ..somebody("Иванова", "Анна")
    };
    let anna = desk.person_put(anna).await.unwrap().row.id;
    let petr = register(&desk, "Иванов").await.row.id;
    let queue = desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap();
    let hers = queue.rows.iter().find(|row| row.name == "Анна").unwrap().id.clone();
    desk.request_link_person(LinkPersonArgs { id: hers.clone(), person: anna.clone() }).await.unwrap();
    let call = LogCallArgs {
        id: hers,
        outcome: domain::request::CallOutcome::NoAnswer,
        note: Some("ответила дочь, перезвонить".into()),
        next_try_at: None,
    };
    desk.request_log_call(call).await.unwrap();
    let id = desk.case_put(case(CaseKind::Access, Some(&anna))).await.unwrap().row.id;
    assert_eq!(forms(&card(&desk, &id).await), ["subject_request"], "nothing is answered before it is known who asks");
    step(&desk, &id, CaseMove::CheckIdentity, Some("паспорт показан")).await;
    settled(&desk).await;
    sign_in(&desk, MANAGER).await;
    assert_eq!(forms(&card(&desk, &id).await), ["subject_request", "subject_answer"]);
    print(&desk, of_case("subject_answer", &id, None)).await;

    let said = saved(&desk, &anna).await.to_string();
    for own in ["Иванова Анна", "913 555-12-34", "не звонить утром", "болит зуб", "ответила дочь"]
    {
        assert!(said.contains(own), "{own}: {said}");
    }
    for others in ["брекеты", "Пётр"] {
        assert!(!said.contains(others), "{others}: {said}");
    }
    assert!(!saved(&desk, &petr).await.to_string().contains("Анна"));
    // a wrong secret gives nothing out, and the third one waits
    let wrong = || ExportArgs { person: anna.clone(), reason: ExportReason::Asked, secret: "wrong".into() };
    for code in [Code::WrongSecret, Code::WrongSecret, Code::TooManyTries] {
        assert_eq!(desk.data_export(wrong()).await.unwrap_err().code, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_those_who_agreed_and_nobody_who_is_blocked() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let [agreed, blocked, silent] = ["=Согласнова", "Блокова", "Молчунова"].map(str::to_owned);
    let mut ids = Vec::new();
    for family in [&agreed, &blocked, &silent] {
        ids.push(register(&desk, family).await.row.id);
    }
    for id in &ids[..2] {
        let paper = print(&desk, PreviewArgs::of("consent_advertising", Some(id.clone()))).await.paper;
        let consent = ConsentArgs {
            person: id.clone(),
            kind: ConsentKind::Newsletter,
            answer: ConsentAnswer::Given,
            said_at: None,
            channel: Channel::Paper,
            paper: Some(paper),
            valid_until: None,
        };
        desk.consent_record(consent).await.unwrap();
    }
    let block = serde_json::json!({"whom": {"by": "person", "person": ids[1]}, "requester": "subject",
        "ground": "dispute", "note": null});
    desk.person_block(serde_json::from_value(block).unwrap()).await.unwrap();
    sign_in(&desk, MANAGER).await;
    let day = chrono::Utc::now().date_naive();
    let args = || ListExportArgs {
        list: ExportList::Newsletter,
        from: day,
        to: day,
        reason: ExportReason::Sending,
        secret: MANAGER.1.into(),
    };
    let done = desk.list_export(args()).await.unwrap();
    let text = std::fs::read_to_string(&done.files[0]).unwrap();
    assert!(text.contains("'=Согласнова") && !text.contains("Блокова") && !text.contains("Молчунова"), "{text}");
    assert_eq!(done.count, 1);
    assert!(text.contains("Выгрузка ppr_"), "whose export it is");
    for _ in 1..20 {
        desk.list_export(args()).await.unwrap();
    }
    assert_eq!(desk.list_export(args()).await.unwrap_err().field.as_deref(), Some("limit"));
    let seen = desk.audit_view(AuditArgs { from: day.pred_opt().unwrap(), to: day.succ_opt().unwrap() }).await.unwrap();
    assert!(seen.ok && seen.sums.iter().any(|sum| sum.verb == "list.export" && sum.count == 20));
    assert!(!serde_json::to_string(&seen).unwrap().contains("Согласнова"), "the chain has no values");
}

fn incident(kind: IncidentKind, people: Vec<PersonId>) -> CasePutArgs {
    let told = IncidentView {
        kind,
        from: None,
        to: None,
        causes: "украдена сумка".into(),
        harm: "могут позвонить мошенники".into(),
        measures: "доступ отозван\nключ клиники сменён".into(),
        advice: "не называйте коды из сообщений".into(),
        people,
        circumstances: String::new(),
        first_notice: String::new(),
    };
    CasePutArgs {
        incident: Some(told), who: "Ноутбук ресепшна".into(), ..case(CaseKind::Incident, None)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_computer_is_everybody_on_it_and_a_wrong_letter_is_whoever_is_named() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let anna = register(&desk, "Иванова").await.row.id;
    let other = register(&desk, "Петрова").await.row.id;
    let stolen = desk.case_put(incident(IncidentKind::LostComputer, Vec::new())).await.unwrap();
    let wrong = desk.case_put(incident(IncidentKind::WrongPerson, vec![anna.clone()])).await.unwrap().row.id;
    assert!(stolen.forms.is_empty(), "whoever registers notifies nobody");
    assert_eq!(stolen.dues.len(), 3);
    sign_in(&desk, MANAGER).await;
    let affected = async |id: &CaseId| desk.case_affected(CaseArgs { id: id.clone() }).await.unwrap();
    assert_eq!(affected(&stolen.row.id).await.count, 2);
    let named = affected(&wrong).await;
    assert_eq!((named.count, named.people[0].told), (1, false));
    assert!(named.people[0].data.contains(&"телефон".to_owned()));
    let refused = desk.paper_preview(of_case("leak_notice", &wrong, Some(&other))).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("person"), "nobody else gets a letter");
    print(&desk, of_case("leak_notice", &wrong, Some(&anna))).await;
    assert!(affected(&wrong).await.people[0].told);
    for form in ["authority_first_notice", "authority_result_notice"] {
        print(&desk, of_case(form, &stolen.row.id, None)).await;
    }
    let after = card(&desk, &stolen.row.id).await;
    assert_eq!(after.papers.len(), 2);
    let told = after.incident.unwrap();
    assert_eq!((told.kind, told.measures.lines().count()), (IncidentKind::LostComputer, 2));
}

/// What frees the clinic by clause 7.2 of its policy is on the incident with its proof, at every desk, and only sealed at
/// the gateway.
#[tokio::test(flavor = "multi_thread")]
async fn what_frees_the_clinic_of_a_leak_is_kept_with_its_proof_and_is_read_at_the_other_desk() {
    const PROOF: &str = "п. 7.2.1: номер был на странице самой пациентки, снимок экрана от 12.11.2026";
    let (clinic, first) = Clinic::founded().await;
    let (_relay, second) = second_desk(&clinic, &first).await;
    sign_in(&first, MANAGER).await;
    let mut args = incident(IncidentKind::WrongPerson, Vec::new());
    args.incident.as_mut().unwrap().circumstances = PROOF.into();
    let id = first.case_put(args).await.unwrap().row.id;
    settled(&first).await;
    settled(&second).await;
    sign_in(&second, MANAGER).await;
    assert_eq!(card(&second, &id).await.incident.unwrap().circumstances, PROOF);
    let read = |name: &str| std::fs::read(clinic.dir.path().join(name)).unwrap_or_default();
    let gateway = [read("gateway.db"), read("gateway.db-wal")].concat();
    let has = |words: &str| gateway.windows(words.len()).any(|bytes| bytes == words.as_bytes());
    assert!(has(id.as_str()), "the search finds what is there");
    assert!(!has("снимок экрана"));
}

// ---------------------------------------------------------------------------------------------------- destruction

/// What must not be found anywhere afterwards.
const CANARIES: [&str; 4] = ["000-77-31", "kanareika@example.test", "заметка-канарейка", "отбеливание-канарейка"];
const PAGE: usize = 4096;
/// At the end of each page: the vector, and the proof.
const RESERVED: usize = 80;

/// A page as SQLite sees it (AES-256-CBC, the vector behind the text).
fn plain(page: &[u8], key: &[u8; 32], first: bool) -> Vec<u8> {
    let cipher = aes::Aes256::new(&Array::from(*key));
    let from = if first { 16 } else { 0 };
    let (text, rest) = page[from..].split_at(PAGE - RESERVED - from);
    let mut before: [u8; 16] = rest[..16].try_into().unwrap();
    let mut plain = Vec::with_capacity(text.len());
    for block in text.chunks_exact(16) {
        let mut array = Array::try_from(block).unwrap();
        cipher.decrypt_block(&mut array);
        plain.extend(array.iter().zip(before).map(|(byte, mask)| byte ^ mask));
        before = block.try_into().unwrap();
    }
    plain
}

fn opened(path: &Path, key: &[u8; 32]) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_default();
    if path.to_string_lossy().ends_with("-wal") {
        let frames = bytes.get(32..).unwrap_or_default().chunks_exact(24 + PAGE);
        return frames.flat_map(|frame| plain(&frame[24..], key, frame[..4] == [0, 0, 0, 1])).collect();
    }
    bytes.chunks_exact(PAGE).enumerate().flat_map(|(at, page)| plain(page, key, at == 0)).collect()
}

fn key_of(hex: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}

struct Search<'a> {
    clinic: &'a Clinic,
    /// What the gateway had of the person, sealed.
    sealed: Vec<String>,
    backup: PathBuf,
}

impl Search<'_> {
    fn entry(&self, account: &str) -> serde_json::Value {
        serde_json::from_str(&self.clinic.keychain.entries.lock().unwrap()[account]).unwrap()
    }

    /// The key of a copy, by the card beside it and the clinic's key.
    fn key_of_copy(&self, copy: &Path) -> [u8; 32] {
        let secret = self.entry(crate::common::ACCOUNT)["link"]["clinic_secret"].as_str().unwrap().to_owned();
        let card = std::fs::read(format!("{}.keys", copy.display())).unwrap();
        let card: serde_json::Value = serde_json::from_slice(&card).unwrap();
        let text = |name: &str| card[name].as_str().unwrap().to_owned();
        let (desk, clinic) = (text("desk"), text("clinic"));
        let context = SealContext { entity: &desk, part: "desk_keys", seal_id: &clinic };
        let sealed = serde_json::from_value(card["entry"].clone()).unwrap();
        let entry = seal::open(&ClinicSecretKey::from_hex(&secret).unwrap(), &context, &sealed).unwrap();
        let entry: serde_json::Value = serde_json::from_slice(&entry).unwrap();
        key_of(entry["database"].as_str().unwrap())
    }

    fn files(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() { Self::files(&entry.path(), all) } else { all.push(entry.path()) }
        }
    }

    /// Every file of desks, gateway and backups in which something of the person is.
    fn found(&self) -> Vec<String> {
        let mut files = Vec::new();
        Self::files(self.clinic.dir.path(), &mut files);
        let mut found = Vec::new();
        for path in files {
            let name = path.strip_prefix(self.clinic.dir.path()).unwrap().to_string_lossy().into_owned();
            let database = name.trim_end_matches("-wal");
            let bytes = match database {
                "desk/desk.db" => {
                    opened(&path, &key_of(self.entry(crate::common::ACCOUNT)["database"].as_str().unwrap()))
                }
                "second/desk.db" => opened(&path, &key_of(self.entry("second")["database"].as_str().unwrap())),
                copy if copy.contains("copies/") && copy.ends_with(".db") => {
                    opened(&path, &self.key_of_copy(&self.clinic.dir.path().join(copy)))
                }
                _ if path == self.backup => zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap(),
                _ => std::fs::read(&path).unwrap_or_default(),
            };
            let has = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
            if CANARIES.into_iter().chain(self.sealed.iter().map(String::as_str)).any(has) {
                found.push(name);
            }
        }
        found.sort();
        found
    }
}

async fn whose_time_is_over(clinic: &Clinic, desk: &Desk) -> PersonId {
    let person = PersonPutArgs {
        phones: vec!["+7 913 000-77-31".into()],
        email: Some(CANARIES[1].into()),
        note: Some(CANARIES[2].into()),
        ..somebody("Канарейкина", "Анна")
    };
    let person = desk.person_put(person).await.unwrap().row.id;
    let day = desk.schedule_day(DayArgs { date: today(clinic) + Days::new(2) }).await.unwrap();
    let start = day.date.and_hms_opt(10, 0, 0).unwrap();
    let book = BookArgs {
        person: person.clone(),
        practitioner: day.practitioners[0].id.parse().unwrap(),
        chair: day.chairs[0].id.parse().unwrap(),
        start,
        end: start + chrono::Duration::minutes(30),
        service: Some(CANARIES[3].into()),
        note: None,
        request: None,
        agreed: true,
    };
    let visit = desk.visit_book(book).await.unwrap().visit.id;
    let cancel = CancelArgs { id: visit, reason: domain::appointment::CancelReason::Patient };
    desk.visit_cancel(cancel).await.unwrap();
    let preview = desk.paper_preview(PreviewArgs::of("consent_pd", Some(person.clone()))).await.unwrap();
    desk.paper_save(SaveArgs { paper: preview.paper, confirmed: true }).await.unwrap();
    settled(desk).await;
    person
}

fn destroy(person: &PersonId) -> DestroyArgs {
    DestroyArgs {
        whose: vec![DueWhose::Person { person: person.clone() }],
        ground: EraseGround::TermOver,
        reason: String::new(),
        case: None,
        secret: MANAGER.1.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trap_15_after_a_destruction_nothing_of_the_person_is_on_any_disk_and_the_act_says_what_stays() {
    let (clinic, first) = Clinic::founded().await;
    let (_relay, second) = second_desk(&clinic, &first).await;
    sign_in(&first, RECEPTIONIST).await;
    let person = whose_time_is_over(&clinic, &first).await;
    settled(&second).await;
    for desk in [&first, &second] {
        sign_in(desk, MANAGER).await;
        desk.copy_now(Nothing {}).await.unwrap();
    }
    let backup = clinic.dir.path().join("gateway.backup");
    clinic.gateway.backup(&backup).await.unwrap();
    let entry: serde_json::Value =
        serde_json::from_str(&clinic.keychain.entries.lock().unwrap()[crate::common::ACCOUNT]).unwrap();
    let feed = clinic.feed(entry["link"]["token"].as_str().unwrap()).await;
    let changes = feed["changes"].as_array().unwrap();
    let hers = changes.iter().find(|change| change["id"] == person.as_str()).unwrap();
    let sealed = vec![hers["parts"]["main"]["data"].as_str().unwrap()[..60].to_owned()];
    let search = Search { clinic: &clinic, sealed, backup: backup.clone() };
    let before = search.found();
    let everywhere =
        ["desk/desk.db", "second/desk.db", "gateway.db", "gateway.backup", "desk/copies/", "second/copies/"];
    for place in everywhere {
        assert!(
            before.iter().any(|file| file.starts_with(place)),
            "the search finds what is there: {place}, {before:?}"
        );
    }
    let pdf = |folder: &Path| {
        std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .filter(|e| e.path().extension().is_some_and(|x| x == "pdf"))
            .count()
    };
    assert_eq!(pdf(&clinic.dir.path().join("documents")), 1);

    clinic.clock.forward(40 * 24 * 3600);
    for desk in [&first, &second] {
        sign_in(desk, MANAGER).await;
    }
    let due = first.destruction_queue(Nothing {}).await.unwrap();
    let row = due.rows.iter().find(|row| row.whose == DueWhose::Person { person: person.clone() }).unwrap();
    assert!(row.holds.is_empty() && row.records == 2, "{:?} {}", row.holds, row.records);
    // a copy that is out of reach while it happens is said, and cleaned when it is back
    let (copies, away) = (clinic.home().join("copies"), clinic.dir.path().join("away"));
    std::fs::rename(&copies, &away).unwrap();
    let act = first.destruction_run(destroy(&person)).await.unwrap().act.unwrap();
    settled(&first).await;
    settled(&second).await;
    first.sweep().await.unwrap();
    second.sweep().await.unwrap();
    let shown = card(&first, &act).await.destroyed.unwrap();
    assert_eq!((shown.remaining, shown.copies.done, shown.copies.out_of_reach), (0, true, 1));
    std::fs::rename(&away, &copies).unwrap();
    let found = search.found();
    assert!(found.iter().any(|file| file.starts_with("desk/copies/")), "left out, it is found: {found:?}");
    assert!(found.contains(&"gateway.backup".to_owned()), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
    first.sweep().await.unwrap();
    let config = gateway::GatewayConfig::at(clinic.dir.path().join("gateway.db"));
    gateway::cleanse(&config, &backup).await.unwrap();
    assert_eq!(search.found(), Vec::<String>::new());
    assert!(gateway::verify_backup(&backup).is_ok());
    assert_eq!(pdf(&clinic.dir.path().join("documents")), 0, "what was saved from here goes too");
    assert!(second.person_card(PersonArgs { id: person.clone() }).await.is_err());

    settled(&second).await;
    let shown = card(&first, &act).await.destroyed.unwrap();
    assert_eq!(shown.copies.out_of_reach, 0);
    assert!(shown.desks.unwrap().iter().all(|desk| desk.heard), "every desk has heard");
    assert!(!shown.left.is_empty());
    let shown = card(&first, &act).await;
    assert_eq!(forms(&shown), ["destruction_act", "destruction_log"], "whose time was over is not written to");
    for form in forms(&shown) {
        print(&first, of_case(form, &act, None)).await;
    }
    let seen = first.audit_view(AuditArgs { from: today(&clinic), to: today(&clinic) }).await.unwrap();
    assert!(seen.entries.iter().any(|line| line.verb == store::ERASED && line.subject == person.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_two_cards_and_asks_for_it_goes_with_both() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, MANAGER).await;
    let survivor = whose_time_is_over(&clinic, &desk).await;
    let other = register(&desk, "Канарейкина-Старая").await;
    let one = desk.person_card(PersonArgs { id: survivor.clone() }).await.unwrap();
    let merge = MergeArgs {
        survivor: survivor.clone(),
        survivor_etag: one.etag,
        other: other.row.id.clone(),
        other_etag: other.etag,
        name: one.full_name,
        phones: one.phones.into_iter().map(|phone| phone.raw).collect(),
        email: None,
        birth_date: None,
        note: None,
    };
    desk.person_merge(merge).await.unwrap();
    // asked for by the card that was merged
    let asks = desk.case_put(case(CaseKind::Withdrawal, Some(&other.row.id))).await.unwrap().row.id;
    settled(&desk).await;
    let asked = DestroyArgs { ground: EraseGround::Withdrawn, case: Some(asks), ..destroy(&survivor) };
    let act = desk.destruction_run(asked).await.unwrap().act.unwrap();
    settled(&desk).await;
    let shown = card(&desk, &act).await.destroyed.unwrap();
    assert_eq!((shown.remaining, shown.subjects.len(), shown.subjects[0].records), (0, 1, 3), "two cards and a visit");
    assert!(shown.reason.contains("обращение №"), "{}", shown.reason);
    print(&desk, of_case("destruction_notice", &act, None)).await;
    for gone in [&survivor, &other.row.id] {
        assert!(desk.person_card(PersonArgs { id: gone.clone() }).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_in_court_stops_a_destruction_and_says_so() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let person = whose_time_is_over(&clinic, &desk).await;
    sign_in(&desk, MANAGER).await;
    let id = desk.case_put(case(CaseKind::Claim, Some(&person))).await.unwrap().row.id;
    step(&desk, &id, CaseMove::Hold, Some("дело 2-1187/2026")).await;
    answered_and_closed(&desk, &id).await;
    settled(&desk).await;
    clinic.clock.forward(40 * 24 * 3600);
    sign_in(&desk, MANAGER).await;
    let held = desk.destruction_queue(Nothing {}).await.unwrap().rows.remove(0);
    assert!(held.holds.iter().any(|words| words.contains("спор в суде")), "{:?}", held.holds);
    assert_eq!(desk.destruction_run(destroy(&person)).await.unwrap_err().field.as_deref(), Some("holds"));
    let wrong = DestroyArgs { secret: "wrong".into(), ..destroy(&person) };
    assert_eq!(desk.destruction_run(wrong).await.unwrap_err().code, Code::WrongSecret);
    step(&desk, &id, CaseMove::Release, Some("решение вступило в силу")).await;
    settled(&desk).await;
    let act = desk.destruction_run(destroy(&person)).await.unwrap().act.unwrap();
    let early = desk.paper_preview(of_case("destruction_act", &act, None)).await;
    settled(&desk).await;
    assert!(early.is_err() || card(&desk, &act).await.destroyed.unwrap().remaining == 0, "an act says what was done");
    assert!(card(&desk, &act).await.destroyed.unwrap().left.iter().any(|words| words.contains("обращение №")));
    print(&desk, of_case("destruction_act", &act, None)).await;
}

/// Two desks, a person whose time is over, and a claim of theirs that nobody has taken to a court yet: closed, so that nothing
/// stands against a destruction.
async fn closed_claim() -> (Clinic, Desk, crate::common::relay::Relay, Desk, PersonId, CaseId) {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    sign_in(&first, MANAGER).await;
    let person = whose_time_is_over(&clinic, &first).await;
    let id = first.case_put(case(CaseKind::Claim, Some(&person))).await.unwrap().row.id;
    answered_and_closed(&first, &id).await;
    settled(&first).await;
    settled(&second).await;
    clinic.clock.forward(40 * 24 * 3600);
    for desk in [&first, &second] {
        sign_in(desk, MANAGER).await;
    }
    (clinic, first, relay, second, person, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_another_desk_notes_in_the_same_seconds_stops_the_destruction_at_the_gateway() {
    let (_clinic, first, relay, second, person, id) = closed_claim().await;
    // the second desk has everything, decides to destroy, and its order is on the way
    relay.decide(|call| match call {
        "POST /v1/actions" => crate::common::relay::Fate::Answered(500, Vec::new(), serde_json::json!({})),
        _ => crate::common::relay::Fate::Pass,
    });
    let act = second.destruction_run(destroy(&person)).await.unwrap().act.unwrap();
    // meanwhile a letter of the court is opened at the first one
    step(&first, &id, CaseMove::Hold, Some("дело 2-1187/2026")).await;
    settled(&first).await;
    relay.pass_everything();
    settled(&second).await;
    let refused: Vec<_> =
        second.outbox_list(Nothing {}).await.unwrap().into_iter().filter_map(|row| row.refusal).collect();
    assert_eq!(refused, [domain::Refusal::HeldMeanwhile, domain::Refusal::HeldMeanwhile], "the card and the visit");
    settled(&first).await;
    for desk in [&first, &second] {
        assert!(desk.person_card(PersonArgs { id: person.clone() }).await.is_ok(), "nothing is gone");
        assert_eq!(card(desk, &act).await.destroyed.unwrap().remaining, 2, "and the act does not say so");
        let row = desk.destruction_queue(Nothing {}).await.unwrap().rows.remove(0);
        assert!(row.holds.iter().any(|words| words.contains("спор в суде")), "{:?}", row.holds);
    }

    // a dispute of somebody else that is known here stands against nobody but them
    for row in second.outbox_list(Nothing {}).await.unwrap() {
        second.outbox_discard(OutboxArgs { id: row.id }).await.unwrap();
    }
    let other = register(&first, "Другова").await.row.id;
    let theirs = first.case_put(case(CaseKind::Claim, Some(&other))).await.unwrap().row.id;
    step(&first, &theirs, CaseMove::Hold, Some("дело 2-1188/2026")).await;
    step(&first, &id, CaseMove::Release, Some("иск отозван")).await;
    settled(&first).await;
    settled(&second).await;
    let act = second.destruction_run(destroy(&person)).await.unwrap().act.unwrap();
    settled(&second).await;
    settled(&first).await;
    assert_eq!(card(&second, &act).await.destroyed.unwrap().remaining, 0);
    assert!(first.person_card(PersonArgs { id: person }).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_comes_after_the_destruction_is_noted_and_the_case_says_that_the_data_are_gone() {
    let (_clinic, first, relay, second, person, id) = closed_claim().await;
    // the second desk has no connection, and the court's letter is opened there
    relay.decide(|_| crate::common::relay::Fate::Answered(500, Vec::new(), serde_json::json!({})));
    let before = step(&second, &id, CaseMove::Hold, Some("дело 2-1187/2026")).await;
    assert_eq!((before.row.held, before.person_gone_at), (true, None));
    let act = first.destruction_run(destroy(&person)).await.unwrap().act.unwrap();
    settled(&first).await;
    let gone = card(&first, &act).await.destroyed.unwrap();
    assert_eq!(gone.remaining, 0);

    relay.pass_everything();
    settled(&second).await;
    settled(&first).await;
    for desk in [&first, &second] {
        let after = card(desk, &id).await;
        assert!(after.row.held, "that there is a dispute is a fact");
        assert!(after.person_gone_at.is_some(), "and so is that the data went before it was known");
        assert_eq!(after.row.certainty, Certainty::Confirmed);
        assert!(desk.person_card(PersonArgs { id: person.clone() }).await.is_err());
    }
}

// ------------------------------------------------------------------------------------------------- texts of consents

/// Prints the text in force, has it signed, and writes down what was ticked.
async fn agrees(
    desk: &Desk,
    person: &PersonId,
    kind: ConsentKind,
    paper: &domain::PaperId,
) -> Result<PersonCard, UiError> {
    let consent = ConsentArgs {
        person: person.clone(),
        kind,
        answer: ConsentAnswer::Given,
        said_at: None,
        channel: Channel::Paper,
        paper: Some(paper.clone()),
        valid_until: None,
    };
    desk.consent_record(consent).await
}

async fn asked(desk: &Desk, person: &PersonId, purpose: Purpose) -> ContactWhy {
    desk.contact_ask(ContactArgs { person: Some(person.clone()), request: None, purpose }).await.unwrap().why
}

#[tokio::test(flavor = "multi_thread")]
async fn trap_5_a_consent_on_an_older_text_is_neither_widened_nor_revived_by_a_newer_one() {
    use ConsentKind as K;
    let (clinic, desk) = Clinic::founded().await;
    let form = || FormArgs { form: "consent_advertising".into() };
    let save = async |text: String, revision| {
        let args = WordingSaveArgs { form: "consent_advertising".into(), text, revision, sign_again: true };
        let saved = desk.wording_save(args).await.unwrap();
        let complaints: Vec<_> = saved.complaints.into_iter().map(|complaint| complaint.words).collect();
        assert_eq!(complaints, Vec::<String>::new());
        saved.wording
    };
    // the clinic asks for news alone; Anna signs that
    let shipped = desk.wording_open(form()).await.unwrap();
    let news_alone = shipped.text.replace("- реклама услуг и предложений Клиники\n", "");
    assert_ne!(news_alone, shipped.text);
    let third = save(news_alone, shipped.revision).await;
    let anna = register(&desk, "Иванова").await.row.id;
    let sheet = print(&desk, PreviewArgs::of("consent_advertising", Some(anna.clone()))).await.paper;
    agrees(&desk, &anna, K::Newsletter, &sheet).await.unwrap();
    let refused = agrees(&desk, &anna, K::Advertising, &sheet).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("paper_text"), "the sheet has no such square");

    // a newer text asks for advertising too: what Anna signed says of that nothing
    let fourth = save(shipped.text.clone(), third.revision).await;
    assert_eq!(fourth.revision, third.revision + 1);
    assert_eq!(asked(&desk, &anna, Purpose::Newsletter).await, ContactWhy::Consented, "what was agreed to stands");
    assert_eq!(asked(&desk, &anna, Purpose::Advertising).await, ContactWhy::NotAsked);
    let refused = agrees(&desk, &anna, K::Advertising, &sheet).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("paper_text"), "not widened");
    let known = desk.person_card(PersonArgs { id: anna.clone() }).await.unwrap();
    let given = known.consents.iter().find(|consent| consent.kind == K::Newsletter).unwrap();
    assert_eq!(given.history[0].revision, Some(third.revision), "it keeps the text that it was given on");
    let signed = PaperStepArgs {
        person: anna.clone(),
        paper: sheet.clone(),
        stage: domain::paper::PaperStage::Signed,
        medical_worker: None,
    };
    desk.paper_step(signed).await.unwrap();
    let again = desk.wording_sign_again(form()).await.unwrap();
    assert!(again.iter().any(|row| row.person.id == anna && row.revision == third.revision), "she is asked anew");

    // «больше не пишите»: neither the old sheet nor the new text brings it back
    clinic.clock.forward(60);
    let taken_back = ConsentArgs {
        person: anna.clone(),
        kind: K::Newsletter,
        answer: ConsentAnswer::Withdrawn,
        said_at: None,
        channel: Channel::Phone,
        paper: None,
        valid_until: None,
    };
    desk.consent_record(taken_back).await.unwrap();
    clinic.clock.forward(60);
    let refused = agrees(&desk, &anna, K::Newsletter, &sheet).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("paper_taken_back"), "not revived");
    assert_eq!(asked(&desk, &anna, Purpose::Newsletter).await, ContactWhy::Withdrawn);

    // a new sheet of the new text is a new word
    let newer = print(&desk, PreviewArgs::of("consent_advertising", Some(anna.clone()))).await.paper;
    for kind in [K::Newsletter, K::Advertising] {
        agrees(&desk, &anna, kind, &newer).await.unwrap();
    }
    assert_eq!(asked(&desk, &anna, Purpose::Advertising).await, ContactWhy::Consented);
    settled(&desk).await;
    assert_eq!(asked(&desk, &anna, Purpose::Newsletter).await, ContactWhy::Consented, "the gateway says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_mend_different_fields_of_a_case_are_laid_together() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    sign_in(&first, RECEPTIONIST).await;
    sign_in(&second, RECEPTIONIST).await;
    let made = first.case_put(case(CaseKind::Claim, None)).await.unwrap();
    settled(&first).await;
    settled(&second).await;
    let id = made.row.id.clone();
    let etag = card(&second, &id).await.etag;
    relay.decide(|_| crate::common::relay::Fate::Answered(500, Vec::new(), serde_json::json!({})));
    let mend = |more: CasePutArgs| CasePutArgs { id: Some(id.clone()), etag: etag.clone(), ..more };
    let contact = CasePutArgs { contact: "ул. Ленина, 1".into(), ..case(CaseKind::Claim, None) };
    first.case_put(mend(contact)).await.unwrap();
    settled(&first).await;
    let substance =
        CasePutArgs { substance: "просит вернуть 12 000".into(), ..case(CaseKind::ClaimMoney, None) };
    second.case_put(mend(substance)).await.unwrap();
    relay.pass_everything();
    settled(&second).await;
    settled(&first).await;
    let laid = card(&first, &id).await;
    assert_eq!((laid.contact.as_str(), laid.substance.as_str()), ("ул. Ленина, 1", "просит вернуть 12 000"));
    assert_eq!((laid.row.kind, laid.row.number), (CaseKind::ClaimMoney, made.row.number));
}
