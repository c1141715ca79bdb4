//! What is to be written to files, and what came of it. `update` gives the orders, the writer carries them out beside the
//! loop and answers with messages.

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
}

/// What a file is to hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// This text.
    Text(String),
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The order's ticket.
    pub ticket: u64,
    /// Bytes that stand in the file, or why it could not be written.
    pub outcome: Result<Figures, Refusal>,
}

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Rows, where it was a list.
    pub rows: Option<u64>,
    /// Bytes.
    pub bytes: u64,
    /// Whether the file is whole.
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
