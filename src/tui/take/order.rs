//! What is to be written to files, and what came of it. `update` gives the orders, the writer carries them out beside the
//! loop and answers with messages.

use crate::model::value::Row;
use crate::report::sheet::{End, Title};
use crate::tui::take::drawing::{self, Drawing};
use crate::tui::take::paged::Paged;
use crate::tui::take::source::Source;

/// Something to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A whole file.
    Whole {
        /// Comes back with the answer.
        ticket: u64,
        /// Where, as typed.
        path: String,
        /// What.
        body: Body,
    },
    /// A list whose rows come page by page.
    Begin {
        /// Comes back with every answer about it.
        ticket: u64,
        /// Where, as typed.
        path: String,
        /// What it is.
        title: Title,
    },
    /// A page of it.
    Rows {
        /// The list's ticket.
        ticket: u64,
        /// Its columns.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Row>,
        /// How it ends, where this is the last page.
        end: Option<End>,
    },
    /// Leave it, and nothing of it behind.
    Abandon {
        /// The list's ticket.
        ticket: u64,
    },
}

/// What a file is to hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// This text.
    Text(String),
    /// This list, in the format of the file's ending.
    List(Source),
    /// This part of the graph, in the format of the file's ending.
    Drawing(Drawing, Source),
    /// A list whose rows are still to be asked for.
    Paged(Paged),
}

/// The endings a list can be written under.
pub const ENDINGS: &str = "csv, json, ndjson or md";

impl Body {
    /// Why it cannot be written under this name; none when it can.
    pub fn refuses(&self, path: &str) -> Option<String> {
        let ending = ending(path);
        let list = crate::report::sheet::Format::of_ending(&ending).is_some();
        match self {
            Self::Text(_) => None,
            Self::List(_) | Self::Paged(_) if list => None,
            Self::Drawing(..) if list || Drawing::knows(&ending) => None,
            Self::Drawing(..) => Some(format!(
                "The ending chooses the format: {} for the drawing, {ENDINGS} for its relations.",
                drawing::ENDINGS
            )),
            Self::List(_) | Self::Paged(_) => Some(format!("The ending chooses the format: {ENDINGS}.")),
        }
    }
}

/// The ending of a file's name, in small letters.
pub fn ending(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase()
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The order's ticket.
    pub ticket: u64,
    /// How much stands in the file, or why it could not be written.
    pub outcome: Result<Figures, Refusal>,
}

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Rows, where it was a list.
    pub rows: Option<u64>,
    /// Bytes.
    pub bytes: u64,
    /// Whether the file is whole and in its place.
    pub done: bool,
}

/// Why a file could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is a file of this name.
    Exists,
    /// The system refused, in its words.
    Failed(String),
}
