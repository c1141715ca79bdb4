//! A run as it goes on: what the desk told of its steps, batches and waits, and the figures that follow from it. Pure; time
//! is what the ticks say.

mod step;
mod times;
mod written;

use crate::model::figure::counted;
use crate::model::plan::{Parameters, Plan};
use crate::model::run::{Batch, Course, Ended, News, Part, Signs, State};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
pub use step::Step;
use times::Times;
use written::Written;

/// The rate is that of so long.
const WINDOW: Duration = Duration::from_secs(20);
/// Lines of the log that are kept.
const LINES: usize = 2_000;
/// Points of the chart of the rate.
const POINTS: usize = 120;

/// A run.
#[derive(Debug)]
pub struct Going {
    /// Its plan.
    pub plan: Arc<Plan>,
    /// How it is run by now: as its plan says, and as a person changed it since.
    pub parameters: Parameters,
    /// Its number; none before the journal has it.
    pub id: Option<String>,
    /// Whether it goes on from an earlier session.
    pub resumed: bool,
    /// Whether it is a restore: what a run changed comes back.
    pub restoring: bool,
    /// When it was asked for.
    pub since: Duration,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The step that runs.
    pub at: usize,
    /// The last batch.
    pub batch: Option<Batch>,
    /// Why it waits.
    pub waits: Option<String>,
    /// How often it waited, and how long.
    pub waited: (u64, Duration),
    /// What it waited for last.
    pub waited_for: Option<String>,
    /// How often something was tried again.
    pub retries: u64,
    /// What the server looked like when it was last looked at.
    pub signs: Option<Signs>,
    waits_since: Duration,
    /// Whether a person paused it.
    pub paused: bool,
    /// Rows of a batch, where a person set them.
    pub size: Option<u64>,
    /// How often a stop was asked for.
    pub stops: u8,
    /// Its log.
    pub log: VecDeque<(Duration, String)>,
    /// Lines of the log that were dropped.
    pub dropped: usize,
    /// What came since its steps were proved.
    pub came: Vec<String>,
    /// How it ended, and when.
    pub ended: Option<(Duration, Ended)>,
    /// Rows after each batch of the step that runs, lately.
    lately: VecDeque<(Duration, u64)>,
    /// Rows a second after each batch.
    pub rates: VecDeque<u64>,
    /// How long the batches of the step that runs took, as far as this session saw them.
    pub times: Times,
    /// What the server's log of writes grew by.
    pub written: Written,
}

impl Going {
    /// A run that was asked for.
    pub fn new(plan: Arc<Plan>, now: Duration) -> Self {
        let steps = plan.steps.iter().map(|step| Step::waiting(&step.id, &step.title, step.rows)).collect();
        Self {
            parameters: plan.parameters.clone(),
            plan,
            id: None,
            resumed: false,
            restoring: false,
            since: now,
            steps,
            at: 0,
            batch: None,
            waits: None,
            waited: (0, Duration::ZERO),
            waited_for: None,
            retries: 0,
            signs: None,
            waits_since: now,
            paused: false,
            size: None,
            stops: 0,
            log: VecDeque::new(),
            dropped: 0,
            ended: None,
            came: Vec::new(),
            lately: VecDeque::new(),
            rates: VecDeque::new(),
            times: Times::default(),
            written: Written::default(),
        }
    }

    /// Whether it changes a file, which has no server with signs of its own.
    pub fn is_on_file(&self) -> bool {
        self.plan.place.engine == "sqlite"
    }

    /// Whether it goes on.
    pub fn goes_on(&self) -> bool {
        self.ended.is_none()
    }

    /// The step that runs.
    pub fn step(&self) -> Option<&Step> {
        self.steps.get(self.at)
    }

    /// Takes in what it tells.
    pub fn hear(&mut self, now: Duration, news: News) {
        match news {
            News::Began { run, steps, course } => {
                self.line(now, format!("run {run} {}", course.words()));
                self.id = Some(run);
                self.resumed = course != Course::Begins;
                let of = if self.restoring { &[] } else { self.plan.steps.as_slice() };
                let planned = |id: &str| of.iter().find(|step| step.id == id)?.rows;
                self.steps = steps.iter().map(|(id, title)| Step::waiting(id, title, planned(id))).collect();
            }
            News::Step { place, state, note } => self.stepped(now, place, state, note),
            News::Total { place, rows, total } => {
                if let Some(step) = self.steps.get_mut(place) {
                    (step.rows, step.total, step.exact) = (rows, Some(total), true);
                }
                self.lately.push_back((now, rows));
            }
            News::Batch(batch) => self.batched(now, batch),
            News::Waiting(why) => self.waits(now, why),
            News::Retry(why) => {
                self.retries += 1;
                self.waits(now, why);
            }
            News::Signs(signs) => {
                signs.log_end.into_iter().for_each(|end| self.written.see(now, end));
                self.signs = Some(signs);
            }
            News::GoesOn => {
                if self.waits.take().is_some() {
                    self.waited.1 += now.saturating_sub(self.waits_since);
                    self.line(now, "goes on".to_owned());
                }
                // What was not done while it waited says nothing about the pace.
                self.lately.clear();
            }
            News::Part(part) => self.part(now, part),
            News::Limits(limits) => {
                limits.onto(&mut self.parameters);
                self.line(now, format!("limits: {}", limits.words()));
            }
            News::Line(text) => self.line(now, text),
            News::Since(text) => {
                self.line(now, text.clone());
                self.came.push(text);
            }
            News::Ended(ended) => self.end(now, ended),
        }
    }

    /// Takes in how far a step is; what is done is a line in the log each time it changes.
    fn part(&mut self, now: Duration, part: Part) {
        let Some(step) = self.steps.get_mut(part.place) else { return };
        let other = step.part.as_ref().is_none_or(|before| before.doing != part.doing);
        let doing = part.doing.clone();
        step.part = Some(part);
        if other {
            self.line(now, doing);
        }
    }

    fn waits(&mut self, now: Duration, why: String) {
        if self.waits.is_none() {
            self.waits_since = now;
            self.waited.0 += 1;
        }
        if self.waits.as_ref() != Some(&why) {
            self.line(now, format!("waits: {why}"));
        }
        self.waited_for = Some(why.clone());
        self.waits = Some(why);
    }

    /// How long it has waited in all.
    pub fn waited_in_all(&self, now: Duration) -> Duration {
        let open = self.waits.as_ref().map_or(Duration::ZERO, |_| now.saturating_sub(self.waits_since));
        self.waited.1 + open
    }

    fn stepped(&mut self, now: Duration, place: usize, state: State, note: Option<String>) {
        let Some(step) = self.steps.get_mut(place) else { return };
        if state == State::Running {
            step.time.0 = step.time.0.or(Some(now));
            if self.at != place {
                self.lately.clear();
                self.rates.clear();
                self.times.clear();
            }
            self.at = place;
        } else if step.time.0.is_some() {
            step.time.1 = Some(now);
        }
        step.state = state;
        let note_text = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        let word = if state == State::Running { "begins" } else { state.word() };
        let line = format!("step {} {word}{note_text}", step.id);
        step.note = note.or(step.note.take());
        self.line(now, line);
    }

    fn batched(&mut self, now: Duration, batch: Batch) {
        if let Some(step) = self.steps.get_mut(batch.place) {
            (step.rows, step.total, step.exact) = (batch.rows, Some(batch.total), true);
        }
        self.lately.push_back((now, batch.rows));
        while self.lately.front().is_some_and(|(at, _)| now.saturating_sub(*at) > WINDOW) {
            self.lately.pop_front();
        }
        let millis = batch.took.as_millis().max(1);
        let rate = u64::try_from(u128::from(batch.changed) * 1_000 / millis).unwrap_or(u64::MAX);
        self.times.add(batch.took);
        self.rates.push_back(rate);
        if self.rates.len() > POINTS {
            self.rates.pop_front();
        }
        self.line(
            now,
            format!(
                "batch {} of {}: {} in {} ms",
                batch.number,
                batch.table,
                counted(batch.changed, "row", "rows"),
                batch.took.as_millis()
            ),
        );
        self.batch = Some(batch);
    }

    fn end(&mut self, now: Duration, ended: Ended) {
        let said = match &ended {
            Ended::Finished if self.restoring => "everything that was asked for is back".to_owned(),
            Ended::Finished => "finished: every step is done and proved".to_owned(),
            Ended::Paused(why) if self.restoring => why.clone(),
            Ended::Stopped => "stopped, with nothing open".to_owned(),
            Ended::Paused(why) => format!("paused: {why}"),
            Ended::Failed(fault) => format!("failed: {fault}"),
        };
        self.waits = None;
        // A step whose end nobody could write down any more does not go on either.
        let state = match &ended {
            Ended::Finished if self.restoring => State::Restored,
            Ended::Finished => State::Finished,
            Ended::Stopped => State::Stopped,
            Ended::Paused(_) => State::Paused,
            Ended::Failed(_) => State::Failed,
        };
        for step in self.steps.iter_mut().filter(|step| step.state == State::Running) {
            (step.state, step.time.1) = (state, Some(now));
        }
        self.line(now, said);
        self.ended = Some((now, ended));
    }

    /// Writes a line into the log.
    pub fn line(&mut self, now: Duration, text: String) {
        self.log.push_back((now, text));
        if self.log.len() > LINES {
            self.log.pop_front();
            self.dropped += 1;
        }
    }

    /// Rows a second of late; none where nothing can be said.
    pub fn rate(&self) -> Option<f64> {
        let ((from, before), (to, after)) = (*self.lately.front()?, *self.lately.back()?);
        let seconds = to.saturating_sub(from).as_secs_f64();
        (seconds >= 0.2 && after > before).then(|| (after - before) as f64 / seconds)
    }

    /// How long the step that runs will take; none where nothing can be said.
    pub fn step_left(&self, now: Duration) -> Option<Duration> {
        let step = self.step().filter(|step| step.state == State::Running)?;
        if let Some(total) = step.total.filter(|total| *total > 0) {
            let left = total.saturating_sub(step.rows);
            return Some(Duration::from_secs_f64((left as f64 / self.rate()?).min(1e9)));
        }
        let took = now.saturating_sub(step.time.0?).as_secs_f64();
        let all = self.planned(&step.id)?;
        (took < all).then(|| Duration::from_secs_f64(all - took))
    }

    /// How long the whole run will take; none where a step ahead has no estimate.
    pub fn left(&self, now: Duration) -> Option<Duration> {
        let own = self.step_left(now)?;
        let ahead = self.steps.iter().skip(self.at + 1).filter(|step| step.state == State::Waiting);
        let ahead = ahead.map(|step| self.planned(&step.id)).sum::<Option<f64>>()?;
        Some(own + Duration::from_secs_f64(ahead.clamp(0.0, 1e9)))
    }

    /// The seconds the plan gave a step; none of a restore.
    pub fn planned(&self, id: &str) -> Option<f64> {
        if self.restoring {
            return None;
        }
        self.plan.steps.iter().find(|step| step.id == id)?.seconds
    }

    /// How much of the whole is done, in thousandths: by the time each step was given where all have one, by their number
    /// otherwise. Only an end is the whole.
    pub fn share(&self) -> u64 {
        if matches!(self.ended, Some((_, Ended::Finished))) {
            return 1_000;
        }
        let known = self.steps.iter().map(|step| self.planned(&step.id)).collect::<Option<Vec<f64>>>();
        let weights = known.unwrap_or_else(|| vec![1.0; self.steps.len()]);
        let weights: Vec<f64> = weights.into_iter().map(|weight| weight.max(0.05)).collect();
        let all: f64 = weights.iter().sum();
        let done: f64 = self.steps.iter().zip(&weights).map(|(step, weight)| step.share() * weight).sum();
        if all > 0.0 { ((done / all * 1_000.0) as u64).min(999) } else { 0 }
    }
}
