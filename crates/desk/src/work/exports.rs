//! Data that leave the desk as files: everything on one person, or a list. Each time with the secret once more, a reason, a
//! limit, a number that stands in the file and in the audit chain.
//!
//! Invariants: a blocked person is in no list; what a cell says is never a formula; names of files say nothing about anybody.

use contract::ui::{ExportArgs, ExportList, ExportReason, Exported, ListExportArgs};
use documents::{FormKind, Letter, PaperRequest, SubjectReply};
use domain::{PaperId, person::ConsentKind};
use serde_json::json;

use super::{
    blocks::usable,
    consents::Texts,
    dossier,
    papers::{at_in_zone, in_zone, requisites},
    queue::count,
    scene::{Scene, instants_of, phone_view},
};
use crate::{
    platform::{files::write_private, random::id_bytes},
    session::Seat,
    trouble::DeskError,
};

/// Exports of one day at one desk: more is no errand but a leak.
const A_DAY: usize = 20;
/// Rows of a list.
const MOST_ROWS: usize = 1_000;
const PERSON: &str = "data.export";
const LIST: &str = "list.export";

/// Everything on one person: a letter to read and a file to take along.
pub(crate) async fn data_export(seat: &Seat, args: ExportArgs) -> Result<Exported, DeskError> {
    seat.confirm(&args.secret).await?;
    let scene = Scene::of(seat).await?;
    within_limit(seat, &scene, PERSON).await?;
    let known = seat.open.store.person(&args.person).await?.ok_or(DeskError::NotFound)?;
    // whoever is blocked is still owed an answer to their own question
    usable(known.blocked && args.reason != ExportReason::Asked)?;
    let dossier = dossier::of(&seat.open.store, &scene, &args.person).await?;
    let number = PaperId::from_random(id_bytes()?);
    let mark = mark(seat, &scene, &number);
    let rows: Vec<_> =
        dossier.data.iter().map(|row| json!({"name": row.name, "value": row.value, "source": row.source})).collect();
    let events: Vec<_> = dossier
        .events
        .iter()
        .map(|event| json!({"at": event.at.map(|at| at.to_rfc3339()), "what": event.what}))
        .collect();
    let file = json!({"export": number.as_str(), "mark": mark, "data": rows, "events": events,
        "told": dossier.recipients});
    let text = serde_json::to_vec_pretty(&file).map_err(|_| DeskError::Broken("an export cannot be written"))?;
    let count = count(dossier.data.len() + dossier.events.len());
    let reply = SubjectReply {
        letter: Letter { date: Some(scene.today()), to: dossier.person.personal.name.full(), ..Letter::default() },
        purposes: dossier::purposes(&scene),
        data: dossier.data,
        events: dossier.events,
        recipients: dossier.recipients,
        ..SubjectReply::default()
    };
    let clinic = seat.open.store.clinic().await?;
    let request = PaperRequest {
        kind: FormKind::SubjectAnswer,
        paper_id: number.to_string(),
        copy: 1,
        copies: 1,
        repeated: false,
        clinic: clinic.map(|(_, _, clinic, personal)| requisites(clinic.requisites, personal)).unwrap_or_default(),
        data: Some(reply.into()),
        printed_at: in_zone(&scene),
    };
    let press = seat.inner.press().await?;
    let paper = tokio::task::spawn_blocking(move || press.render(&request)).await??;
    let entry = seat.entry(PERSON).about(args.person.as_str()).with(&format!("{} {number}", word(args.reason)));
    // noted first: a file of which nobody knows is worse than a note of a file that was not written
    seat.open.store.audit(entry).await?;
    let files = write(seat, &number, vec![("json", text), ("pdf", paper.pdf)]).await?;
    Ok(Exported { files, count })
}

/// A list as a table.
pub(crate) async fn list_export(seat: &Seat, args: ListExportArgs) -> Result<Exported, DeskError> {
    seat.confirm(&args.secret).await?;
    let scene = Scene::of(seat).await?;
    within_limit(seat, &scene, LIST).await?;
    let table = match args.list {
        ExportList::Newsletter => newsletter(seat, &scene).await?,
        ExportList::Visits => visits(seat, &args).await?,
    };
    let rows = table.len().saturating_sub(1);
    if rows > MOST_ROWS {
        return Err(DeskError::BadInput("rows"));
    }
    let number = PaperId::from_random(id_bytes()?);
    let text = csv(&table, &mark(seat, &scene, &number))?;
    let entry = seat.entry(LIST).about(number.as_str()).with(&format!("{} rows {rows}", word(args.reason)));
    seat.open.store.audit(entry).await?;
    let files = write(seat, &number, vec![("csv", text)]).await?;
    Ok(Exported { files, count: count(rows) })
}

/// People who have agreed to news, and whose data may be used.
async fn newsletter(seat: &Seat, scene: &Scene) -> Result<Vec<Vec<String>>, DeskError> {
    let mut table = vec![["Имя", "Телефон", "Почта"].map(str::to_owned).to_vec()];
    let texts = Texts::of(&seat.open.store, "consent_advertising").await?;
    for person in seat.open.store.everybody().await? {
        let agreed = texts.stands(&person.state, ConsentKind::Newsletter, scene.today());
        if person.blocked || !agreed {
            continue;
        }
        let phone = person.personal.phones.first().map(|phone| phone_view(phone).display).unwrap_or_default();
        table.push(vec![person.personal.name.full(), phone, person.personal.email.clone().unwrap_or_default()]);
    }
    Ok(table)
}

/// Visits of a span of days; what for is nobody's business outside.
async fn visits(seat: &Seat, args: &ListExportArgs) -> Result<Vec<Vec<String>>, DeskError> {
    let next = args.to.succ_opt().filter(|_| args.from <= args.to).ok_or(DeskError::BadInput("to"))?;
    let midnight = chrono::NaiveTime::MIN;
    let store = &seat.open.store;
    let visits = store.visits_between(args.from.and_time(midnight), next.and_time(midnight)).await?;
    let ids: Vec<_> = visits.iter().map(|visit| visit.state.person.clone()).collect();
    let people = store.people_names(&ids).await?;
    let doctors = store.practitioners().await?;
    let mut table = vec![["Дата", "Время", "Врач", "Имя"].map(str::to_owned).to_vec()];
    for visit in visits.iter().filter(|visit| visit.state.status.occupies() && !visit.blocked) {
        let Some(person) = people.get(&visit.state.person).filter(|person| !person.blocked) else { continue };
        let slot = &visit.state.slot;
        let doctor = doctors.iter().find(|doctor| doctor.id == slot.practitioner);
        table.push(vec![
            slot.start.format("%d.%m.%Y").to_string(),
            slot.start.format("%H:%M").to_string(),
            doctor.map(|doctor| doctor.personal.name.short()).unwrap_or_default(),
            person.personal.name.short(),
        ]);
    }
    Ok(table)
}

/// «Выгрузка ppr_…: Аннина А., 24.11.2026 10:00»
fn mark(seat: &Seat, scene: &Scene, number: &PaperId) -> String {
    let at = at_in_zone(scene, scene.now).format("%d.%m.%Y %H:%M");
    format!("Выгрузка {number}: {}, {at}, {}", seat.staff.personal.name.short(), seat.open.meta.desk)
}

fn word(reason: ExportReason) -> &'static str {
    match reason {
        ExportReason::Asked => "asked",
        ExportReason::Authority => "authority",
        ExportReason::Court => "court",
        ExportReason::Duty => "duty",
        ExportReason::Sending => "sending",
    }
}

async fn within_limit(seat: &Seat, scene: &Scene, verb: &str) -> Result<(), DeskError> {
    let (from, to) = instants_of(scene.zone(), scene.today()).ok_or(DeskError::Broken("the calendar ends"))?;
    let today = seat.open.store.audit_between(from, to, u32::MAX).await?;
    let made = today.iter().filter(|row| row.entry.verb == verb).count();
    if made < A_DAY { Ok(()) } else { Err(DeskError::BadInput("limit")) }
}

/// Rows as a table that spreadsheets of this country open: semicolons, and a mark of the encoding. The last row says whose
/// export it is.
fn csv(table: &[Vec<String>], mark: &str) -> Result<Vec<u8>, DeskError> {
    let broken = |_| DeskError::Broken("a table cannot be written");
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer("\u{feff}".as_bytes().to_vec());
    for row in table {
        writer.write_record(row.iter().map(|cell| plain(cell))).map_err(broken)?;
    }
    writer.write_record([plain(mark)]).map_err(broken)?;
    writer.into_inner().map_err(|_| DeskError::Broken("a table cannot be written"))
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
fn plain(cell: &str) -> String {
    // a sign that is not seen hides none that a spreadsheet acts on
    let unseen = |sign: char| {
        sign.is_control()
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let flat: String = cell.chars().map(|sign| if unseen(sign) { ' ' } else { sign }).collect();
    let begins = flat.trim_start().chars().next();
    let formula = begins.is_some_and(|sign| matches!(sign, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if formula { format!("'{flat}") } else { flat }
}

async fn write(seat: &Seat, number: &PaperId, files: Vec<(&'static str, Vec<u8>)>) -> Result<Vec<String>, DeskError> {
    let folder = seat.inner.around.documents.clone().ok_or(DeskError::Broken("there is no folder for documents"))?;
    let name = format!("export-{number}");
    let written = tokio::task::spawn_blocking(move || {
        let mut paths = Vec::new();
        for (ending, bytes) in files {
            let path = folder.join(format!("{name}.{ending}"));
            write_private(&path, &bytes)?;
            paths.push(path.to_string_lossy().into_owned());
        }
        Ok::<_, std::io::Error>(paths)
    });
    Ok(written.await??)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_cell_is_a_formula_and_no_cell_is_lost(cell in "(?s)[=+\\-@\t\r\n ;\"']{0,3}.{0,20}") {
            let text = csv(&[vec![cell.clone(), "рядом".to_owned()]], "Выгрузка").unwrap();
            let mut read = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).flexible(true)
                .from_reader(text.strip_prefix("\u{feff}".as_bytes()).unwrap());
            let rows: Vec<_> = read.records().map(Result::unwrap).collect();
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!(&rows[0][1], "рядом");
            let first = rows[0][0].trim_start().chars().next();
            prop_assert!(!first.is_some_and(|sign| "=+-@＝＋－＠".contains(sign)), "{:?}", &rows[0][0]);
            prop_assert!(!rows[0][0].contains(char::is_control));
        }
    }

    #[test]
    fn an_unseen_sign_hides_no_formula() {
        assert_eq!(plain("\u{feff}=1"), "' =1");
    }
}
