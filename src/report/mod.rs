//! Reports: one printer per format, from plain data of `model` to a writer. Nothing here asks a database, reads a file or
//! knows a clock; whether there is a terminal, how wide and how coloured, arrives as [`Paper`]. Called by the front ends.
//!
//! Text, Markdown and CSV show every name and value through [`visible`](crate::model::text::visible); JSON carries them
//! as they are stored, for it escapes by itself.

pub mod check;
pub mod fault;
pub mod figure;
pub mod graph;
pub mod paper;
pub mod plan;
pub(crate) mod relation;
pub mod restores;
pub mod rows;
pub mod runs;
pub mod server;
pub mod sheet;
mod spreadsheet;
mod table;

pub use paper::{Ink, Paper};

#[cfg(test)]
pub(crate) mod tests;

use serde::Serialize;
use std::io::{self, Write};

/// The format number of every JSON document; it grows when something a reader relies on changes.
pub const FORMAT: u32 = 1;

/// Who made a document.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(crate) const WAIF: Self = Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

/// Writes one JSON document a person can read and compare line by line.
pub(crate) fn pretty(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}

/// Writes one JSON document on a line of its own.
pub(crate) fn line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    out.write_all(b"\n")
}
