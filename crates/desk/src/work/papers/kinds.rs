//! The kinds of paper as this desk prints them now: the program's by the wording in force, and PDF files of the clinic's own.
//!
//! Invariants: of the text that came with the program and the one that the clinic edited, the one with the higher number is
//! in force, so a text that the program mended is never hidden by an older one; a code, once given, is for ever.

use std::{collections::BTreeMap, sync::Arc};

use contract::ui::{Nothing, PaperKind, RevisionRow};
use documents::{Family, FormKind, OwnPdf, Paper, PaperRequest, Stamp, stamp};
use domain::paper::PaperRole;
use store::{KeptWording, OwnForm, Store};

use super::super::scene::Scene;
use crate::{session::Seat, trouble::DeskError};

/// A kind of paper and what it says now.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) revision: u32,
    /// Of what is signed, hex.
    pub(super) sha256: String,
    pub(super) says: Says,
    /// Whoever signed an earlier revision than this signs anew.
    pub(super) signed_from: u32,
}

/// Where the words of a kind come from.
#[derive(Debug)]
pub(super) enum Says {
    Text {
        form: FormKind,
        text: String,
        /// The newest first.
        kept: Vec<KeptWording>,
    },
    /// The file itself is read when it is printed.
    File { stamps: Vec<Stamp>, retired: bool, kept: OwnForm },
}

impl Kind {
    pub(super) fn form(&self) -> Option<FormKind> {
        match self.says {
            Says::Text { form, .. } => Some(form),
            Says::File { .. } => None,
        }
    }

    /// Made for somebody.
    pub(super) fn is_of_person(&self) -> bool {
        self.form().is_none_or(|form| form.family() == Family::Person)
    }

    /// May be printed anew.
    pub(super) fn is_offered(&self) -> bool {
        !matches!(self.says, Says::File { retired: true, .. })
    }

    /// The text that is printed is the clinic's own.
    pub(super) fn is_edited(&self) -> bool {
        matches!(&self.says, Says::Text { kept, .. } if kept.first().is_some_and(|kept| kept.sha256 == self.sha256))
    }

    /// Makes the paper. The kind of the request is the one's own, or any about a person for a file.
    pub(super) async fn print(&self, seat: &Seat, request: PaperRequest) -> Result<Paper, DeskError> {
        match &self.says {
            Says::Text { text, .. } => {
                let (press, text) = (seat.inner.press().await?, text.clone());
                Ok(tokio::task::spawn_blocking(move || press.render_wording(&request, &text)).await??)
            }
            Says::File { stamps, .. } => {
                let kept = seat.open.store.own_form(&self.code).await?.ok_or(DeskError::NotFound)?;
                print_file(kept, stamps.clone(), request).await
            }
        }
    }

    /// The kind that a request about this one names.
    pub(super) fn of_request(&self) -> FormKind {
        self.form().unwrap_or(FormKind::ConsentPd)
    }
}

pub(super) async fn print_file(kept: OwnForm, stamps: Vec<Stamp>, request: PaperRequest) -> Result<Paper, DeskError> {
    let made = move || {
        let own = OwnPdf { title: &kept.title, revision: kept.revision, pdf: &kept.pdf, stamps: &stamps };
        stamp(&own, &request)
    };
    Ok(tokio::task::spawn_blocking(made).await??)
}

/// All kinds, looked up once for an answer.
#[derive(Debug)]
pub(super) struct Kinds(Vec<Kind>);

impl Kinds {
    pub(super) async fn of(store: &Store) -> Result<Self, DeskError> {
        let mut edited: BTreeMap<String, Vec<KeptWording>> = BTreeMap::new();
        for kept in store.wordings(None).await? {
            edited.entry(kept.form.clone()).or_default().push(kept);
        }
        let mut kinds = Vec::with_capacity(FormKind::ALL.len());
        for &form in FormKind::ALL {
            kinds.push(of_text(form, edited.remove(form.code()).unwrap_or_default())?);
        }
        for kept in store.own_forms().await? {
            kinds.push(of_file(kept)?);
        }
        Ok(Self(kinds))
    }

    pub(super) fn all(&self) -> &[Kind] {
        &self.0
    }

    pub(super) fn find(&self, code: &str) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.code == code)
    }

    /// A kind that may be printed.
    pub(super) fn offered(&self, code: &str) -> Result<&Kind, DeskError> {
        self.find(code).filter(|kind| kind.is_offered()).ok_or(DeskError::BadInput("form"))
    }

    /// The name of a form that a record names, whatever version or desk it is of.
    pub(super) fn title(&self, code: &str) -> String {
        self.find(code).map_or_else(|| code.to_owned(), |kind| kind.title.clone())
    }
}

fn of_text(form: FormKind, kept: Vec<KeptWording>) -> Result<Kind, DeskError> {
    let own = documents::revision(form.wording())?;
    let signed_from = kept.iter().filter(|kept| kept.sign_again).map(|kept| kept.revision).max().unwrap_or_default();
    let newest = kept.first().filter(|newest| newest.revision >= own.revision).cloned();
    let (text, revision, sha256) = match newest {
        Some(newest) => (newest.text, newest.revision, newest.sha256),
        None => (form.wording().to_owned(), own.revision, own.sha256),
    };
    Ok(Kind {
        code: form.code().to_owned(),
        title: form.title_ru().to_owned(),
        revision,
        sha256,
        says: Says::Text { form, text, kept },
        signed_from,
    })
}

fn of_file(kept: OwnForm) -> Result<Kind, DeskError> {
    let stamps =
        serde_json::from_str(&kept.stamps).map_err(|_| DeskError::Broken("the fields of a file do not read"))?;
    Ok(Kind {
        code: kept.form.clone(),
        title: kept.title.clone(),
        revision: kept.revision,
        sha256: kept.sha256.clone(),
        signed_from: 0,
        says: Says::File { stamps, retired: kept.retired, kept },
    })
}

/// The revisions of a text, the newest first, the program's own among them.
pub(super) fn revisions(scene: &Scene, kind: &Kind) -> Result<Vec<RevisionRow>, DeskError> {
    let Says::Text { form, kept, .. } = &kind.says else { return Ok(Vec::new()) };
    let own = documents::revision(form.wording())?;
    let mut rows: Vec<RevisionRow> = kept
        .iter()
        .map(|kept| RevisionRow {
            revision: kept.revision,
            saved_at: Some(kept.saved_at),
            saved_by: scene.staff_name(&kept.saved_by),
            sign_again: kept.sign_again,
            sha256: kept.sha256.clone(),
        })
        .collect();
    rows.push(RevisionRow {
        revision: own.revision,
        saved_at: None,
        saved_by: String::new(),
        sign_again: false,
        sha256: own.sha256,
    });
    rows.sort_by_key(|row| std::cmp::Reverse(row.revision));
    Ok(rows)
}

/// Kinds for the choice: those about people first.
pub(crate) async fn paper_kinds(seat: &Seat, _args: Nothing) -> Result<Vec<PaperKind>, DeskError> {
    let kinds = Kinds::of(&seat.open.store).await?;
    let offered = kinds.all().iter().filter(|kind| kind.is_offered() && kind.form() != Some(FormKind::RecoveryKit));
    let view = |kind: &Kind| PaperKind {
        form: kind.code.clone(),
        title: kind.title.clone(),
        medical_worker: PaperRole::of_form(&kind.code).needs_medical_worker(),
        of_person: kind.is_of_person(),
        file: kind.form().is_none(),
    };
    let mut views: Vec<PaperKind> = offered.map(view).collect();
    views.sort_by_key(|view| !view.of_person);
    Ok(views)
}

/// Keeps a paper for the eyes alone: a draft is looked at and not printed.
pub(super) fn draft(seat: &Seat, code: &str, title: &str, paper: Paper) -> Result<domain::PaperId, DeskError> {
    let id = domain::PaperId::from_random(crate::platform::random::id_bytes()?);
    seat.inner.keep_paper(super::Prepared {
        id: id.clone(),
        form: code.to_owned(),
        title: title.to_owned(),
        person: None,
        case: None,
        owed: false,
        paper: Arc::new(paper),
        purpose: domain::person::PrintPurpose::Desk,
        repeated: false,
        weight: domain::paper::Weight::Refuse,
    });
    Ok(id)
}
