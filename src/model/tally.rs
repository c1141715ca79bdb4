//! The counts of one relation and the verdict they allow. The only way to `Clean` is a finished exact count of zero.

use serde::Serialize;

/// What may be said of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Counted exactly, and no orphan.
    Clean,
    /// At least one orphan.
    Orphans,
    /// Not counted, and why.
    NotChecked(Why),
    /// The reference can never be satisfied, and why.
    Broken(String),
}

/// Why a relation was not counted, or not to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nobody has counted it yet.
    Pending,
    /// A right is missing; the sentence names it.
    Right(String),
    /// Row security would hide rows.
    RowSecurity(String),
    /// A time limit ended it.
    Time(String),
    /// A lock was not granted in time.
    Lock(String),
    /// Somebody cancelled it.
    Cancelled,
    /// The scope left it out.
    Scope(String),
    /// Two access paths gave different counts.
    SuspectIndex(String),
    /// The server could not run the query.
    Unplannable(String),
    /// The connection was lost.
    Lost(String),
}

impl Why {
    /// The reason as a sentence without its full stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::Pending => "not counted yet".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
            Self::Right(text)
            | Self::RowSecurity(text)
            | Self::Time(text)
            | Self::Lock(text)
            | Self::Scope(text)
            | Self::SuspectIndex(text)
            | Self::Unplannable(text)
            | Self::Lost(text) => text.clone(),
        }
    }
}

/// The counts of one relation, in rows of the child table unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    verdict: Verdict,
    counts: Counts,
    exact: bool,
    /// Seconds the counting took.
    pub seconds: f64,
}

/// Figures of a count; none where not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the child table.
    pub rows: Option<u64>,
    /// Rows whose reference the engine would reject.
    pub orphans: Option<u64>,
    /// Rows whose key is NULL in every column.
    pub null_keys: Option<u64>,
    /// Rows whose composite key is NULL in some columns but not in all.
    pub partly_null: Option<u64>,
    /// Distinct missing parent keys.
    pub missing_parents: Option<u64>,
}

impl Tally {
    /// A finished exact count. Without a figure for orphans it is no count, and so not checked.
    pub fn counted(counts: Counts, seconds: f64) -> Self {
        let verdict = match counts.orphans {
            Some(0) => Verdict::Clean,
            Some(_) => Verdict::Orphans,
            None => Verdict::NotChecked(Why::Pending),
        };
        let exact = counts.orphans.is_some();
        Self { verdict, counts, exact, seconds }
    }

    /// A probe met an orphan: there is at least one.
    pub fn met_one(seconds: f64) -> Self {
        let counts = Counts { orphans: Some(1), ..Counts::default() };
        Self { verdict: Verdict::Orphans, counts, exact: false, seconds }
    }

    /// The same with the rows and NULLs that were counted.
    #[must_use]
    pub fn with(mut self, counts: Counts) -> Self {
        let Counts { rows, null_keys, partly_null, .. } = counts;
        self.counts = Counts { rows, null_keys, partly_null, ..self.counts };
        self
    }

    /// Nothing was counted.
    pub fn not_checked(why: Why) -> Self {
        Self { verdict: Verdict::NotChecked(why), counts: Counts::default(), exact: false, seconds: 0.0 }
    }

    /// The reference can never be satisfied; what could be counted of it is kept.
    pub fn broken(reason: impl Into<String>, counts: Counts) -> Self {
        Self { verdict: Verdict::Broken(reason.into()), counts, exact: false, seconds: 0.0 }
    }

    /// This count with its verdict withdrawn: the figures stay visible, but are not vouched for.
    pub fn withdrawn(self, why: Why) -> Self {
        Self { verdict: Verdict::NotChecked(why), exact: false, ..self }
    }

    /// The verdict.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The figures.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether the figures are exact; otherwise the number of orphans is a lower bound.
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// Whether the relation was inspected to the end.
    pub fn settled(&self) -> bool {
        match self.verdict {
            Verdict::Clean | Verdict::Broken(_) => true,
            Verdict::Orphans => self.exact,
            Verdict::NotChecked(_) => false,
        }
    }
}
