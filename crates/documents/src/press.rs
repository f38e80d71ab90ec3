//! The press: loaded once, prints any number of papers.

use std::fmt;

use crate::clean::clean;
use crate::fit::{Rung, fit};
use crate::forms;
use crate::layout::Engine;
use crate::model::{Document, Footer, Letterhead};
use crate::template::Template;
use crate::writer::{self, Card};
use crate::{ClinicRequisites, Paper, PaperError, PaperRequest, PaperWarning, markdown};
use crate::{typst_source, walk};

/// How much of the hash of a wording stands on the paper; the rest is in the record.
const HASH_ON_PAPER: usize = 12;

/// Fonts and layout engine. Making one costs more than a paper: keep it.
pub struct Press {
    engine: Engine,
}

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Press")
    }
}

impl Press {
    pub fn new() -> Result<Self, PaperError> {
        Ok(Self { engine: Engine::new()? })
    }

    /// Prints one sheet. The same request gives the same bytes.
    pub fn render(&self, request: &PaperRequest) -> Result<Paper, PaperError> {
        self.render_wording(request, request.kind.wording())
    }

    /// Prints a sheet with another wording of the same form: how a new revision is proof-read
    /// before it replaces the one in force.
    pub fn render_wording(&self, request: &PaperRequest, wording: &str) -> Result<Paper, PaperError> {
        let template = Template::parse(wording)?;
        let (data, mut warnings) = forms::data(request);
        let document = Document { title: template.title.clone(), blocks: markdown::read(&template.fill(&data)?)? };
        let letterhead = letterhead(&request.clinic);
        let footer = footer(&template, request);
        let today = request.printed_at.date_naive();
        let laid_out = fit(|rung: Rung| {
            let source = typst_source::source(&document, &letterhead, &footer, rung);
            self.engine.lay_out(source, today)
        });
        Engine::forget();
        let drawing = walk::walk(&laid_out?)?;
        let pages = drawing.pages.len();
        if pages > 1 {
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
            pdf: writer::write(&drawing, &card)?,
            pages,
            revision: template.revision,
            text_sha256: template.sha256,
            warnings,
        })
    }
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
        sheet: format!(
            "Лист № {} · экз. {} · напечатан {}",
            clean(&request.paper_id).text,
            request.copy,
            request.printed_at.format("%d.%m.%Y"),
        ),
    }
}
