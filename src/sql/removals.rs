//! What an engine's language can say about rows whose parent is missing: taking them away with all that hangs on them,
//! setting their references to NULL, inserting what they miss, and bringing everything back. The counterpart of
//! [`Repairs`](crate::sql::repairs::Repairs) for these. Every method only composes text. Called by `repair` alone.

use crate::model::catalog::Table;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Adoption, Nulling, Overwrite, Reference, Removal, Stored};
use crate::model::plan::step::Copied;
use crate::model::plan::survey::Demand;
use crate::sql::Query;
use crate::sql::change::Change;
use crate::sql::repairs::Window;

/// What a batch finds when rows hang on it deeper than it looked: it is done again, looking deeper.
pub const DEEPER: &str = "Rows hang on what is removed deeper than the batch looked.";
/// What a batch finds when rows refer to what is removed and their key forbids it. Where they are to go in a later batch, one
/// that takes both is tried.
pub const FORBIDDEN: &str = "Rows refer to what is to be removed, and their key forbids it: somebody added them since the plan was made.";
/// What a batch finds when it would change more rows than the plan may: it is cut smaller, or the run pauses.
pub const TOO_MANY: &str = "The batch reaches more rows than the plan may still change.";

/// What a statement of a restore answers with, before their number, of rows that came back.
pub const CAME: &str = "came";

/// What a statement of a restore answers with, before their number, the numbers of some and the name of their table, of
/// values that their column would not hold as they were.
pub const ALTERED: &str = "altered";
/// What a batch finds when other rows were changed besides, and nobody said that triggers may.
pub(crate) const BESIDES: &str = "With an inserted parent a trigger changes other rows, or a key does that waif leaves out; triggers=fire was not staged.";

/// What a statement of a restore answers with, before their number, of rows whose own numbers are taken by now.
pub const RENUMBERED: &str = "renumbered";

/// What a removal does in one batch.
#[derive(Clone, Copy, Debug)]
pub struct Stroke<'a> {
    /// The rows it begins with.
    pub window: Window<'a>,
    /// How many levels of ON DELETE it follows.
    pub depth: u32,
    /// Rows the plan may still change; none sets no limit.
    pub most: Option<u64>,
}

/// A table whose rows a run put into a store, as it is now.
#[derive(Clone, Debug)]
pub struct Return {
    /// The table as the run saw it, and its store.
    pub stored: Stored,
    /// The columns that are put back.
    pub columns: Vec<Ident>,
    /// The types they have now, as SQL writes them.
    pub types: Vec<String>,
    /// Whether one of them is numbered by the engine and takes no other value unless told to.
    pub numbered: bool,
    /// Keys that are enforced now: their parents must be there, or come back beside them, by their place. On SQLite, which
    /// enforces none while rows come back, the references along which rows went: a row does not come without the one it
    /// went with.
    pub needs: Vec<(Reference, Option<usize>)>,
    /// Columns that are unique together, each with the collation it is unique under where the engine names it.
    pub unique: Vec<Vec<(Ident, Option<Ident>)>>,
    /// Whether a trigger may hear of the rows that come. On SQLite only.
    pub heard: bool,
    /// Whether its rows cannot come back at all.
    pub barred: bool,
}

impl Return {
    /// A store of which nothing is known but what waits there.
    pub fn unknown(stored: Stored) -> Self {
        Self {
            stored,
            columns: Vec::new(),
            types: Vec::new(),
            numbered: false,
            needs: Vec::new(),
            unique: Vec::new(),
            heard: false,
            barred: false,
        }
    }
}

/// Values that a run overwrote, and their table as it is now.
#[derive(Clone, Debug)]
pub struct Refill<'a> {
    /// The values.
    pub values: &'a Overwrite,
    /// The reference along which they were overwritten.
    pub own: &'a Reference,
    /// The keys over them that are enforced now, or that are to hold.
    pub needs: Vec<Reference>,
    /// The types their columns have now, as SQL writes them, in the order of the values' columns.
    pub types: Vec<String>,
}

/// A batch that is brought back.
#[derive(Clone, Copy, Debug)]
pub struct Recall<'a> {
    /// The run.
    pub run: &'a str,
    /// The step's place among the steps.
    pub place: usize,
    /// The batch.
    pub batch: u64,
    /// The number of the batch that writes this down.
    pub number: u64,
    /// The epoch of the session that does it.
    pub epoch: u64,
    /// Whether only rows come back whose parent is there now, with what they took along.
    pub healed: bool,
    /// Whether what was filled goes back from rows, too, that were written since.
    pub changed: bool,
    /// Only the rows with these numbers, of the table at this place.
    pub only: Option<(usize, &'a [u64])>,
    /// Whether the run was staged with the word that triggers may fire, whatever they change besides.
    pub triggers_fire: bool,
}

/// What an engine can say about rows whose parent is missing.
pub trait Removals: Send + Sync {
    /// One row a count: what is counted (`rows`, `overwritten`, `forbidden`, `beyond`), the place of the table or of the
    /// edge, the level, rows. Levels are followed as deep as is said.
    fn radius(&self, removal: &Removal, depth: u32) -> Query;
    /// One row: rows without a parent, different parents they miss, rows that are NULL in part and must not be.
    fn lost(&self, missing: &Reference) -> Query;
    /// Has the engine compile an INSERT of whole rows into a table, and carry nothing out. None where it can only be asked by
    /// doing it.
    fn compiled(&self, _stored: &Stored) -> Option<Query> {
        None
    }
    /// At most one row: the statement that made a table. None where the catalog tells all of it.
    fn definition(&self, _table: &TableName) -> Option<Query> {
        None
    }
    /// What a table demands of rows that are written to it; none where its definition cannot be followed.
    fn demands(&self, _table: &Table, _stored: &Stored, _definition: &str) -> Option<Vec<Demand>> {
        Some(Vec::new())
    }
    /// One row: for each demand, how many of the rows of a table (its place in the removal) are not like that. Levels are
    /// followed as deep as is said.
    fn unlike_demanded(
        &self,
        _removal: &Removal,
        _reached: (usize, u32),
        _table: &Table,
        _demands: &[Demand],
    ) -> Option<Query> {
        None
    }
    /// What listens to writes of tables or is granted on them: table, kind, name, events (letters of `idu`), whether it may
    /// veto, column numbers, whether it is conditional. None where the catalog tells it.
    fn listeners(&self, tables: &[u32]) -> Option<Query>;

    /// Statements that make stores where they are not, and write them into the registry.
    fn create_stores(&self, stored: &[Stored]) -> Vec<Change>;
    /// The same of a table of overwritten values.
    fn create_kept(&self, values: &Overwrite) -> Vec<Change>;
    /// Statements that make the work set: every row without a parent.
    fn create_work(&self, missing: &Reference, run: &str, place: usize) -> Vec<Change>;
    /// The same of a few rows of one table only, wherever they lie: for a rehearsal.
    fn create_sample(&self, missing: &Reference, run: &str, place: usize, rows: u64) -> Vec<Change>;
    /// Statements that note which rows of the work set refer to each other by a key that forbids it: a batch takes them
    /// along. None where that is looked for otherwise.
    fn create_ties(&self, _removal: &Removal, _run: &str, _place: usize) -> Vec<Change> {
        Vec::new()
    }
    /// At most one row: a table that has a row without a parent: oid, schema, name.
    fn first_leaf(&self, missing: &Reference) -> Query;
    /// Statements that make what a session notes the reach of a batch in.
    fn create_notes(&self) -> Vec<Change>;
    /// The tables of a work set: number, schema, name, rows where they are known, and the first place behind the last row.
    fn lost_leaves(&self, missing: &Reference, run: &str, place: usize) -> Query;
    /// One row: where a window of so many rows of a work set ends; none at the end of the table.
    fn lost_bound(&self, missing: &Reference, window: &Window<'_>, rows: u64) -> Query;
    /// Removes a work set, or the set of missing parents, where there is one.
    fn drop_lost(&self, run: &str, place: usize) -> Vec<Change>;
    /// One row: the bytes of these columns of a row of the work set, as some of them have on average. None where batches need
    /// not be bounded by bytes.
    fn weight(&self, _missing: &Reference, _columns: &[&Ident], _run: &str, _place: usize) -> Option<Query> {
        None
    }
    /// One row: the rows the server reads to follow ON DELETE for each row that goes, where no index finds those that refer.
    /// None where such rows are found in another way.
    fn burden(&self, _removal: &Removal) -> Option<Query> {
        None
    }
    /// Statements that look for the parents of the work set by another access path; the last answers with the number of
    /// rows whose parent is there and hidden from the index.
    fn doubts(&self, missing: &Reference, run: &str, place: usize) -> Vec<Change>;
    /// Statements that take the rows of a window away with all that hangs on them, and write the batch down; the last but
    /// one answers with the number of rows that were changed, and of those without a parent.
    fn take(&self, removal: &Removal, stroke: &Stroke<'_>) -> Vec<Change>;
    /// Statements that set the references of a window to NULL; they answer as those of [`Removals::take`] do.
    fn nullify(&self, nulling: &Nulling, window: &Window<'_>) -> Vec<Change>;
    /// One row: rows without a parent that no parent could be inserted for, as its columns would not hold their values. None
    /// where the engine cannot be asked.
    fn unfit(&self, _adoption: &Adoption) -> Option<Query> {
        None
    }
    /// Statements that make the set of missing parents.
    fn create_missing(&self, adoption: &Adoption, run: &str, place: usize) -> Vec<Change>;
    /// Statements that look for the parents of that set by another access path; the last answers with the number of those that
    /// are there and hidden from the index. None where the set was made without it.
    fn doubts_of_missing(&self, _adoption: &Adoption, _run: &str, _place: usize) -> Vec<Change> {
        Vec::new()
    }
    /// One row: how many parents are missing in that set.
    fn count_missing(&self, run: &str, place: usize) -> Query;
    /// Statements that insert the parents from one number up to another; they answer as those of [`Removals::take`] do.
    fn adopt(&self, adoption: &Adoption, window: &Window<'_>) -> Vec<Change>;
    /// Statements of which the last answers with the rows left without a parent, told without the parent's indexes.
    fn left(&self, missing: &Reference) -> Vec<Change>;
    /// One row: rows without a parent by a reference that was not mended. None where keys are enforced while rows come back.
    fn strays(&self, _reference: &Reference) -> Option<Query> {
        None
    }
    /// One row: rows of a step in the store whose parent is there now; only of one batch where it is given.
    fn healed(&self, removal: &Removal, run: &str, place: usize, batch: Option<u64>) -> Query;

    /// One row: whether the registry is there.
    fn stores_stand(&self) -> Query;
    /// Stores in the registry: name, kind, schema and name of the table, shape, prefix, when it was made.
    fn stores(&self) -> Query;
    /// Rows of runs in these stores (name, prefix): the run, the step's place, the store, rows; of one run where it is
    /// given.
    fn held(&self, stores: &[(String, String)], run: Option<&str>) -> Query;
    /// Batches of a step that have rows in these stores, last first.
    fn batches(&self, stores: &[(Ident, String)], run: &str, place: usize) -> Query;
    /// Statements that have the engine look how much is in these stores, where its plans rest on that.
    fn measure(&self, _stores: &[Ident]) -> Vec<Change> {
        Vec::new()
    }
    /// Takes a run for a restore; answers with the new epoch.
    fn reclaim(&self, run: &str, holder: &str) -> Change;
    /// Holds the run for the rest of the transaction, or fails when somebody else has it.
    fn reclaimed(&self, run: &str, epoch: u64) -> Change;
    /// Statements that bring a batch back; one answers with [`CAME`] and the number of rows that came back, some before it
    /// with [`RENUMBERED`] and how many of them got other numbers.
    fn recall(&self, removal: &Removal, back: &[Return], recall: &Recall<'_>) -> Vec<Change>;
    /// Rows of a batch that are in the stores: the table's place, number, level; parents first.
    fn waiting(&self, back: &[Return], recall: &Recall<'_>) -> Query;
    /// Rows of a step that stay, by the reason: the table's place, `parent` or `key`, the place of the key among the needs or
    /// the unique columns, rows, the numbers of some of them. None where there is no reason to ask for. With `healed` only what would have
    /// come back for its parent is there.
    fn stuck(&self, back: &[Return], run: &str, place: usize, healed: Option<&Removal>) -> Option<Query>;
    /// Statements that put overwritten values of a batch back where they still are as they were written, in the row that lost
    /// them; the last answers with the number of values.
    fn put_back(&self, refill: &Refill<'_>, recall: &Recall<'_>) -> Vec<Change>;
    /// Values of a step that stay, by the reason: `gone`, `other` (what the row holds by now), `changed` (the rest of it),
    /// `narrow` (the type), `parent`, or none that can be told; the place of the key among the needs, values, the numbers of
    /// some of them. With `healed` only what has its parent again. None where it is not told apart.
    fn unlike(&self, _refill: &Refill<'_>, _run: &str, _place: usize, _healed: bool) -> Option<Query> {
        None
    }
    /// Statements that take adopted parents away that are as they were inserted and that nobody but the rows without a
    /// parent refers to; the last answers with their number. `guests` are the other references to them.
    fn disown(&self, adoption: &Adoption, guests: &[Reference], recall: &Recall<'_>) -> Vec<Change>;
    /// One row: whether the record of a backfill is there; and, unless every record does, whether it tells rows apart that were
    /// written since.
    fn filled_stands(&self, run: &str, place: usize) -> Query;
    /// Batches of a backfill that are in its record, last first, each with its rows.
    fn filled(&self, run: &str, place: usize) -> Query;
    /// Rows of a batch of a backfill that are in its record, told apart for [`Recall::only`]: 0, number, 0; in an order in which
    /// each may leave the record before the next is asked for.
    fn filled_rows(&self, copied: &Copied, recall: &Recall<'_>) -> Query;
    /// One row: how many rows of the record of a backfill still hold what was filled, and stay for they were written since.
    fn written(&self, copied: &Copied, run: &str, place: usize) -> Query;
    /// Statements that set a filled column back to NULL where it still is as a batch filled it and no row of `guests`, the
    /// references to the column, refers to it; only in rows that nobody wrote since, as far as the engine tells, unless these are
    /// wanted as well. The last answers with the number of rows.
    fn unfill(&self, copied: &Copied, guests: &[Reference], recall: &Recall<'_>) -> Vec<Change>;
    /// The statement that a person could look at the rows of a step with. For people: nobody sends it.
    fn look(&self, store: &Ident, prefix: &str) -> String;
    /// The name of a store, as a person may see it.
    fn store(&self, store: &Ident) -> String;
}
