//! Words of Russian papers: dates, sums, short names. Nothing here declines a name.

pub(crate) mod dates;
pub(crate) mod money;
pub(crate) mod names;
