//! Reading the journal: runs and their steps as the database has them.

use crate::db::{Engine, Limits, Reader};
use crate::model::fault::{Fault, Kind};
use crate::model::plan::FORMAT;
use crate::model::run::{Counts, Run, RunStep, State};
use crate::model::scope::Snapshot;
use crate::model::text::visible;
use crate::model::value::{Row, Value};
use crate::repair::run::alone;
use crate::repair::run::attempt::Attempt;
use crate::repair::run::{Halt, Site};
use crate::sql::repairs::Repairs;

/// What stands for the run that began last, where its id is not known.
pub(crate) const LAST: &str = "last";

/// The run this site works on.
pub(super) async fn read(site: &mut Site) -> Result<Run, Fault> {
    let (run, steps) = (site.words.run(&site.run), site.words.steps(&site.run));
    let head = site.ask(&run).await?;
    let steps = site.ask(&steps).await?;
    made(head.first().ok_or_else(|| missing(&site.run))?, &steps).ok_or_else(damaged)
}

fn missing(id: &str) -> Fault {
    let which = if id == LAST { "run".to_owned() } else { format!("run {id}") };
    Fault::new(Kind::Usage, format!("There is no {which} in the journal of this database."))
        .hint("See the runs there are: waif runs.")
}

fn damaged() -> Fault {
    Fault::new(Kind::Other, "The journal cannot be read: it is not as waif writes it.")
        .hint("Do not resume anything on it before somebody has looked at the schema waif.")
}

/// What stands against going on with a run: a newer version wrote it, or its figures contradict each other.
fn sound(head: &Row, unlike: &[Row]) -> Result<(), Fault> {
    let text = |row: &Row, at: usize| row.get(at).and_then(Value::text).unwrap_or_default().to_owned();
    let format = text(head, 1);
    if format.parse::<u32>().is_ok_and(|format| format > FORMAT) {
        let newer = format!(
            "A newer version of waif wrote this run: its journal has format {format}; this version knows {FORMAT}."
        );
        return Err(Fault::new(Kind::Unsupported, newer).hint("Resume it with that version."));
    }
    let Some(first) = unlike.first() else { return Ok(()) };
    let Fault { hint, .. } = damaged();
    let changed = Fault::new(Kind::Other, "The journal contradicts itself: somebody changed it.").because(
        format!("step {} has {} rows, its batches have {}", text(first, 0), text(first, 1), text(first, 2)),
    );
    Err(changed.hint(hint.unwrap_or_default()))
}

/// A run from its row and the rows of its steps.
pub(crate) fn made(head: &Row, steps: &[Row]) -> Option<Run> {
    let text = |at: usize| head.get(at).and_then(Value::text);
    let steps: Vec<RunStep> = steps.iter().map(step).collect::<Option<_>>()?;
    Some(Run {
        id: text(0)?.to_owned(),
        plan: text(2)?.to_owned(),
        state: State::named(text(3)?)?,
        epoch: text(4)?.parse().ok()?,
        role: text(5)?.to_owned(),
        holder: text(6)?.to_owned(),
        note: text(7).map(str::to_owned),
        started_at: text(8)?.to_owned(),
        changed_at: text(9)?.to_owned(),
        ended_at: text(10).map(str::to_owned),
        rows: steps.iter().map(|step| step.rows).sum(),
        restorable: Vec::new(),
        steps,
        session: None,
    })
}

fn step(row: &Row) -> Option<RunStep> {
    let text = |at: usize| row.get(at).and_then(Value::text);
    Some(RunStep {
        id: text(0)?.to_owned(),
        state: State::named(text(1)?)?,
        rows: text(2)?.parse().ok()?,
        total: text(3).and_then(|total| total.parse().ok()),
        note: text(4).map(str::to_owned),
        started_at: text(5).map(str::to_owned),
        ended_at: text(6).map(str::to_owned),
        batches: text(7)?.parse().ok()?,
        before: counts(row, 8),
        after: counts(row, 13),
    })
}

/// What was counted, from five fields of a row.
fn counts(row: &Row, at: usize) -> Option<Counts> {
    let number = |more: usize| row.get(at + more).and_then(Value::count);
    let [orphans, half_null, fillable, wrong] = [number(1), number(2), number(3), number(4)];
    row.get(at).is_some_and(Value::truth).then_some(Counts { orphans, half_null, fillable, wrong })
}

impl Site {
    /// Writes down what was counted before the step that goes on, or after it.
    pub(super) async fn counted(&mut self, before: bool, counts: Counts) -> Result<(), Halt> {
        let moment = if before { "before" } else { "after" };
        let change = self.words.counted(&self.run, self.place, moment, &counts);
        match self.attempt(vec![change], None).await? {
            Attempt::Done(_) => Ok(()),
            Attempt::TooLarge(fault) => Err(Halt::Failed(fault)),
        }
    }
}

/// How often the journal is read again when somebody came in between.
const TRIES: usize = 3;

/// All runs of the journal, newest first; none where there is no journal.
pub(crate) async fn all(engine: &dyn Engine) -> Result<Vec<Run>, Fault> {
    let mut tries = 1;
    loop {
        match listed(engine).await {
            Err(fault) if fault.kind == Kind::Conflict && tries < TRIES => tries += 1,
            Err(fault) => return Err(explained(engine, fault).await),
            runs => return runs,
        }
    }
}

async fn listed(engine: &dyn Engine) -> Result<Vec<Run>, Fault> {
    let Some(mut desk) = open(engine).await? else { return Ok(Vec::new()) };
    let heads = desk.reader.fetch(&desk.words.runs(), Limits::default()).await?;
    let mut runs = Vec::with_capacity(heads.len());
    for head in &heads {
        let mut run = desk.whole(head).await?;
        if run.is_open() {
            run.session = desk.holder(&run).await?;
        }
        runs.push(run);
    }
    Ok(runs)
}

/// One run of the journal.
pub(crate) async fn find(engine: &dyn Engine, id: &str) -> Result<Run, Fault> {
    let mut tries = 1;
    loop {
        match found(engine, id).await {
            Err(fault) if fault.kind == Kind::Conflict && tries < TRIES => tries += 1,
            Err(fault) => return Err(explained(engine, fault).await),
            run => return run,
        }
    }
}

async fn found(engine: &dyn Engine, id: &str) -> Result<Run, Fault> {
    let Some(mut desk) = open(engine).await? else { return Err(missing(id)) };
    // The newest stands first.
    let query = if id == LAST { desk.words.runs() } else { desk.words.run(id) };
    let heads = desk.reader.fetch(&query, Limits::default()).await?;
    let head = heads.first().ok_or_else(|| missing(id))?;
    let id = head.first().and_then(Value::text).unwrap_or(id);
    let unlike = desk.reader.fetch(&desk.words.contradictions(id), Limits::default()).await?;
    sound(head, &unlike)?;
    desk.whole(head).await
}

/// A fault in reading the journal: for want of a right it names what lets the role read, where that is what is missing.
pub(crate) async fn explained(engine: &dyn Engine, fault: Fault) -> Fault {
    if fault.kind != Kind::Denied {
        return fault;
    }
    match grants(engine).await {
        Ok(Some(grants)) => {
            let mut denied = Fault::new(Kind::Denied, "The role may not read the journal of waif.");
            (denied.causes, denied.code) = (fault.causes, fault.code);
            denied.hint(grants)
        }
        _ => fault,
    }
}

/// The statements that let the role read the journal; none where it may.
async fn grants(engine: &dyn Engine) -> Result<Option<String>, Fault> {
    let Some(sessions) = engine.dialect().repairs().and_then(|words| words.sessions()) else {
        return Ok(None);
    };
    let mut readers = engine.readers(1, Snapshot::PerRelation).await?;
    let Some(mut reader) = readers.sessions.pop() else { return Ok(None) };
    let rows = reader.fetch(&sessions.readable(), Limits::default()).await?;
    Ok(rows.first().and_then(|row| row.first()?.text()).map(str::to_owned))
}

/// A session that reads the journal.
struct Desk {
    reader: Box<dyn Reader>,
    words: &'static dyn Repairs,
}

/// None where the engine or the database has no journal.
async fn open(engine: &dyn Engine) -> Result<Option<Desk>, Fault> {
    let Some(words) = engine.dialect().repairs() else { return Ok(None) };
    let mut readers = engine.readers(1, Snapshot::PerRelation).await?;
    let Some(mut reader) = readers.sessions.pop() else { return Ok(None) };
    let rows = reader.fetch(&words.journal_stands(), Limits::default()).await?;
    let stands = rows.first().and_then(|row| row.first()).is_some_and(Value::truth);
    Ok(stands.then_some(Desk { reader, words }))
}

impl Desk {
    /// The session that holds a run, in words; nothing where there are no sessions to ask for.
    async fn holder(&mut self, run: &Run) -> Result<Option<String>, Fault> {
        let Some(sessions) = self.words.sessions() else { return Ok(alone::lives(run)) };
        let rows = self.reader.fetch(&sessions.holder(&run.id), Limits::default()).await?;
        Ok(rows.first().and_then(|row| row.first()?.text()).map(|who| visible(who).into_owned()))
    }

    /// A run with its steps.
    async fn whole(&mut self, head: &Row) -> Result<Run, Fault> {
        let id = head.first().and_then(Value::text).unwrap_or_default();
        let steps = self.reader.fetch(&self.words.steps(id), Limits::default()).await?;
        made(head, &steps).ok_or_else(damaged)
    }
}
