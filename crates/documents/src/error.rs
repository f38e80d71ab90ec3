//! Why a paper could not be made.
//!
//! Invariant: no variant carries a value from the request, so an error may be logged as it is.

use thiserror::Error;

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PaperError {
    #[error("an embedded font cannot be read")]
    BrokenFont,
    #[error("the template has no front matter with `title` and `revision`")]
    FrontMatter,
    #[error("line {line} of the template: the template engine refuses it")]
    TemplateSyntax { line: usize },
    #[error("the template has an unknown or unclosed directive")]
    Directive,
    #[error("the layout engine refuses the document")]
    Layout {
        /// The engine's own words; they speak of layout code, in which values are literals.
        diagnostics: Vec<String>,
    },
    #[error("the layout draws something the PDF writer does not know")]
    UnsupportedDrawing,
    #[error("a font cannot be subset")]
    Subset(#[from] subsetter::Error),
    #[error("the PDF writer refuses the document")]
    Write(#[from] lopdf::Error),
    #[error("the PDF writer dropped {count} drawing operations")]
    DroppedOperations { count: usize },
    #[error("the PDF cannot be put into bytes")]
    Bytes(#[from] std::io::Error),
    #[error("the data are of another family of papers")]
    WrongData,
    #[error("the id of the paper is too long for its mark")]
    MarkTooLong,
    #[error("the data cannot be shown to a template")]
    Data(#[from] serde_json::Error),
    #[error("the time of printing is out of range")]
    Time,
    #[error("the clinic's own file cannot be used: {0:?}")]
    OwnFile(Unfit),
}

/// Why a PDF of the clinic's own cannot be printed by the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    NotAPdf,
    Encrypted,
    /// Pages that are shown turned.
    TurnedPages,
    /// Sizes that no office printer has.
    OddPages,
    /// Fields that a viewer fills in.
    FormFields,
    TooManyPages,
}
