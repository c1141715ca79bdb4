//! Runs: a plan file or a run of the journal becomes work for the executor. What is executed is always planned afresh on
//! the database as it is; the file only says what was asked for and what a person has read.

use crate::db::Limits;
use crate::db::stop::Stop;
use crate::db::writer::Armed;
use crate::history::Deed;
use crate::job::bench::Bench;
use crate::job::command::Consent;
use crate::job::event::Event;
use crate::job::plan::{planned, planned_to_end};
use crate::job::rebuilt;
use crate::model::copy::Copy;
use crate::model::fault::{Fault, Kind};
use crate::model::plan::Plan;
use crate::model::plan::refusal::{Refusal, Why};
use crate::model::plan::step::{Step, Work};
use crate::model::run::{Ended, News, Rehearsal, Run, State};
use crate::model::scope::Snapshot;
use crate::model::text::visible;
use crate::model::value::Value;
use crate::repair::file;
use crate::repair::planner::Request;
use crate::repair::planner::compare::{Match, compare, promoted};
use crate::repair::run::alone::is_gone;
use crate::repair::run::execute::{Due, Order, Terms, execute};
use crate::repair::run::restore::held;
use crate::repair::run::steer::Steer;
use crate::repair::run::{Logged, Logger, journal};
use jiff::Timestamp;
use std::sync::Arc;

/// A plan as it is written down.
pub(crate) struct Paper {
    /// Its text.
    pub(crate) text: String,
    /// Where it stands, in words.
    pub(crate) shown: String,
    /// Declared copies.
    pub(crate) copies: Vec<Copy>,
}

/// Carries out a plan file.
pub(crate) async fn run(bench: Arc<Bench>, paper: Paper, consent: Consent, steer: Arc<Steer>) {
    let id = format!("{}-{:06x}", Timestamp::now().strftime("%Y%m%d"), fastrand::u32(..0x0100_0000));
    if let Err(fault) = carry_out(&bench, &id, paper, &consent, steer, None).await {
        bench.tell(Event::Run(News::Ended(Ended::Failed(fault))));
    }
}

/// Goes on with a run of the journal.
pub(crate) async fn resume(
    bench: Arc<Bench>,
    id: String,
    copies: Vec<Copy>,
    consent: Consent,
    steer: Arc<Steer>,
) {
    let resumed = match journal::find(bench.engine.as_ref(), &id).await {
        Ok(run) if matches!(run.state, State::Finished | State::Restored) => {
            let (id, at) = (&run.id, run.ended_at.as_deref().unwrap_or("an unknown time"));
            nothing(&bench, format!("Run {id} was {} at {at}: there is nothing to do.", run.state.word()));
            Ok(())
        }
        Ok(run) => {
            let shown = format!("The plan of run {} in the journal", run.id);
            let paper = Paper { text: run.plan.clone(), shown, copies };
            carry_out(&bench, &run.id, paper, &consent, steer, Some(&run)).await
        }
        Err(fault) => Err(fault),
    };
    if let Err(fault) = resumed {
        bench.tell(Event::Run(News::Ended(Ended::Failed(fault))));
    }
}

/// Tries a plan out, and leaves nothing of it.
pub(crate) async fn rehearse(bench: Arc<Bench>, paper: Paper, consent: Consent, steer: Arc<Steer>) {
    let _open = steer.pass().await;
    let rehearsed = try_out(&bench, paper, &consent).await;
    bench.tell(Event::Rehearsed(rehearsed));
}

async fn try_out(bench: &Arc<Bench>, paper: Paper, consent: &Consent) -> Result<Rehearsal, Fault> {
    let armed = Armed::by(bench.engine.server(), consent.writes, consent.confirmed.as_deref(), "rehearsal")?;
    let plan = file::read(&paper.text, &paper.shown)?;
    let rebuilt = rebuilt::done(bench, &plan).await?;
    let rest = rebuilt::without(&plan, &rebuilt);
    let request = request(&rest, &paper.copies)?;
    let mut fresh = planned(bench, &request, &Stop::default()).await?;
    let rest = rebuilt::narrowed(rest, &rebuilt, &mut fresh);
    let steps = with_rebuilt(&plan, &rebuilt, due(&rest, &fresh, None, None)?);
    let news = Arc::clone(bench);
    let tell = Arc::new(move |said| news.tell(Event::Run(said)));
    crate::repair::run::rehearse::rehearse(&bench.engine, &armed, &plan, &steps, tell).await
}

/// Lists the runs of the journal.
pub(crate) async fn list(bench: Arc<Bench>) {
    let runs = match journal::all(bench.engine.as_ref()).await {
        Ok(mut runs) => held::tell(bench.engine.as_ref(), &mut runs).await.map(|()| runs),
        Err(fault) => Err(fault),
    };
    let runs = match runs {
        Err(fault) => Err(journal::explained(bench.engine.as_ref(), fault).await),
        runs => runs,
    };
    bench.tell(Event::Runs(runs));
}

/// Looks through the audit log of this machine.
pub(crate) async fn verify(bench: Arc<Bench>) {
    let Some(log) = bench.memory.audit() else { return bench.tell(Event::Audited(Ok(None))) };
    let verified = tokio::task::spawn_blocking(move || log.verify()).await;
    let unread = |why: String| Fault::new(Kind::Other, "The audit log cannot be read.").because(why);
    bench.tell(Event::Audited(match verified {
        Ok(Ok(verified)) => Ok(Some(verified)),
        Ok(Err(error)) => Err(unread(error.to_string())),
        Err(error) => Err(unread(error.to_string())),
    }));
}

async fn carry_out(
    bench: &Arc<Bench>,
    id: &str,
    paper: Paper,
    consent: &Consent,
    steer: Arc<Steer>,
    known: Option<&Run>,
) -> Result<(), Fault> {
    // Who may not write is told so before anything is asked of the server.
    let armed = Armed::by(bench.engine.server(), consent.writes, consent.confirmed.as_deref(), id)?;
    let plan = file::read(&paper.text, &paper.shown)?;
    let planning = steer.pass().await;
    if known.is_none() {
        open_window(bench, &plan).await?;
    }
    let rebuilt = rebuilt::done(bench, &plan).await?;
    let mut rest = rebuilt::without(&plan, &rebuilt);
    let mut request = request(&rest, &paper.copies)?;
    if known.is_some() {
        // A run that goes on holds to the limits it is given now, and does so by itself.
        request.parameters.window_end = None;
        request.parameters.max_rows = None;
    }
    let (mut fresh, to_end) = planned_to_end(bench, &request, &Stop::default()).await?;
    drop(planning);
    if known.is_some() && fresh.place.engine == "sqlite" {
        // The journal came with the file: whatever the file is called by now and wherever it lies, it is the one.
        rest.place.system_identifier.clone_from(&fresh.place.system_identifier);
        rest.place.database.clone_from(&fresh.place.database);
    }
    let promoted = promoted(&rest.place, &fresh.place);
    if let (None, Some(how)) = (known, &promoted) {
        return Err(stale().because(how).hint("Make the plan anew, and read it again."));
    }
    let rest = rebuilt::narrowed(rest, &rebuilt, &mut fresh);
    let rest = due(&rest, &fresh, Some(&to_end), known)?;
    let steps = with_rebuilt(&plan, &rebuilt, rest);
    let idle = |step: &Due| step.work.as_ref().is_none_or(|work| *work == Work::Journal);
    if known.is_none() && steps.iter().all(idle) {
        nothing(
            bench,
            "Nothing to do: the database is where this plan leads to. Nothing was written.".to_owned(),
        );
        return Ok(());
    }
    let news = Arc::clone(bench);
    let order = Order {
        steps,
        parameters: plan.parameters,
        text: paper.text,
        holder: format!("{}, process {}", consent.holder, std::process::id()),
        terms: Terms {
            log: logger(bench, id, &plan.fingerprint, consent),
            place: Some(fresh.place),
            promoted: promoted.filter(|_| !consent.promoted),
            measure: consent.measure,
            take_over: consent.take_over || known.is_some_and(|run| is_gone(&run.holder, &consent.holder)),
        },
        steer,
        tell: Arc::new(move |said| news.tell(Event::Run(said))),
    };
    execute(Arc::clone(&bench.engine), &armed, order, known.is_some()).await;
    Ok(())
}

/// What the plan asks for, by the copies it was made with. A copy that is declared otherwise here is no reason to guess.
fn request(plan: &Plan, here: &[Copy]) -> Result<Request, Fault> {
    for was in &plan.copies {
        if let Some(is) = here.iter().find(|is| is.column == was.column && *is != was) {
            let column = visible(&was.column);
            let stale = Fault::new(
                Kind::Usage,
                format!("The plan was made with another declaration of {column}. Nothing was written."),
            );
            return Err(stale
                .because(format!("the plan has {} along {}", visible(&was.from), visible(&was.along)))
                .because(format!("the configuration has {} along {}", visible(&is.from), visible(&is.along)))
                .hint("Make the plan anew, or put the declaration right."));
        }
    }
    Ok(Request {
        actions: plan.actions.clone(),
        copies: plan.copies.clone(),
        parameters: plan.parameters.clone(),
    })
}

/// A window that is over lets nothing begin. The server's clock judges: it judges the run as well.
async fn open_window(bench: &Bench, plan: &Plan) -> Result<(), Fault> {
    let (Some(end), Some(words)) = (&plan.parameters.window_end, bench.engine.dialect().repairs()) else {
        return Ok(());
    };
    let is_past = match words.sessions() {
        Some(sessions) => {
            let mut readers = bench.engine.readers(1, Snapshot::PerRelation).await?;
            let Some(reader) = readers.sessions.first_mut() else { return Ok(()) };
            let rows = reader.fetch(&sessions.is_past(end), Limits::default()).await?;
            rows.first().and_then(|row| row.first()).is_some_and(Value::truth)
        }
        // A file has no clock of its own.
        None => end.parse::<Timestamp>().is_ok_and(|end| end <= Timestamp::now()),
    };
    if is_past {
        let over = format!("The window of this plan ended at {}: nothing was written.", visible(end));
        let over = Fault::new(Kind::Usage, over);
        return Err(over.hint("Make the plan anew with a --window-end to come."));
    }
    Ok(())
}

/// What writes down all that is sent, in the audit log of the target; none where no log is kept.
pub(super) fn logger(bench: &Arc<Bench>, run: &str, plan: &str, consent: &Consent) -> Option<Logger> {
    let log = bench.memory.audit()?;
    let user = bench.engine.server().user.as_ref();
    let deed = Deed {
        os_user: consent.holder.clone(),
        db_user: user.map(|user| user.raw().to_owned()).unwrap_or_default(),
        run: run.to_owned(),
        plan: plan.to_owned(),
        ..Deed::default()
    };
    Some(Logger(Arc::new(move |logged| {
        let Logged { step, what, sql, rows, code } = logged;
        let deed = Deed { step, what: what.to_owned(), sql, rows, sqlstate: code, ..deed.clone() };
        log.write(&deed).map_err(|error| {
            Fault::new(Kind::Other, "The audit log cannot be written, so nothing more was sent.")
                .because(error.to_string())
                .hint(
                    "See that its disk has room, and with waif runs --verify that it is whole; then resume.",
                )
        })
    })))
}

/// Says that there is nothing to do, and that this is a good end.
fn nothing(bench: &Bench, sentence: String) {
    bench.tell(Event::Run(News::Line(sentence)));
    bench.tell(Event::Run(News::Ended(Ended::Finished)));
}

fn stale() -> Fault {
    Fault::new(
        Kind::Usage,
        "The plan is stale: the database is not what it was made for. Nothing was written.",
    )
}

/// The steps that are due in their places among those of the file, between rebuilds that are done.
fn with_rebuilt(plan: &Plan, rebuilt: &[usize], due: Vec<Due>) -> Vec<Due> {
    let mut rest = due.into_iter();
    let steps = plan.steps.iter().enumerate();
    let whole = steps.filter_map(|(place, step)| {
        if rebuilt.contains(&place) {
            let asked = Some(step.work.clone());
            return Some(Due { id: step.id.clone(), title: step.title.clone(), work: None, asked });
        }
        rest.next()
    });
    whole.collect()
}

/// Every step of the file with the work a fresh plan has for it. What the fresh plan lacks is done already; what it has
/// besides, or refuses, means that the file is stale.
/// What was begun and is not proved is done to its end, though a fresh plan has nothing to do about it.
fn due(plan: &Plan, fresh: &Plan, to_end: Option<&Plan>, known: Option<&Run>) -> Result<Vec<Due>, Fault> {
    if let Some(refusal) = plan.refusals.first() {
        let refused = Fault::new(Kind::Usage, "The plan has refusals, so nothing was written.");
        return Err(refused.because(&refusal.sentence).hint("waif show tells all of them, and what to do."));
    }
    let unseen = |refusal: &Refusal| refusal.why == Why::Unknown;
    if !fresh.refusals.is_empty() && fresh.refusals.iter().all(unseen) {
        let busy =
            Fault::new(Kind::Busy, "What the plan rests on could not be looked at. Nothing was written.");
        let busy = fresh.refusals.iter().fold(busy, |busy, refusal| busy.because(&refusal.sentence));
        return Err(busy.hint("The plan is as good as it was: begin again when nobody is in the way."));
    }
    let matches = compare(plan, fresh).map_err(|differences| {
        let stale = differences.iter().take(8).fold(stale(), |stale, difference| stale.because(difference));
        stale.hint("Make the plan anew, and read it again.")
    })?;
    let finished = |id: &str| {
        known.is_some_and(|run| run.steps.iter().any(|step| step.id == id && step.state == State::Finished))
    };
    let begun = |id: &str| {
        known.is_some_and(|run| {
            run.steps.iter().any(|step| step.id == id && step.started_at.is_some() && !finished(id))
        })
    };
    let due = |(step, found): (&Step, Match)| {
        let work = match found {
            Match::Same(place) => fresh.steps.get(place).map(|fresh| fresh.work.clone()),
            Match::Done if begun(&step.id) => to_end
                .and_then(|plan| plan.steps.iter().find(|known| known.work == step.work))
                .map(|step| step.work.clone()),
            Match::Done => None,
        };
        let work = work.filter(|_| !finished(&step.id));
        Due { id: step.id.clone(), title: step.title.clone(), work, asked: Some(step.work.clone()) }
    };
    Ok(plan.steps.iter().zip(matches).map(due).collect())
}
