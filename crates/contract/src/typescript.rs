//! The window's side of the contract in TypeScript: every view, and what each command takes and answers.
//!
//! `cargo xtask gen` writes it to `ui/src/wire/wire.ts`; a test keeps the file current.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ts_rs::{Config, TS, TypeVisitor};

use crate::for_each_command;
use crate::ui::*;

struct Declarations {
    config: Config,
    found: BTreeMap<String, String>,
}

impl Declarations {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        // Only declared types have an output path; strings, numbers and wrappers have none.
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            if self.found.contains_key(&name) {
                return;
            }
            let mut text = String::new();
            if let Some(docs) = T::docs() {
                let _ = writeln!(
                    text,
                    "/** {} */",
                    docs.trim()
                        .replace("\n", " ")
                        .trim_start_matches(['/', '*', ' '])
                        .trim_end_matches(['/', '*', ' '])
                );
            }
            let _ = writeln!(text, "export {}", T::decl(&self.config));
            self.found.insert(name, text);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

/// The text of `wire.ts`.
#[must_use]
pub fn wire_ts() -> String {
    let mut all = Declarations { config: Config::new().with_large_int("number"), found: BTreeMap::new() };
    let mut commands = String::new();
    all.add::<UiError>();
    macro_rules! collect {
        ($($name:ident ($args:ty) -> $view:ty;)*) => {$(
            all.add::<$args>();
            all.add::<$view>();
            let (args, view) = (<$args as TS>::name(&all.config), <$view as TS>::name(&all.config));
            let _ = writeln!(commands, "  {}: {{ args: {args}; view: {view} }};", stringify!($name));
        )*};
    }
    for_each_command!(collect);
    let types: String = all.found.into_values().collect::<Vec<_>>().join("\n");
    format!(
        "// Generated from crates/contract by `cargo xtask gen`. Do not edit.\n\n{types}\n\
         /** Every command: what it takes and what it answers. It rejects with a UiError. */\n\
         export interface Commands {{\n{commands}}}\n"
    )
}
