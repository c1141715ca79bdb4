//! The rehearsal: what can stand in a short transaction is tried in one and rolled back; of a backfill a sample of rows is.
//! What cannot be tried is said to be so. It waits for locks no longer than a run would, holds none for longer than a
//! moment, and says what it is about to hold before it does.

mod lost;

use crate::db::Engine;
use crate::db::writer::{Armed, WriteLimits, Writer};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::{Held, Mode};
use crate::model::plan::rebuild::Rebuild;
use crate::model::plan::step::{Copied, Work};
use crate::model::plan::{FORMAT, Plan};
use crate::model::run::{News, Rehearsal, RehearsedStep};
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::repair::run::Tell;
use crate::repair::run::execute::Due;
use crate::repair::run::opening::journal;
use crate::sql::change::Change;
use crate::sql::keys::Keys;
use crate::sql::removals::Removals;
use crate::sql::repairs::{NewRun, Repairs, Window};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest a rehearsed statement may hold what it locked.
const HOLDS: Duration = Duration::from_secs(2);
/// Rows a backfill is tried on.
const SAMPLE: u64 = 1_000;
/// Tables that are named of those a lock is on.
const NAMED: usize = 6;
/// The name of what a rehearsal writes and rolls back.
const RUN: &str = "rehearsal";

/// A rehearsal at work.
struct Stage<'a> {
    writer: Box<dyn Writer>,
    words: &'static dyn Repairs,
    removals: Option<&'static dyn Removals>,
    limits: WriteLimits,
    plan: &'a Plan,
    tell: Tell,
}

/// Tries the steps that are due, one after the other.
pub(crate) async fn rehearse(
    engine: &Arc<dyn Engine>,
    armed: &Armed,
    plan: &Plan,
    steps: &[Due],
    tell: Tell,
) -> Result<Rehearsal, Fault> {
    let words = engine
        .dialect()
        .repairs()
        .ok_or_else(|| Fault::new(Kind::Unsupported, "waif cannot write to databases of this engine yet."))?;
    let limits = WriteLimits {
        lock: Duration::from_millis(plan.parameters.lock_timeout.max(1)),
        statement: Some(HOLDS),
        one_moment: false,
    };
    let (removals, writer) = (engine.dialect().removals(), engine.writer(armed).await?);
    let mut stage = Stage { writer, words, removals, limits, plan, tell };
    let before = stage.wal().await;
    let mut rehearsal = Rehearsal::default();
    for (place, due) in steps.iter().enumerate() {
        let step = stage.step(due, steps.get(..place).unwrap_or_default()).await?;
        rehearsal.steps.push(step);
    }
    let after = stage.wal().await;
    rehearsal.wal = before.zip(after).map(|(before, after)| after.saturating_sub(before));
    Ok(rehearsal)
}

impl Stage<'_> {
    async fn ask(&mut self, query: &crate::sql::Query) -> Result<Vec<Row>, Fault> {
        self.writer.fetch(query, self.limits).await
    }

    /// Where the server's log of writes ends; nothing where this role may not know.
    async fn wal(&mut self) -> Option<u64> {
        let wal = self.words.sessions()?.wal();
        let rows = self.ask(&wal).await.ok()?;
        rows.first()?.first()?.count()
    }

    async fn step(&mut self, due: &Due, earlier: &[Due]) -> Result<RehearsedStep, Fault> {
        let mut step = RehearsedStep {
            id: due.id.clone(),
            rows: None,
            of: None,
            seconds: None,
            locks: Vec::new(),
            note: None,
            failed: false,
        };
        let known = self.plan.steps.iter().find(|known| known.id == due.id);
        let of = known.and_then(|known| known.rows).map(|rows| rows.count);
        let changes = match (&due.work, self.lost(due).await?) {
            (Some(Work::Backfill(copied)), _) => {
                step.of = of;
                self.sample(copied).await?
            }
            (_, Some(tried)) => {
                step.of = of;
                tried
            }
            (work, None) => trial(self.words, work.as_ref(), earlier),
        };
        let changes = match changes {
            Ok(changes) => changes,
            Err(why) => {
                step.note = Some(why);
                return Ok(step);
            }
        };
        self.announce(due);
        let began = Instant::now();
        let question = self.words.sessions().map(|sessions| sessions.own_locks());
        let tried = self.writer.rehearse(&changes, question.as_ref(), self.limits).await;
        step.seconds = Some(began.elapsed().as_secs_f64());
        if tried.fault.is_none()
            && let Some(rows) = lost::changed(due.work.as_ref(), &tried.done)
        {
            step.rows = Some(rows);
            step.note = Some("a sample; what it writes was rolled back".to_owned());
        }
        match tried.fault {
            Some(fault) if fault.kind == Kind::Lost => return Err(fault),
            Some(fault) if fault.kind == Kind::TimedOut => {
                let limit = HOLDS.as_secs();
                step.note = Some(format!(
                    "It takes longer than {limit} s and was broken off: it cannot be rehearsed whole."
                ));
            }
            Some(fault) => (step.failed, step.note) = (true, Some(fault.to_string())),
            None => {}
        }
        step.locks = match question {
            Some(_) => tried.answer.iter().filter_map(held).collect(),
            // A transaction of a file has no other lock than the one it began with.
            None => self.of_file(due),
        };
        Ok(step)
    }

    /// The lock on the file, as the plan names it.
    fn of_file(&self, due: &Due) -> Vec<(String, String)> {
        let known = self.plan.steps.iter().find(|known| known.id == due.id);
        let locks = known.map(|known| known.locks.as_slice()).unwrap_or_default();
        locks.iter().map(|lock| (lock.table.clone(), lock.mode.words().to_owned())).collect()
    }

    /// Says which locks are to be held for a moment, before anybody has to wait for them.
    fn announce(&self, due: &Due) {
        let Some(known) = self.plan.steps.iter().find(|known| known.id == due.id) else { return };
        if known.locks.is_empty() {
            return;
        }
        (self.tell)(News::Line(format!(
            "Trying {} ({}): for at most {} s it holds {}.",
            visible(&due.id),
            visible(&due.title),
            HOLDS.as_secs(),
            named(&known.locks)
        )));
    }

    /// The statements that try a backfill on some rows of one table, or why there are none.
    async fn sample(&mut self, copied: &Copied) -> Result<Result<Vec<Change>, String>, Fault> {
        let rows = match self.ask(&self.words.first_leaf(copied, SAMPLE)).await {
            Ok(rows) => rows,
            Err(fault) if fault.kind == Kind::TimedOut => {
                return Ok(Err("No row to try it with was found in time.".to_owned()));
            }
            Err(fault) => return Err(fault),
        };
        let Some((leaf, leaf_name)) = rows.first().and_then(leaf) else {
            return Ok(Err("There is no row to fill.".to_owned()));
        };
        let new = NewRun { id: RUN, format: FORMAT, plan: "", holder: RUN, steps: vec!["1".to_owned()] };
        let (first, last) = self.words.ends();
        let end = |at: usize| rows.first().and_then(|row| row.get(at)).and_then(Value::text);
        let (low, high) = (end(3).unwrap_or(first), end(4).unwrap_or(last));
        let window = Window {
            run: RUN,
            place: 0,
            number: 0,
            epoch: 1,
            leaf,
            leaf_name: &leaf_name,
            pass: None,
            low,
            high,
            // The sample lies anywhere: its rows are read one by one.
            by_range: false,
        };
        let mut changes = journal(self.writer.as_mut(), self.words, self.limits).await?;
        changes.extend(self.words.begin_run(&new));
        changes.extend(self.words.create_record(copied, RUN, 0));
        changes.extend(self.words.create_sample(copied, RUN, 0, &leaf_name, SAMPLE));
        changes.extend(self.words.fill(copied, &window));
        Ok(Ok(changes))
    }
}

fn leaf(row: &Row) -> Option<(u32, TableName)> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    let name = TableName { schema: Ident::new(text(1)?).ok()?, name: Ident::new(text(2)?).ok()? };
    Some((text(0)?.parse().ok()?, name))
}

/// A lock that was held, but for those on what the rehearsal itself made.
fn held(row: &Row) -> Option<(String, String)> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    let table = text(0).filter(|table| !table.starts_with("waif."))?;
    Some((table.to_owned(), text(1)?.to_owned()))
}

/// What is tried of a step, or why nothing is.
fn trial(words: &dyn Repairs, work: Option<&Work>, earlier: &[Due]) -> Result<Vec<Change>, String> {
    let rests = |id: &str| Err(format!("It rests on step {}, which is not done yet.", visible(id)));
    let made = |makes: &dyn Fn(&Work) -> bool| {
        earlier.iter().find(|due| due.work.as_ref().is_some_and(makes)).map(|due| due.id.as_str())
    };
    let adds = |name: &Ident| made(&|work| matches!(work, Work::AddKey(key) if key.name == *name));
    let keys = |changes: &dyn Fn(&dyn Keys) -> Vec<Change>| match words.keys() {
        Some(keys) => Ok(changes(keys)),
        None => Err("The engine changes no foreign key where it stands.".to_owned()),
    };
    match work {
        None => Err("The database is in that state already.".to_owned()),
        Some(Work::Journal) => Ok(words.create_journal()),
        Some(Work::AddKey(key)) if key.not_valid => keys(&|words| words.add_key(key)),
        Some(Work::AddKey(key)) => {
            match made(&|work| matches!(work, Work::AddKey(_) | Work::ProveKey { .. } | Work::Backfill(_))) {
                Some(id) => rests(id),
                None => keys(&|words| words.add_key(key)),
            }
        }
        Some(Work::ProveKey { table, name, probe }) => match adds(name) {
            Some(id) => rests(id),
            None => keys(&|words| words.prove_key(table, name, *probe)),
        },
        Some(Work::SwapKey { table, old, twin }) => match adds(twin) {
            Some(id) => rests(id),
            None => keys(&|words| words.swap_key(table, old, twin)),
        },
        Some(Work::DropKey { table, name }) => keys(&|words| vec![words.drop_key(table, name)]),
        Some(Work::CreateIndex(index)) if index.only => Ok(vec![words.create_index(index)]),
        Some(Work::CreateIndex(index)) if index.concurrently => {
            Err("An index that is built beside writers stands in no transaction: it cannot be rehearsed."
                .to_owned())
        }
        Some(Work::CreateIndex(index)) => Ok(vec![words.create_index(index)]),
        Some(Work::AttachIndex { whole, part, .. }) => match made(
            &|work| matches!(work, Work::CreateIndex(index) if index.name == whole.name || index.name == part.name),
        ) {
            Some(id) => rests(id),
            None => keys(&|words| vec![words.attach_index(whole, part)]),
        },
        Some(Work::Rebuild(rebuild)) => rebuilt(words, rebuild, earlier),
        Some(Work::Backfill(_)) => Err("There is no row to fill.".to_owned()),
        Some(Work::Remove(_) | Work::Nullify(_) | Work::Adopt(_)) => {
            Err("The engine takes no rows out of tables.".to_owned())
        }
    }
}

/// Rows of a table up to which its rebuild is tried: it holds the file as long as a run would.
const REBUILT: u64 = 100_000;

/// The statements that try a rebuild, or why it is not tried.
fn rebuilt(words: &dyn Repairs, rebuild: &Rebuild, earlier: &[Due]) -> Result<Vec<Change>, String> {
    let on_it = |due: &&Due| due.work.as_ref().is_some_and(|work| work.table() == Some(&rebuild.table));
    if let Some(due) = earlier.iter().find(on_it) {
        return Err(format!("It rests on step {}, which is not done yet.", visible(&due.id)));
    }
    if rebuild.rows > REBUILT {
        return Err("It would hold the file for as long as a run: so many rows are not tried.".to_owned());
    }
    let words = words.rebuilds().ok_or_else(|| "The engine rebuilds no tables.".to_owned())?;
    Ok(words.rebuild(rebuild).into_iter().map(|part| part.change).collect())
}

/// Locks by mode, the strongest first, with the tables they are on.
fn named(locks: &[Held]) -> String {
    let mut modes: Vec<Mode> = locks.iter().map(|lock| lock.mode).collect();
    modes.sort_unstable_by(|one, other| other.cmp(one));
    modes.dedup();
    let each = modes.into_iter().map(|mode| {
        let tables: Vec<_> =
            locks.iter().filter(|lock| lock.mode == mode).map(|lock| visible(&lock.table)).collect();
        let more = match tables.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} on {}{more}",
            mode.words(),
            tables.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ")
        )
    });
    each.collect::<Vec<_>>().join("; ")
}
