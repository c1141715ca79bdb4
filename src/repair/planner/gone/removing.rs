//! The step of a removal: whether the reference and everything that refers to the rows let them go, what hangs on them, and
//! the step that takes them. What locks it takes and what it costs is told by the planner of each engine.

use super::reach::{Bar, Fate, Link, Reach};
use super::rows;
use crate::model::figure::counted;
use crate::model::ident::TableName;
use crate::model::plan::lock::Held;
use crate::model::plan::refusal::Why;
use crate::model::plan::removal::{Manner, Outcome, Reached, Removal};
use crate::model::plan::step::{Rows, Undo, Work};
use crate::model::plan::survey::Radius;
use crate::model::relation::{Enforcement, Referential, Relation};
use crate::model::text::visible;
use crate::repair::planner::draft::{Draft, Made};
use crate::repair::planner::wish::{LostWish, What};
use crate::repair::survey::SHALLOW;
use crate::sql::removals::{Removals, Stroke};
use crate::sql::repairs::Window;

/// What the reference itself says of rows without a parent.
pub(in crate::repair::planner) fn allowed(
    draft: &mut Draft<'_>,
    action: usize,
    relation: &Relation,
    lost: &LostWish,
    manner: Manner,
) {
    if manner == Manner::Quarantine {
        return;
    }
    let staged = draft.wishes.iter().find_map(|wish| match &wish.what {
        What::Add(key) if key.is_over(&lost.key) => key.options.on_delete,
        _ => None,
    });
    let id = visible(&relation.id).into_owned();
    let (says, instead) = match staged.unwrap_or(relation.on_delete) {
        Referential::Cascade | Referential::NoAction => return,
        Referential::Restrict => ("a row shall never lose its parent, not that it goes", "quarantine"),
        Referential::SetNull => ("the reference is cleared and the row stays", "nullify"),
        Referential::SetDefault => ("the reference gets its default and the row stays", "nullify"),
    };
    draft.refuse(
        Why::Subject,
        Some(action),
        format!("ON DELETE {} of {id} says that {says}.", staged.unwrap_or(relation.on_delete).words()),
        format!("Stage {instead}:{id} instead."),
    );
}

/// Rows that refer and forbid it.
pub(in crate::repair::planner) fn barred(
    draft: &mut Draft<'_>,
    action: usize,
    reach: &Reach,
    radius: &Radius,
) {
    if radius.deeper {
        draft.refuse(
            Why::Unknown,
            Some(action),
            "Rows hang on what would be removed more than 256 levels deep: how many is not known.",
            "Remove them from their end, by hand.",
        );
    }
    for (place, link) in reach.links.iter().enumerate() {
        let Fate::Forbid(bar) = &link.fate else { continue };
        let rows = radius.forbidden.get(&place).copied().unwrap_or_default();
        if rows == 0 {
            continue;
        }
        let (sentence, remedy) = bar_words(draft, link, bar, rows);
        draft.refuse(Why::Orphans, Some(action), sentence, remedy);
    }
}

fn bar_words(draft: &Draft<'_>, link: &Link, bar: &Bar, rows: u64) -> (String, String) {
    let child = draft.shown(&link.relation.child.name);
    let id = visible(&link.relation.id).into_owned();
    let rows = counted(rows, "row", "rows");
    let rests = format!("{rows} of {child} refer to rows that would be removed");
    match bar {
        Bar::Declared => {
            let why = match &link.relation.enforcement {
                Enforcement::Undeclared => "nothing says what is to become of them".to_owned(),
                _ => format!("ON DELETE {} of {id} forbids it", link.relation.on_delete.words()),
            };
            (
                format!("{rests}, and {why}."),
                format!(
                    "Decide what is to become of them: stage quarantine:{id} or nullify:{id} beside it, or point them to other parents first."
                ),
            )
        }
        Bar::NotNull(column) => (
            format!("{rests}, and {} takes no NULL, which ON DELETE would set.", column.visible()),
            format!("Drop the NOT NULL, or stage quarantine:{id} beside it after changing ON DELETE."),
        ),
        Bar::Computed(column) => (
            format!("{rests}, and {} is computed: it cannot be overwritten.", column.visible()),
            "Point them to other parents first.".to_owned(),
        ),
        Bar::ReferredTo(column) => (
            format!("{rests}, and others refer to {}, which ON DELETE would overwrite.", column.visible()),
            "Point them to other parents first.".to_owned(),
        ),
        Bar::Expression(column) => (
            format!("{rests}, and the default of {} is no plain value.", column.visible()),
            "Point them to other parents first.".to_owned(),
        ),
        Bar::NoKey => (
            format!("{rests}, and no key names a row of {child}: its old value could not be put back."),
            format!("Give {child} a primary key."),
        ),
    }
}

/// What only an engine knows of the step of a removal.
pub(in crate::repair::planner) struct Costs {
    /// The locks of a batch.
    pub(in crate::repair::planner) locks: Vec<Held>,
    /// The seconds it takes.
    pub(in crate::repair::planner) seconds: f64,
    /// A window to show the statements with.
    pub(in crate::repair::planner) ends: (&'static str, &'static str),
}

/// Adds the step of a removal; the engine tells what so many rows cost, of which so many are looked through.
pub(in crate::repair::planner) fn add(
    draft: &mut Draft<'_>,
    action: usize,
    lost: &LostWish,
    removal: Removal,
    radius: &Radius,
    costs: impl FnOnce(&mut Draft<'_>, u64, u64) -> Costs,
) {
    let Some(words) = draft.setting.removals else { return };
    let lines = lines(draft, words, &removal, radius);
    let total: u64 = lines.iter().map(|line| line.rows).sum();
    let own = radius.rows.iter().filter(|(_, level, _)| *level == 0).map(|(.., rows)| rows).sum::<u64>();
    warn(draft, &lines);
    let child = draft.catalog.table(lost.key.child).map(|own| draft.shown(&own.name)).unwrap_or_default();
    let parent = draft.catalog.table(lost.key.parent).map(|own| draft.shown(&own.name)).unwrap_or_default();
    let verb = if removal.manner == Manner::Delete { "Delete" } else { "Quarantine" };
    let along = match total - own {
        0 => String::new(),
        more => format!(", and {} that hang on them", counted(more, "row", "rows")),
    };
    let stores: Vec<String> =
        removal.tables.iter().map(|stored| visible(&words.store(&stored.store)).into_owned()).collect();
    let values: Vec<String> = removal
        .overwrites()
        .map(|(_, _, values)| visible(&words.store(&values.store)).into_owned())
        .collect();
    let scanned = draft.catalog.table(lost.key.child).and_then(|table| table.estimated_rows).unwrap_or(own);
    let Costs { locks, seconds, ends } = costs(draft, total, scanned);
    if removal.manner == Manner::Delete {
        draft.warn(
            "What is deleted stays in the stores until somebody drops them: waif restore can bring it back.",
        );
    }
    let made = Made {
        title: format!("{verb} {} of {child} without a parent in {parent}{along}", counted(own, "row", "rows")),
        sql: shape(words, action, &removal, ends),
        locks,
        proof_locks: Vec::new(),
        transactional: true,
        rows: Some(Rows { count: total, exact: true }),
        seconds: Some(seconds),
        undo: Undo::Record {
            sentence: format!(
                "Every row goes into {} in the transaction that deletes it{}; waif restore TARGET RUN brings it back.",
                stores.join(", "),
                if values.is_empty() {
                    String::new()
                } else {
                    format!(", and every value that is overwritten into {}", values.join(", "))
                }
            ),
            statements: removal.tables.iter().map(|stored| words.look(&stored.store, &stored.prefix)).collect(),
        },
        verify: format!(
            "No row of {child} is left without a parent by ({}), counted without the indexes of {parent}; as many rows are in the stores as left.",
            rows::columns(&removal.missing)
        ),
        again: "Only rows that are without a parent then are removed: run again it removes what came since, or nothing."
            .to_owned(),
        after: Vec::new(),
        work: Work::Remove(Box::new(removal)),
    };
    draft.step(Some(action), made);
    if let Some(step) = draft.steps.last_mut() {
        step.reach = lines;
    }
}

/// What is reached, table by table and level by level.
fn lines(draft: &Draft<'_>, words: &dyn Removals, removal: &Removal, radius: &Radius) -> Vec<Reached> {
    let shown = |store| visible(&words.store(store)).into_owned();
    let mut lines: Vec<Reached> = radius
        .rows
        .iter()
        .filter_map(|(place, level, rows)| {
            let stored = removal.tables.get(*place)?;
            Some(Reached {
                table: draft.shown(&stored.seat.table),
                level: *level,
                rows: *rows,
                what: Outcome::Removed,
                store: shown(&stored.store),
            })
        })
        .collect();
    for (place, edge, values) in removal.overwrites() {
        let rows = radius.overwritten.get(&place).copied().unwrap_or_default();
        let above = removal.tables.get(edge.above);
        let level =
            radius.rows.iter().filter(|(table, ..)| *table == edge.above).map(|(_, level, _)| *level).min();
        if let (Some(_), true) = (above, rows > 0) {
            lines.push(Reached {
                table: draft.shown(&values.seat.table),
                level: level.unwrap_or_default() + 1,
                rows,
                what: Outcome::Overwritten,
                store: shown(&values.store),
            });
        }
    }
    lines
}

/// Says what hangs on the rows.
fn warn(draft: &mut Draft<'_>, lines: &[Reached]) {
    for line in lines.iter().filter(|line| line.what == Outcome::Overwritten) {
        let (rows, table) = (counted(line.rows, "row", "rows"), &line.table);
        draft.warn(format!(
            "{rows} of {table} lose their reference: what they held is kept in {}.",
            line.store
        ));
    }
    let below: Vec<&Reached> =
        lines.iter().filter(|line| line.level > 0 && line.what == Outcome::Removed).collect();
    for (place, line) in below.iter().enumerate() {
        let own = || below.iter().filter(|other| other.table == line.table);
        if below.iter().take(place).any(|before| before.table == line.table) {
            continue;
        }
        let rows: u64 = own().map(|line| line.rows).sum();
        let last = own().map(|line| line.level).max().unwrap_or(line.level);
        let levels = match line.level {
            first if first == last => counted(u64::from(last), "level", "levels"),
            first => format!("{first} to {last} levels"),
        };
        draft.warn(format!("{} of {} go along, {levels} down.", counted(rows, "row", "rows"), line.table));
    }
}

/// The statements, with placeholders for what only a run knows.
fn shape(
    words: &dyn Removals,
    action: usize,
    removal: &Removal,
    ends: (&'static str, &'static str),
) -> Vec<String> {
    let window = window(action, &removal.missing.child.table, ends);
    let stroke = Stroke { window, depth: removal.depth().unwrap_or(SHALLOW), most: None };
    let mut changes = words.create_stores(&removal.tables);
    for (_, _, values) in removal.overwrites() {
        changes.extend(words.create_kept(values));
    }
    changes.extend(words.create_notes());
    changes.extend(words.create_work(&removal.missing, "RUN", action));
    changes.extend(words.create_ties(removal, "RUN", action));
    changes.extend(words.take(removal, &stroke));
    changes.iter().map(|change| change.text().to_owned()).collect()
}

/// A window with placeholders for what only a run knows.
pub(in crate::repair::planner) fn window<'a>(
    action: usize,
    table: &'a TableName,
    ends: (&'a str, &'a str),
) -> Window<'a> {
    Window {
        run: "RUN",
        place: action,
        number: 0,
        epoch: 0,
        leaf: 0,
        leaf_name: table,
        pass: None,
        low: ends.0,
        high: ends.1,
        by_range: false,
    }
}
