//! The press: loaded once, prints any number of papers.

use std::fmt;

use minijinja::Value;
use serde_json::{Value as Tree, json};
use typst_layout::PagedDocument;

use crate::clean::clean;
use crate::data::{clean_all, shown};
use crate::fit::{Rung, fit, without_stub};
use crate::layout::Engine;
use crate::model::{Document, Footer, Letterhead};
use crate::template::{self, Template};
use crate::writer::{self, Card, FontFiles};
use crate::{ClinicRequisites, FormKind, Paper, PaperData, PaperError, PaperRequest, PaperWarning};
use crate::{acts, data_mark, items, markdown, plain, typst_source, walk};

/// How much of the hash of a wording stands on the paper; the rest is in the record.
const HASH_ON_PAPER: usize = 12;

/// Fonts and layout engine. Making one costs more than a paper: keep it.
pub struct Press {
    engine: Engine,
    font_files: FontFiles,
}

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Press")
    }
}

impl Press {
    pub fn new() -> Result<Self, PaperError> {
        Ok(Self { engine: Engine::new()?, font_files: FontFiles::default() })
    }

    /// Forgets what it remembers of the papers printed last, to print the next ones faster: it holds people's data.
    pub fn forget(&self) {
        self.engine.forget();
    }

    /// Prints one sheet. The same request gives the same bytes.
    pub fn render(&self, request: &PaperRequest) -> Result<Paper, PaperError> {
        self.render_wording(request, request.kind.wording())
    }

    /// Prints a sheet with another wording of the same kind: one that the clinic edited, or a new revision that is
    /// proof-read before it replaces the one in force.
    pub fn render_wording(&self, request: &PaperRequest, wording: &str) -> Result<Paper, PaperError> {
        let template = Template::parse(wording)?;
        self.print(request, &template, family_tree(request)?)
    }

    /// Prints what stands in the tree of a family's data.
    fn print(&self, request: &PaperRequest, template: &Template, data: Tree) -> Result<Paper, PaperError> {
        let (document, mut warnings) = filled(request, template, data)?;
        let today = request.printed_at.date_naive();
        warnings.extend(
            acts::not_in_force(template.body(), today)
                .into_iter()
                .map(|act| PaperWarning::ActNotInForce { act: act.to_owned() }),
        );
        let letterhead = letterhead(&request.clinic);
        let footer = footer(template, request);
        let mut drawing = walk::walk(&self.lay_out(&document, &letterhead, &footer, request)?)?;
        let mark = data_mark::content(&clean(&request.paper_id).text, template.revision);
        for page in &mut drawing.pages {
            data_mark::draw(&mark, template.setup.format, page)?;
        }
        let pages = drawing.pages.len();
        if pages > 1 && template.setup.one_sheet {
            warnings.push(PaperWarning::MoreThanOnePage { pages });
        }
        warnings.extend(drawing.missing.iter().map(|&character| PaperWarning::GlyphMissing { character }));
        let card = Card {
            title: document.title,
            author: letterhead.name,
            subject: format!("{}; {}", footer.wording, footer.sheet),
            printed_at: request.printed_at,
        };
        Ok(Paper {
            pdf: writer::write(&drawing, &card, &self.font_files)?,
            pages,
            revision: template.revision,
            text_sha256: template.sha256.clone(),
            warnings,
        })
    }

    fn lay_out(
        &self,
        document: &Document,
        letterhead: &Letterhead,
        footer: &Footer,
        request: &PaperRequest,
    ) -> Result<PagedDocument, PaperError> {
        let lay_out = |rung: Rung| {
            let sources = typst_source::sources(document, letterhead, footer, rung);
            self.engine.lay_out(sources, request.printed_at.date_naive())
        };
        let laid_out = if document.setup.one_sheet { fit(lay_out) } else { without_stub(lay_out) };
        Engine::paper_done();
        laid_out
    }

    /// The pages as the layout engine gives them, for measuring what is made of them.
    #[doc(hidden)]
    pub fn laid_out(&self, request: &PaperRequest) -> Result<PagedDocument, PaperError> {
        let template = Template::parse(request.kind.wording())?;
        let (document, _) = filled(request, &template, family_tree(request)?)?;
        self.lay_out(&document, &letterhead(&request.clinic), &footer(&template, request), request)
    }
}

/// The paper before layout, and what was lost or is missing.
fn filled(
    request: &PaperRequest,
    template: &Template,
    data: Tree,
) -> Result<(Document, Vec<PaperWarning>), PaperError> {
    let (tree, warnings) = cleaned(with_roots(data, request)?, request.kind);
    let document = Document {
        title: template.title.clone(),
        setup: template.setup,
        blocks: markdown::read(&template.fill(&Value::from_serialize(&tree))?)?,
    };
    Ok((document, warnings))
}

/// What a wording is called by in the record of a printed paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub title: String,
    pub revision: u32,
    /// SHA-256 of the whole wording, in hex.
    pub sha256: String,
}

/// Reads title, revision and hash of a wording.
pub fn revision(wording: &str) -> Result<Revision, PaperError> {
    let Template { title, revision, sha256, .. } = Template::parse(wording)?;
    Ok(Revision { title, revision, sha256 })
}

/// The wording under another number; `None` where it has no number to be replaced.
pub fn with_revision(wording: &str, revision: u32) -> Option<String> {
    let wording = wording.replace("\r\n", "\n");
    let (front, body) = template::split(&wording)?;
    let mut found = false;
    let lines = front.lines().map(|line| match line.split_once(':') {
        Some((key, _)) if key.trim() == "revision" => {
            found = true;
            format!("revision: {revision}")
        }
        _ => line.to_owned(),
    });
    let front = lines.collect::<Vec<_>>().join("\n");
    found.then(|| format!("---\n{front}\n---\n{body}"))
}

/// The words of a paper without its layout, each mandatory item under its mark `[[item]]`: for comparing revisions.
pub fn words(request: &PaperRequest, wording: &str) -> Result<String, PaperError> {
    let template = Template::parse(wording)?;
    let (tree, _) = cleaned(with_roots(family_tree(request)?, request)?, request.kind);
    Ok(plain::text(&markdown::read(&template.fill_marked(&Value::from_serialize(&tree))?)?))
}

/// The data of the asked family as a tree, all fields empty for a blank.
fn family_tree(request: &PaperRequest) -> Result<Tree, PaperError> {
    let family = request.kind.family();
    match &request.data {
        None => Ok(serde_json::to_value(PaperData::empty(family))?),
        Some(data) if data.family() == family => Ok(serde_json::to_value(data)?),
        Some(_) => Err(PaperError::WrongData),
    }
}

/// Adds what every template may name.
fn with_roots(mut tree: Tree, request: &PaperRequest) -> Result<Tree, PaperError> {
    if let Some(fields) = tree.as_object_mut() {
        let printed = shown::moment(&Some(request.printed_at), serde_json::value::Serializer)?;
        let copies = request.copies.max(request.copy).to_string();
        let sheet = json!({ "number": request.paper_id, "copy": request.copy.to_string(), "copies": copies });
        fields.insert("clinic".to_owned(), serde_json::to_value(&request.clinic)?);
        fields.insert("acts".to_owned(), acts::for_templates());
        fields.insert("printed".to_owned(), printed);
        fields.insert("sheet".to_owned(), sheet);
    }
    Ok(tree)
}

/// What may stand on a PDF of the clinic's own: the data of papers about a person.
pub(crate) fn own_tree(request: &PaperRequest) -> Result<(Tree, Vec<PaperWarning>), PaperError> {
    let (tree, warnings) = cleaned(with_roots(family_tree(request)?, request)?, request.kind);
    let about_the_kind = |warning: &PaperWarning| matches!(warning, PaperWarning::ClinicFieldEmpty { .. });
    Ok((tree, warnings.into_iter().filter(|warning| !about_the_kind(warning)).collect()))
}

/// Values fit to be printed, and what was lost or is missing.
fn cleaned(mut tree: Tree, kind: FormKind) -> (Tree, Vec<PaperWarning>) {
    let mut warnings: Vec<PaperWarning> = items::clinic_fields(kind)
        .into_iter()
        .filter(|field| tree.pointer(&format!("/clinic/{field}")).and_then(Tree::as_str) == Some(""))
        .map(|field| PaperWarning::ClinicFieldEmpty { field: field.to_owned() })
        .collect();
    let lost = clean_all(&mut tree);
    warnings.extend(lost.into_iter().map(|(field, count)| PaperWarning::CharactersDropped { field, count }));
    if let Some(processors) = tree.pointer_mut("/clinic/processors").and_then(Tree::as_array_mut) {
        // the wording puts its own mark after each
        for processor in &mut *processors {
            let text = processor.as_str().unwrap_or_default().trim_end_matches(['.', ';']).to_owned();
            *processor = text.into();
        }
        processors.retain(|processor| processor.as_str() != Some(""));
    }
    (tree, warnings)
}

/// All that a template of this kind may name, on an invented case.
pub(crate) fn example_tree(kind: FormKind) -> Result<Tree, PaperError> {
    let request = PaperRequest::example(kind);
    with_roots(family_tree(&request)?, &request)
}

fn letterhead(clinic: &ClinicRequisites) -> Letterhead {
    let named = |name: &str, value: &str| {
        let value = clean(value).text;
        (!value.is_empty()).then(|| format!("{name}{value}"))
    };
    let numbers: Vec<String> =
        [named("ИНН ", &clinic.inn), named("ОГРН ", &clinic.ogrn)].into_iter().flatten().collect();
    Letterhead {
        name: clean(&clinic.full_name).text,
        left: [named("", &clinic.address), named("Тел. ", &clinic.phone)].into_iter().flatten().collect(),
        right: [named("", &numbers.join(" · ")), named("", &clinic.licence)].into_iter().flatten().collect(),
    }
}

fn footer(template: &Template, request: &PaperRequest) -> Footer {
    let hash = template.sha256.get(..HASH_ON_PAPER).unwrap_or_default();
    Footer {
        wording: format!("{} · ред. {} · текст {hash}", template.title, template.revision),
        sheet: sheet_line(request),
    }
}

/// Which sheet it is.
pub(crate) fn sheet_line(request: &PaperRequest) -> String {
    let copies = if request.copies > 1 { format!(" из {}", request.copies) } else { String::new() };
    format!(
        "Лист № {} · экз. {}{copies} · {} {}",
        clean(&request.paper_id).text,
        request.copy,
        if request.repeated { "повторно напечатан" } else { "напечатан" },
        request.printed_at.format("%d.%m.%Y"),
    )
}

#[cfg(test)]
mod proofs;
