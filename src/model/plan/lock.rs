//! Locks: on tables as PostgreSQL names them, which conflicts with which, and what that means for others. The matrix is
//! the server's own (table 13.2 of its manual, "Conflicting Lock Modes"). And the two on a whole file that SQLite knows.

use serde::{Deserialize, Serialize};

/// A lock mode, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Taken by SELECT.
    AccessShare,
    /// Taken by SELECT FOR UPDATE and by checks of foreign keys.
    RowShare,
    /// Taken by INSERT, UPDATE, DELETE.
    RowExclusive,
    /// Taken by VACUUM, ANALYZE, CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT.
    ShareUpdateExclusive,
    /// Taken by CREATE INDEX.
    Share,
    /// Taken by ADD FOREIGN KEY and CREATE TRIGGER.
    ShareRowExclusive,
    /// Taken by REFRESH MATERIALIZED VIEW CONCURRENTLY.
    Exclusive,
    /// Taken by DROP, TRUNCATE and most forms of ALTER TABLE.
    AccessExclusive,
    /// SQLite: the one writer of a file that has a log; readers go on reading what was there.
    FileWrite,
    /// SQLite: the one writer of a file without a log; while it commits, nobody reads.
    FileExclusive,
    /// SQLite: nobody else reads or writes a file without a log, for what outgrows the cache is written into it at once.
    FileAlone,
}

impl Mode {
    /// All modes of PostgreSQL, weakest first.
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// As the manual writes it.
    pub fn words(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
            Self::FileWrite => "WRITER OF THE FILE",
            Self::FileExclusive => "EXCLUSIVE ON THE FILE",
            Self::FileAlone => "ALONE ON THE FILE",
        }
    }

    /// As `pg_locks.mode` writes it; those on a file as the manual of SQLite names them.
    pub fn catalog_word(self) -> &'static str {
        match self {
            Self::AccessShare => "AccessShareLock",
            Self::RowShare => "RowShareLock",
            Self::RowExclusive => "RowExclusiveLock",
            Self::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Self::Share => "ShareLock",
            Self::ShareRowExclusive => "ShareRowExclusiveLock",
            Self::Exclusive => "ExclusiveLock",
            Self::AccessExclusive => "AccessExclusiveLock",
            Self::FileWrite => "RESERVED",
            Self::FileExclusive | Self::FileAlone => "EXCLUSIVE",
        }
    }

    /// The mode `pg_locks.mode` names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.catalog_word() == word)
    }

    /// Whether two sessions cannot hold these on one table at once.
    pub fn conflicts(self, other: Self) -> bool {
        let weakest_in_conflict = match self {
            Self::AccessShare => Self::AccessExclusive,
            Self::RowShare => Self::Exclusive,
            Self::RowExclusive => Self::Share,
            Self::ShareUpdateExclusive => Self::ShareUpdateExclusive,
            // SHARE does not conflict with itself, but with everything else from ROW EXCLUSIVE on.
            Self::Share => return other != Self::Share && other >= Self::RowExclusive,
            Self::ShareRowExclusive => Self::RowExclusive,
            Self::Exclusive => Self::RowShare,
            Self::AccessExclusive => Self::AccessShare,
            // A file has one writer, whatever it writes.
            Self::FileWrite | Self::FileExclusive | Self::FileAlone => Self::FileWrite,
        };
        other >= weakest_in_conflict
    }

    /// What waits while it is held, in words.
    pub fn blocks(self) -> &'static str {
        match self {
            Self::AccessShare | Self::RowShare => "no reader and no writer waits",
            Self::RowExclusive => "no reader and no writer of other rows waits",
            Self::ShareUpdateExclusive => "no reader and no writer waits; VACUUM and DDL on the table wait",
            Self::Share | Self::ShareRowExclusive => "readers go on; every writer of the table waits",
            Self::Exclusive => "plain readers go on; everybody else waits",
            Self::AccessExclusive | Self::FileAlone => "everybody waits, readers too",
            Self::FileWrite => "readers go on; every other writer of the file waits",
            Self::FileExclusive => {
                "every other writer of the file waits, readers too at its end and where it outgrows the cache"
            }
        }
    }
}

/// A lock a step takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The table, as a person writes it.
    pub table: String,
    /// The mode.
    pub mode: Mode,
    /// How long it is held.
    pub span: Span,
}

/// How long a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// For a moment: the statement reads no rows under it.
    Moment,
    /// For each batch.
    Batch,
    /// As long as the statement runs.
    Statement,
    /// For a probe after the step, two seconds at most.
    Probe,
}

impl Span {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Moment => "for milliseconds",
            Self::Batch => "batch by batch",
            Self::Statement => "while it runs",
            Self::Probe => "for its probes, 2 s at most each, rolled back",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the manual, row by row: X where the requested mode conflicts with the existing one.
    const MANUAL: [&str; 8] = [
        "       X", //
        "      XX", //
        "    XXXX", //
        "   XXXXX", //
        "  XX XXX", //
        "  XXXXXX", //
        " XXXXXXX", //
        "XXXXXXXX", //
    ];

    #[test]
    fn modes_conflict_as_the_manual_says() {
        for (row, requested) in MANUAL.iter().zip(Mode::ALL) {
            for (cell, existing) in row.chars().zip(Mode::ALL) {
                assert_eq!(requested.conflicts(existing), cell == 'X', "{requested:?} {existing:?}");
                assert_eq!(requested.conflicts(existing), existing.conflicts(requested));
            }
        }
    }

    #[test]
    fn every_mode_is_found_by_the_word_of_the_catalog() {
        for mode in Mode::ALL {
            assert_eq!(Mode::named(mode.catalog_word()), Some(mode));
        }
        assert_eq!(Mode::named("SIReadLock"), None);
    }
}
