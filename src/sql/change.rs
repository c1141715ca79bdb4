//! A statement that writes. No reader takes one: `db` runs it in an armed session only. Composed in `sql` like a
//! [`Query`](crate::sql::Query), of literals, quoted names and parameters.

use crate::model::sent::Purpose;
use crate::model::value::Value;

/// A statement that writes, with its arguments and what it must come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    text: String,
    args: Vec<Value>,
    purpose: Purpose,
    returns: bool,
    expected: Expected,
    needs: Vec<Setting>,
}

/// A setting of the session that a statement needs for the whole of its transaction, beyond what a writer has otherwise:
/// it is made before the transaction begins, read back, and taken back after it. Only SQLite has such settings; a writer
/// of another engine refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Foreign keys are not enforced: `foreign_keys` off, which within a transaction could not be set.
    KeysOff,
    /// A renamed table takes no references, views and triggers with it: `legacy_alter_table` on.
    LegacyRename,
    /// The transaction has the file to itself from its first statement on, readers of a file without a log left out: what
    /// outgrows the cache is written into such a file before COMMIT, and a reader would keep it from that.
    Alone,
}

/// What a statement must come to, or its transaction is rolled back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it touches is right.
    #[default]
    Anything,
    /// Exactly so many rows; otherwise the sentence tells what that means.
    Rows(u64, &'static str),
}

impl Change {
    /// A statement whose answer is a number of rows.
    pub(crate) fn new(purpose: Purpose, text: impl Into<String>, args: Vec<Value>) -> Self {
        Self {
            text: text.into(),
            args,
            purpose,
            returns: false,
            expected: Expected::Anything,
            needs: Vec::new(),
        }
    }

    /// The same, answering with rows.
    #[must_use]
    pub(crate) fn returning(mut self) -> Self {
        self.returns = true;
        self
    }

    /// The same, which must touch or return exactly so many rows.
    #[must_use]
    pub(crate) fn expecting(mut self, rows: u64, otherwise: &'static str) -> Self {
        self.expected = Expected::Rows(rows, otherwise);
        self
    }

    /// The same, which needs a setting of the session for its whole transaction.
    #[must_use]
    pub fn needing(mut self, setting: Setting) -> Self {
        self.needs.push(setting);
        self
    }

    /// The SQL text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The arguments, in order.
    pub fn args(&self) -> &[Value] {
        &self.args
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whether it answers with rows.
    pub fn returns(&self) -> bool {
        self.returns
    }

    /// The settings its transaction needs.
    pub fn needs(&self) -> &[Setting] {
        &self.needs
    }

    /// What it must come to.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }
}
