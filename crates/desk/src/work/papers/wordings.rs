//! Texts of papers, edited by a manager: checked as they are typed, saved as a new revision, kept at this desk.
//!
//! Invariants: a text with a complaint is never saved; a saved revision is never changed; a draft is looked at and never
//! printed; the text of a signed paper stays known by its revision and hash.

use contract::ui::{
    ComplaintView, FormArgs, Nothing, SignAgainRow, WordingArgs, WordingChecked, WordingItem, WordingRow,
    WordingSaveArgs, WordingSaved, WordingView,
};
use documents::{FormKind, PaperRequest, check, fields, items, mend, revision, with_revision};
use domain::{PaperId, person::PaperRecord};
use store::KeptWording;

use super::{
    super::{
        queue::count,
        scene::{Scene, person_row},
    },
    in_zone,
    kinds::{self, Kind, Kinds, Says},
    requisites,
};
use crate::{session::Seat, trouble::DeskError};

/// The longest text; the longest of the program's own is a tenth of it.
const LONGEST: usize = 50_000;

/// The kinds whose text a manager may edit, and the clinic's own files.
pub(crate) async fn wordings_list(seat: &Seat, _args: Nothing) -> Result<Vec<WordingRow>, DeskError> {
    let scene = Scene::of(seat).await?;
    let kinds = Kinds::of(&seat.open.store).await?;
    let anew = to_sign(seat, &kinds).await?;
    let mut rows = Vec::new();
    for kind in kinds.all().iter().filter(|kind| kind.is_offered()) {
        let signers = anew.iter().filter(|(code, _)| *code == kind.code).count();
        let mut row = WordingRow {
            form: kind.code.clone(),
            title: kind.title.clone(),
            revision: kind.revision,
            edited: kind.is_edited(),
            overtaken: false,
            file: kind.form().is_none(),
            saved_at: None,
            saved_by: String::new(),
            sign_again: count(signers),
            complaints: 0,
        };
        match &kind.says {
            Says::Text { form, text, kept } => {
                row.overtaken = !kept.is_empty() && !row.edited;
                if let Some(newest) = kept.first().filter(|_| row.edited) {
                    row.saved_at = Some(newest.saved_at);
                    row.saved_by = scene.staff_name(&newest.saved_by);
                }
                row.complaints = count(check(*form, text, scene.today()).len());
            }
            Says::File { kept, .. } => {
                row.saved_at = Some(kept.saved_at);
                row.saved_by = scene.staff_name(&kept.saved_by);
            }
        }
        rows.push(row);
    }
    // the clinic's own first: they are what is worked on
    rows.sort_by_key(|row| !row.file);
    Ok(rows)
}

/// A text to be edited.
pub(crate) async fn wording_open(seat: &Seat, args: FormArgs) -> Result<WordingView, DeskError> {
    let kinds = Kinds::of(&seat.open.store).await?;
    view(&Scene::of(seat).await?, kinds.offered(&args.form)?)
}

fn view(scene: &Scene, kind: &Kind) -> Result<WordingView, DeskError> {
    let Says::Text { form, text, .. } = &kind.says else { return Err(DeskError::BadInput("form")) };
    let item = |item: &documents::Item| WordingItem {
        code: item.code.clone(),
        name: item.name.clone(),
        fields: item.fields.clone(),
    };
    Ok(WordingView {
        form: kind.code.clone(),
        title: kind.title.clone(),
        revision: kind.revision,
        text: text.clone(),
        items: items(*form).iter().map(item).collect(),
        fields: fields(*form),
        revisions: kinds::revisions(scene, kind)?,
    })
}

/// Reads a text as it is typed, and shows what it would look like.
pub(crate) async fn wording_check(seat: &Seat, args: WordingArgs) -> Result<WordingChecked, DeskError> {
    let form: FormKind = args.form.parse().map_err(|_| DeskError::BadInput("form"))?;
    let text = typed(&args.text)?;
    let scene = Scene::of(seat).await?;
    let complaints = complaints(form, &text, &scene);
    if !complaints.is_empty() {
        return Ok(WordingChecked { complaints, paper: None, pages: 0 });
    }
    let clinic = seat.open.store.clinic().await?;
    let mut request = PaperRequest { printed_at: in_zone(&scene), ..PaperRequest::example(form) };
    if let Some((_, _, clinic, personal)) = clinic {
        request.clinic = requisites(clinic.requisites, personal);
    }
    if args.blank {
        request.data = None;
    }
    let press = seat.inner.press().await?;
    let paper = tokio::task::spawn_blocking(move || press.render_wording(&request, &text)).await??;
    let pages = count(paper.pages);
    let paper: PaperId = kinds::draft(seat, form.code(), form.title_ru(), paper)?;
    Ok(WordingChecked { complaints, paper: Some(paper), pages })
}

/// Saves a text under the next number.
pub(crate) async fn wording_save(seat: &Seat, args: WordingSaveArgs) -> Result<WordingSaved, DeskError> {
    let form: FormKind = args.form.parse().map_err(|_| DeskError::BadInput("form"))?;
    let text = typed(&args.text)?;
    let (store, scene) = (&seat.open.store, Scene::of(seat).await?);
    let kinds = Kinds::of(store).await?;
    let kind = kinds.offered(form.code())?;
    let Says::Text { text: in_force, kept, .. } = &kind.says else { return Err(DeskError::BadInput("form")) };
    let complaints = complaints(form, &text, &scene);
    let same = with_revision(&text, kind.revision).is_some_and(|text| text == *in_force);
    if !complaints.is_empty() || same {
        return Ok(WordingSaved { complaints, wording: view(&scene, kind)? });
    }
    if args.revision != kind.revision {
        // somebody saved meanwhile: neither text is lost, and neither goes over the other
        return Err(DeskError::BadInput("revision"));
    }
    let last = kept.first().map_or(0, |newest| newest.revision).max(kind.revision);
    let number = last.checked_add(1).ok_or(DeskError::BadInput("revision"))?;
    let text = with_revision(&text, number).ok_or(DeskError::BadInput("text"))?;
    let kept = KeptWording {
        form: form.code().to_owned(),
        revision: number,
        sha256: revision(&text)?.sha256,
        text,
        sign_again: args.sign_again,
        saved_at: seat.now(),
        saved_by: seat.staff.id.clone(),
    };
    let entry = seat.entry("papers.wording_saved").about(form.code()).with(&number.to_string());
    if !store.keep_wording(&kept, &entry).await? {
        return Err(DeskError::BadInput("revision"));
    }
    let kinds = Kinds::of(store).await?;
    Ok(WordingSaved { complaints, wording: view(&scene, kinds.offered(form.code())?)? })
}

/// Who has signed an earlier revision of a paper and is to sign it anew.
pub(crate) async fn wording_sign_again(seat: &Seat, args: FormArgs) -> Result<Vec<SignAgainRow>, DeskError> {
    let kinds = Kinds::of(&seat.open.store).await?;
    let kind = kinds.offered(&args.form)?;
    let anew = to_sign(seat, &kinds).await?;
    let mut rows: Vec<SignAgainRow> =
        anew.into_iter().filter(|(code, _)| *code == kind.code).map(|(_, row)| row).collect();
    rows.sort_by(|one, other| (&one.person.name, &one.person.id).cmp(&(&other.person.name, &other.person.id)));
    Ok(rows)
}

/// Everybody who is to sign something anew, with the code of the form. Who is blocked is not asked to sign.
async fn to_sign(seat: &Seat, kinds: &Kinds) -> Result<Vec<(String, SignAgainRow)>, DeskError> {
    let wanted: Vec<&Kind> = kinds.all().iter().filter(|kind| kind.signed_from > 0).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let forms: Vec<String> = wanted.iter().map(|kind| kind.code.clone()).collect();
    let people = seat.open.store.people_with_forms(&forms).await?;
    let mut rows = Vec::new();
    for person in people.iter().filter(|person| !person.blocked) {
        for kind in &wanted {
            let signed =
                person.state.papers.iter().filter(|paper| paper.form == kind.code && paper.stage().is_signed());
            let newest: Option<&PaperRecord> = signed.max_by_key(|paper| paper.revision);
            if let Some(paper) = newest.filter(|paper| paper.revision < kind.signed_from) {
                let signed_at = paper.steps.first().map_or(paper.printed_at, |step| step.at);
                let row = SignAgainRow { person: person_row(person), revision: paper.revision, signed_at };
                rows.push((kind.code.clone(), row));
            }
        }
    }
    Ok(rows)
}

fn typed(text: &str) -> Result<String, DeskError> {
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().count() > LONGEST || text.chars().any(odd) {
        return Err(DeskError::BadInput("text"));
    }
    Ok(text.replace("\r\n", "\n"))
}

fn complaints(form: FormKind, text: &str, scene: &Scene) -> Vec<ComplaintView> {
    check(form, text, scene.today())
        .into_iter()
        .map(|complaint| ComplaintView {
            line: count(complaint.line),
            column: complaint.column.map(count),
            words: complaint.what.to_string(),
            mend: mend(form, &complaint.what),
        })
        .collect()
}
