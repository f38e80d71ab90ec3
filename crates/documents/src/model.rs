//! A filled paper before layout: what stands on it, not where.

/// A run of text of one style inside a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inline {
    pub(crate) text: String,
    pub(crate) style: Style,
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
    /// Where the person signs.
    Signature(Vec<SignaturePlace>),
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
    pub(crate) caption: Inlines,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// One bare rule.
    Plain,
    /// «__» ________ 20__ г.
    Date,
}

/// A paper with its wording filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) title: String,
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
