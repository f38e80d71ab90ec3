//! `receptionctl documents …`: kinds of paper, one paper, the check of a template, the papers of a day.

use std::path::{Path, PathBuf};

use chrono::{Local, NaiveDate};
use clap::Subcommand;
use contract::ui::{DayArgs, PaperArgs, PreviewArgs};
use desk::{
    Desk,
    platform::files::{private_folder, write_private},
};
use documents::{FormKind, check};
use domain::{
    PersonId,
    paper::{OWN, Weight},
};

use crate::{Ending, Who, commands::say, opening::sign_in, words::Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum Documents {
    /// Виды документов: код, название, редакция
    List,
    /// Проверить шаблон: неизвестные поля, обязательные пункты, действие актов
    Check {
        /// Файл шаблона
        template: PathBuf,
        /// Вид документа; без него имя файла без расширения
        #[arg(long)]
        kind: Option<String>,
        /// День, на который проверить действие актов; без него сегодня
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// Подготовить документ в файл PDF
    Render {
        /// Вид документа, например `consent_pd`
        kind: String,
        /// Номер карточки человека, `per_…`
        #[arg(long, required_unless_present = "blank")]
        person: Option<String>,
        /// Пустой бланк
        #[arg(long, conflicts_with = "person")]
        blank: bool,
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        who: Who,
    },
    /// Подготовить документы для всех записей дня, по порядку приёма
    Packet {
        /// День, `2026-11-24`
        #[arg(long)]
        date: NaiveDate,
        /// Какие документы для каждой записи
        #[arg(long, value_delimiter = ',', default_value = "consent_pd,intervention_consent")]
        kinds: Vec<String>,
        /// Новая папка для файлов
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        who: Who,
    },
}

/// The commands about wordings alone.
pub(crate) fn without_desk(command: &Documents) -> Option<Result<Ending, Failure>> {
    match command {
        Documents::List => Some(Ok(list())),
        Documents::Check { template, kind, on } => Some(check_file(template, kind.as_deref(), *on)),
        Documents::Render { .. } | Documents::Packet { .. } => None,
    }
}

pub(crate) async fn at_desk(desk: &Desk, command: Documents) -> Result<Ending, Failure> {
    match command {
        Documents::Render { kind, person, blank: _, out, who } => {
            render(desk, &who, kind, person.as_deref(), &out).await
        }
        Documents::Packet { date, kinds, out, who } => packet(desk, &who, date, &kinds, &out).await,
        Documents::List | Documents::Check { .. } => Ok(Ending::Good),
    }
}

fn list() -> Ending {
    for kind in FormKind::ALL {
        let revision = documents::revision(kind.wording()).map_or(0, |wording| wording.revision);
        say(&format!("{kind}\t{}\tред. {revision}", kind.title_ru()));
    }
    Ending::Good
}

fn check_file(path: &Path, kind: Option<&str>, on: Option<NaiveDate>) -> Result<Ending, Failure> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let kind: FormKind = kind.unwrap_or(stem).parse().map_err(|_| Failure::NotAKind)?;
    let text = std::fs::read_to_string(path).map_err(Failure::Template)?;
    let complaints = check(kind, &text, on.unwrap_or_else(|| Local::now().date_naive()));
    for complaint in &complaints {
        let column = complaint.column.map_or_else(String::new, |column| format!(":{column}"));
        say(&format!("{}:{}{column}: {}", path.display(), complaint.line, complaint.what));
    }
    if complaints.is_empty() {
        say(&format!("{kind}: замечаний нет"));
        return Ok(Ending::Good);
    }
    Ok(Ending::Bad)
}

async fn render(desk: &Desk, who: &Who, form: String, person: Option<&str>, out: &Path) -> Result<Ending, Failure> {
    let person: Option<PersonId> = person.map(str::parse).transpose().map_err(|_| Failure::NotAnId)?;
    known(&form)?;
    sign_in(desk, who).await?;
    prepare(desk, form, person, out).await?;
    Ok(Ending::Good)
}

/// A kind of the program's; what files the clinic has is known at the desk.
fn known(form: &str) -> Result<(), Failure> {
    if form.starts_with(OWN) || form.parse::<FormKind>().is_ok() { Ok(()) } else { Err(Failure::NotAKind) }
}

/// Makes one paper and writes it into a private file.
async fn prepare(desk: &Desk, form: String, person: Option<PersonId>, out: &Path) -> Result<(), Failure> {
    let paper = desk.paper_preview(PreviewArgs::of(&form, person)).await?;
    if paper.findings.iter().any(|finding| finding.weight == Weight::Refuse) {
        let words = paper.findings.iter().map(|finding| finding.words.as_str()).collect::<Vec<_>>().join("; ");
        return Err(Failure::NotMade(words));
    }
    let pdf = desk.paper_pdf(PaperArgs { paper: paper.paper }).await?;
    write_private(out, &pdf).map_err(Failure::Out)?;
    say(&format!("{}: листов {}, редакция {}, файл {}", paper.title, paper.pages, paper.revision, out.display()));
    for finding in &paper.findings {
        say(&format!("  {}: {}", weight_ru(finding.weight), finding.words));
    }
    Ok(())
}

fn weight_ru(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "внимание",
        Weight::Ask => "проверьте до подписи",
        Weight::Refuse => "нельзя",
    }
}

/// The papers of every visit of a day, in the order of the visits; a failure of one does not stop the rest.
async fn packet(desk: &Desk, who: &Who, date: NaiveDate, kinds: &[String], out: &Path) -> Result<Ending, Failure> {
    for kind in kinds {
        known(kind)?;
    }
    sign_in(desk, who).await?;
    private_folder(out).map_err(Failure::Out)?;
    let mut visits = desk.schedule_day(DayArgs { date }).await?.visits;
    visits.retain(|visit| visit.status.occupies());
    visits.sort_by(|one, other| (one.start, &one.id).cmp(&(other.start, &other.id)));
    let all = visits.len() * kinds.len();
    let mut made = 0;
    for (number, visit) in (1..).zip(&visits) {
        for kind in kinds {
            let file = out.join(format!("{number:03}-{}-{kind}.pdf", visit.start.format("%H%M")));
            match prepare(desk, kind.clone(), Some(visit.person.clone()), &file).await {
                Ok(()) => made += 1,
                Err(failure) => say(&format!("  не подготовлено, запись {}: {failure}", visit.id)),
            }
        }
    }
    say(&format!("Записей {}, документов {made} из {all}, папка {}", visits.len(), out.display()));
    Ok(if made == all { Ending::Good } else { Ending::Bad })
}
