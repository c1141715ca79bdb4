//! From an armed plan to its end: the journal is opened, the run is written down or taken over, and every step is carried
//! out in order. What a step came to stands in the journal before the next one begins.

use crate::db::Engine;
use crate::db::writer::{Armed, WriteLimits, Writer};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::TableName;
use crate::model::plan::limits::Limits;
use crate::model::plan::step::Work;
use crate::model::plan::{Parameters, Place};
use crate::model::run::{Course, Ended, News, State};
use crate::model::scope::Snapshot;
use crate::model::value::Value;
use crate::repair::run::backfill::Backfill;
use crate::repair::run::guard::Guard;
use crate::repair::run::line::Line;
use crate::repair::run::opening::{begin, ours, take_over};
use crate::repair::run::shape::Shape;
use crate::repair::run::steer::Steer;
use crate::repair::run::{Halt, Logger, Site, Tell, alone, evicted, hold, journal, since};
use crate::sql::repairs::Repairs;
use std::sync::Arc;
use std::time::Duration;

/// A step of the file, with its work as a fresh plan on the database has it.
pub(crate) struct Due {
    /// Its id in the file.
    pub(crate) id: String,
    /// What it does, in a few words.
    pub(crate) title: String,
    /// Its work; none when the database is in that state already.
    pub(crate) work: Option<Work>,
    /// Its work as the file has it, be it done already.
    pub(crate) asked: Option<Work>,
}

/// A plan to be carried out, by whom, and how it is told.
pub(crate) struct Order {
    /// The steps of the file, in order.
    pub(crate) steps: Vec<Due>,
    /// How they are to be run.
    pub(crate) parameters: Parameters,
    /// The plan as it is written down.
    pub(crate) text: String,
    /// Who runs it: user, host and process.
    pub(crate) holder: String,
    /// On which terms it may write.
    pub(crate) terms: Terms,
    /// What a person may change while it runs.
    pub(crate) steer: Arc<Steer>,
    /// Where it tells.
    pub(crate) tell: Tell,
}

/// The terms of a run: where it may write, and whether it takes the run from a living session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// The place the plan was compared with; the session that writes must stand in it.
    pub(crate) place: Option<Place>,
    /// How the server was promoted since the run was planned, where nobody said to go on all the same.
    pub(crate) promoted: Option<String>,
    /// Whether the run is taken from another living session.
    pub(crate) take_over: bool,
    /// Whether the cost of writes is measured.
    pub(crate) measure: bool,
    /// Where a log is kept of all that is sent.
    pub(crate) log: Option<Logger>,
}

/// Carries out a plan under a new run, or goes on with one that is in the journal.
pub(crate) async fn execute(engine: Arc<dyn Engine>, armed: &Armed, order: Order, resumed: bool) -> Ended {
    let tell = Arc::clone(&order.tell);
    let ended = match start(engine, armed, &order, resumed).await {
        Ok(mut site) => {
            let mut outcome = go(&mut site, &order).await;
            if outcome.is_ok() {
                outcome = since::look(&mut site, &order).await;
            }
            if let Err(halt) = outcome {
                outcome = Err(evicted::explained(&mut site, halt).await);
            }
            close(&mut site, outcome).await
        }
        Err(Halt::Paused(why)) => Ended::Paused(why),
        Err(Halt::Failed(fault)) => Ended::Failed(fault),
        Err(Halt::Stopped) => Ended::Stopped,
    };
    tell(News::Ended(ended.clone()));
    ended
}

/// The journal stands, the run is in it and is ours.
async fn start(engine: Arc<dyn Engine>, armed: &Armed, order: &Order, resumed: bool) -> Result<Site, Halt> {
    let words = spoken(engine.as_ref())?;
    let writer = engine.writer(armed).await?;
    let line = Line::to(writer, &engine, words, &order.steer, &order.tell);
    let mut writer: Box<dyn Writer> = Box::new(line);
    let limits = WriteLimits {
        lock: Duration::from_millis(order.parameters.lock_timeout.max(1)),
        statement: Some(Duration::from_secs(60)),
        one_moment: false,
    };
    let run = armed.run();
    let server = words.sessions();
    let (free, guard) = match server {
        Some(sessions) => {
            ours(&engine, writer.as_mut(), sessions, order, limits).await?;
            (!resumed || hold::free(writer.as_mut(), sessions, run, order, limits).await?, None)
        }
        None => (true, alone::guard(writer.as_mut(), words, run, order, limits).await?),
    };
    if let Some(how) = &order.terms.promoted {
        return Err(hold::promoted(writer.as_mut(), words, run, how, limits).await?);
    }
    let epoch = if resumed {
        take_over(writer.as_mut(), words, guard, order, (run, limits)).await?
    } else {
        begin(writer.as_mut(), words, guard, order, (run, limits)).await?
    };
    if let Some(sessions) = server
        && !(free && hold::hold(writer.as_mut(), sessions, run, limits).await?)
    {
        hold::outlast(writer.as_mut(), sessions, run, order, limits).await?;
    }
    let watch = engine.readers(1, Snapshot::PerRelation).await.ok().and_then(|mut all| all.sessions.pop());
    let shape = match &order.terms.place {
        Some(place) => Shape::of(writer.as_mut(), words, place, limits).await?,
        None => Shape::default(),
    };
    order.steer.watch(writer.interrupter());
    Ok(Site {
        words,
        run: run.to_owned(),
        epoch,
        parameters: order.parameters.clone(),
        steer: Arc::clone(&order.steer),
        sight: None,
        measure: order.terms.measure,
        heeded: Limits::default(),
        tell: Arc::clone(&order.tell),
        engine,
        writer,
        watch,
        shape,
        log: order.terms.log.clone(),
        step: String::new(),
        place: 0,
        before: None,
        restoring: false,
    })
}

/// What can be said to an engine that is repaired.
pub(super) fn spoken(engine: &dyn Engine) -> Result<&'static dyn Repairs, Fault> {
    let unsupported = || Fault::new(Kind::Unsupported, "waif cannot write to databases of this engine yet.");
    engine.dialect().repairs().ok_or_else(unsupported)
}

/// Carries out the steps that are not done.
async fn go(site: &mut Site, order: &Order) -> Result<(), Halt> {
    let known = journal::read(site).await?;
    let steps = order.steps.iter().map(|step| (step.id.clone(), step.title.clone())).collect();
    let course = if site.epoch > 1 { Course::GoesOn } else { Course::Begins };
    (site.tell)(News::Began { run: site.run.clone(), steps, course });
    for step in &order.steps {
        let Some((place, before)) = known.steps.iter().enumerate().find(|(_, known)| known.id == step.id)
        else {
            let lost = Fault::new(Kind::Other, format!("The journal does not know the step {}.", step.id));
            return Err(Halt::Failed(lost));
        };
        if before.state == State::Finished {
            (site.tell)(News::Step { place, state: State::Finished, note: before.note.clone() });
            continue;
        }
        let Some(work) = &step.work else {
            note(site, place, State::Finished, Some("the database was in that state already".to_owned()))
                .await?;
            continue;
        };
        site.step.clone_from(&step.id);
        (site.place, site.before) = (place, before.before);
        site.rest().await?;
        Guard::default().pass(site, &[]).await?;
        site.unchanged().await?;
        note(site, place, State::Running, None).await?;
        match measured(site, work, place, (before.rows, before.batches)).await {
            Ok(found) => note(site, place, State::Finished, found).await?,
            Err(halt) => {
                let (state, why) = match &halt {
                    Halt::Stopped => (State::Stopped, None),
                    Halt::Paused(why) => (State::Paused, Some(why.clone())),
                    Halt::Failed(fault) => (State::Failed, Some(fault.to_string())),
                };
                // What cannot be written down any more is in the outcome all the same.
                let _ = note(site, place, state, why).await;
                return Err(halt);
            }
        }
    }
    Ok(())
}

/// One run at a time on a table: whoever comes second is told who is first.
async fn claim(site: &mut Site, table: &TableName) -> Result<(), Halt> {
    // Where there are no sessions, a run is alone in the file as long as it is called running.
    let Some(sessions) = site.words.sessions() else { return Ok(()) };
    let query = sessions.claim(&site.run, table);
    let rows = site.ask(&query).await?;
    let row = rows.first().map_or(&[][..], Vec::as_slice);
    if row.first().is_some_and(Value::truth) {
        return Ok(());
    }
    let busy = Fault::new(Kind::Busy, format!("Another run works on {}.", table.name.visible()));
    let who = row.get(1).and_then(Value::text).unwrap_or("its journal is not in this database");
    Err(Halt::Failed(busy.because(who).hint("Wait for its end, or stop it, and resume this one.")))
}

/// Carries out one step, and measures what it costs every write, where somebody asked for that.
async fn measured(
    site: &mut Site,
    work: &Work,
    place: usize,
    (rows, batches): (u64, u64),
) -> Result<Option<String>, Halt> {
    let before = site.measure(work).await?;
    let found = carry_out(site, work, place, rows, batches).await?;
    let Some(before) = before else { return Ok(found) };
    let cost = match &found {
        Some(found) if found.starts_with("it is there") => {
            "what it costs a write was not measured: it was there before".to_owned()
        }
        _ => site.measure_again(before).await?,
    };
    Ok(Some(found.into_iter().chain([cost]).collect::<Vec<_>>().join("; ")))
}

/// Carries out one step; answers with what it found.
async fn carry_out(
    site: &mut Site,
    work: &Work,
    place: usize,
    rows: u64,
    batches: u64,
) -> Result<Option<String>, Halt> {
    if let Some(table) = work.table() {
        claim(site, table).await?;
    }
    match work {
        Work::Journal => Ok(None),
        Work::Backfill(copied) => {
            let found = Backfill::new(site, copied, place, rows, batches).run(site).await?;
            let record = site.words.record(&site.run, place);
            Ok(Some(format!("{}; the keys of what was filled are in {record}", found.words())))
        }
        Work::Remove(removal) => site.remove(removal, place, rows, batches).await.map(Some),
        Work::Nullify(nulling) => site.nullify(nulling, place, rows, batches).await.map(Some),
        Work::Adopt(adoption) => site.adopt(adoption, place, rows, batches).await.map(Some),
        Work::CreateIndex(index) => site.create_index(index).await,
        Work::AttachIndex { table, whole, part } => site.attach_index(table, whole, part).await,
        Work::AddKey(key) => site.add_key(key).await,
        Work::ProveKey { table, name, probe } => site.prove_key(table, name, *probe).await,
        Work::SwapKey { table, old, twin } => site.swap_key(table, old, twin).await,
        Work::DropKey { table, name } => site.drop_key(table, name).await,
        Work::Rebuild(rebuild) => site.rebuild(rebuild, place).await,
    }
}

/// Writes the state of a step down, and tells it.
pub(super) async fn note(
    site: &mut Site,
    place: usize,
    state: State,
    note: Option<String>,
) -> Result<(), Halt> {
    let change = site.words.step_state(&site.run, place, state.word(), None, note.as_deref());
    let limits = site.limits();
    let fence = site.fence();
    site.writer.atomically(&[fence, change], limits).await?;
    (site.tell)(News::Step { place, state, note });
    Ok(())
}

/// Writes the end of the run down.
async fn close(site: &mut Site, outcome: Result<(), Halt>) -> Ended {
    let (state, ended) = match outcome {
        Ok(()) => (State::Finished, Ended::Finished),
        Err(Halt::Stopped) => (State::Stopped, Ended::Stopped),
        Err(Halt::Paused(why)) => (State::Paused, Ended::Paused(why)),
        Err(Halt::Failed(fault)) => (State::Failed, Ended::Failed(fault)),
    };
    let why = match &ended {
        Ended::Paused(why) => Some(why.clone()),
        Ended::Failed(fault) => Some(fault.to_string()),
        Ended::Finished | Ended::Stopped => None,
    };
    let change = site.words.run_state(&site.run, state.word(), why.as_deref());
    let fence = site.fence();
    let limits = site.limits();
    match (site.writer.atomically(&[fence, change], limits).await, ended) {
        (Err(fault), Ended::Finished) => Ended::Failed(
            fault.because("Every step is done; only the end of the run could not be written down."),
        ),
        (_, ended) => ended,
    }
}
