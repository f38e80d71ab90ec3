//! A filled paper before layout: what stands on it, not where.

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Inline {
    Text {
        text: String,
        style: Style,
    },
    /// A ruled place to write by hand, in millimetres.
    Gap(u16),
    /// An empty box to tick by hand.
    Tick,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) bold: bool,
    pub(crate) italic: bool,
}

pub(crate) type Inlines = Vec<Inline>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// The title of the paper, line by line.
    Title(Vec<Inlines>),
    /// Small centred text under the title.
    Note(Inlines),
    Paragraph(Inlines),
    /// A numbered clause with its first number, or a dashed list without.
    List {
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    /// A form: rows of labels, each with a ruled place for its value.
    Fields(Vec<FieldRow>),
    /// Where people sign.
    Signature(Vec<SignaturePlace>),
    /// A heading inside the paper; stays with what follows.
    Heading(Inlines),
    /// Lines at the right: to whom, from whom.
    Addressee(Vec<Inlines>),
    Table(Table),
    /// Lines with an empty box before each.
    Checks(Vec<Inlines>),
    /// A ruled line to write on.
    RuledLine,
    PageBreak,
    /// What is torn off along a line: the words at the line and what is below it.
    TearOff(Inlines, Vec<Block>),
    /// A sum printed large.
    Amount(Inlines),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Width>,
    pub(crate) header: Vec<Inlines>,
    pub(crate) rows: Vec<Vec<Inlines>>,
}

/// Width of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Mm(u16),
    /// A share of what is left.
    Share(u16),
}

/// One ruled row; most rows have one field, short values share a row.
pub(crate) type FieldRow = Vec<Field>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) label: Inlines,
    /// Printed as it is; empty for a bare rule.
    pub(crate) value: String,
}

/// A place to write by hand and the words below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignaturePlace {
    pub(crate) ruling: Ruling,
    /// Printed on the rule.
    pub(crate) value: String,
    pub(crate) caption: Inlines,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// One bare rule.
    Plain,
    /// A rule for a whole name.
    Wide,
    /// «__» ________ 20__ г.
    Date,
}

/// The sheet a wording is meant for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    A4,
    /// A4 on its side: journals.
    A4Landscape,
    /// 210 × 99 mm, framed: a gift.
    Card,
}

impl Format {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::A4Landscape => "a4-landscape",
            Self::Card => "card",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        [Self::A4, Self::A4Landscape, Self::Card].into_iter().find(|format| format.code() == code)
    }
}

/// What a wording asks of its sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) format: Format,
    /// The paper is meant for one sheet.
    pub(crate) one_sheet: bool,
    /// Kept longer than ten years: a wide margin to be sewn in.
    pub(crate) archive: bool,
    pub(crate) letterhead: bool,
}

/// A paper with its wording filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) setup: Setup,
    pub(crate) blocks: Vec<Block>,
}

/// The clinic's requisites at the head of the first page, empty ones left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letterhead {
    pub(crate) name: String,
    pub(crate) left: Vec<String>,
    pub(crate) right: Vec<String>,
}

impl Letterhead {
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_empty() && self.left.is_empty() && self.right.is_empty()
    }
}

/// What stands at the foot of every page; the page number is added by the layout.
#[derive(Clone, Debug, Default)]
pub(crate) struct Footer {
    pub(crate) wording: String,
    pub(crate) sheet: String,
}
