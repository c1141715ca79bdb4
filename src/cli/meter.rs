//! How a run goes, on standard error: at a terminal a bar with rows a second, the time left and why it waits; elsewhere a
//! line every ten thousand rows or ten seconds.

use crate::model::run::{Batch, Course, Ended, News, Part, State};
use crate::model::text::visible;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Rows between two lines.
const ROWS: u64 = 10_000;
/// The time between two lines.
const TIME: Duration = Duration::from_secs(10);
/// The time over which rows a second are counted.
const WINDOW: Duration = Duration::from_secs(10);

/// The meter.
pub(crate) struct Meter {
    at_terminal: bool,
    quiet: bool,
    bar: Option<ProgressBar>,
    steps: Vec<(String, String)>,
    rows: u64,
    total: u64,
    /// Rows done at moments of the last seconds.
    lately: Vec<(Instant, u64)>,
    told: (Instant, u64),
    waits: Option<String>,
    /// The step that goes on, and since when.
    works: Option<(String, Instant)>,
    /// How far a step is that writes no rows.
    part: Option<Part>,
}

impl Meter {
    /// A meter for a person at a terminal, or for a log.
    pub(crate) fn new(at_terminal: bool, quiet: bool) -> Self {
        Self {
            at_terminal,
            quiet,
            bar: None,
            steps: Vec::new(),
            rows: 0,
            total: 0,
            lately: Vec::new(),
            told: (Instant::now(), 0),
            waits: None,
            works: None,
            part: None,
        }
    }

    /// Takes news; answers with lines to be said.
    pub(crate) fn hear(&mut self, news: &News) -> Vec<String> {
        match news {
            News::Began { run, steps, course } => {
                self.steps.clone_from(steps);
                let verb = if *course == Course::ComesBack { "restore" } else { "resume" };
                let how = course.words();
                vec![format!(
                    "Run {run} {how}; it can be broken off at any time: waif {verb} TARGET {run} goes on."
                )]
            }
            News::Step { place, state, note } => self.step(*place, *state, note.as_deref()),
            News::Total { rows, total, .. } => {
                (self.rows, self.total) = (*rows, *total);
                self.lately = vec![(Instant::now(), *rows)];
                self.told.1 = *rows;
                Vec::new()
            }
            News::Batch(batch) => self.batch(batch),
            News::Waiting(why) | News::Retry(why) => {
                let same = self.waits.as_deref() == Some(why);
                self.waits = Some(why.clone());
                if same || self.bar.is_some() { Vec::new() } else { vec![why.clone()] }
            }
            News::GoesOn => {
                self.waits = None;
                Vec::new()
            }
            News::Part(part) => self.part(part),
            News::Signs(_) => Vec::new(),
            News::Limits(limits) => vec![format!("From now on: {}.", limits.words())],
            News::Line(line) | News::Since(line) => vec![line.clone()],
            News::Ended(ended) => {
                self.clear();
                // What failed is complained of by whoever ends the program; where nothing began, nothing is finished.
                match ended {
                    Ended::Finished if self.steps.is_empty() => Vec::new(),
                    ended => said(ended),
                }
            }
        }
    }

    /// A part of a step: a bar at a terminal, elsewhere a line every ten seconds.
    fn part(&mut self, part: &Part) -> Vec<String> {
        let other = self.part.as_ref().is_none_or(|before| before.doing != part.doing);
        if other {
            self.clear();
        }
        self.part = Some(part.clone());
        if self.at_terminal || part.total == 0 || self.told.0.elapsed() < TIME {
            return Vec::new();
        }
        self.told.0 = Instant::now();
        self.works.iter().map(|(step, _)| format!("{step}: {}", so_far(part))).collect()
    }

    fn step(&mut self, place: usize, state: State, note: Option<&str>) -> Vec<String> {
        self.clear();
        (self.rows, self.total, self.lately) = (0, 0, Vec::new());
        self.told = (Instant::now(), 0);
        let Some((id, title)) = self.steps.get(place) else { return Vec::new() };
        (self.works, self.part) = (None, None);
        if state == State::Running {
            self.works = Some((format!("{id} {title}"), Instant::now()));
            return Vec::new();
        }
        let note = note.map(|note| format!(": {note}")).unwrap_or_default();
        vec![format!("{id} {title} {}{note}", state.word())]
    }

    fn batch(&mut self, batch: &Batch) -> Vec<String> {
        (self.rows, self.total) = (batch.rows, batch.total);
        let now = Instant::now();
        self.lately.push((now, batch.rows));
        self.lately.retain(|(at, _)| now.duration_since(*at) <= WINDOW);
        let due = batch.rows >= self.told.1 + ROWS || self.told.0.elapsed() >= TIME;
        if self.bar.is_some() || self.at_terminal || !due {
            return Vec::new();
        }
        self.told = (now, batch.rows);
        vec![format!("{} {}", self.figures(), self.pace())]
    }

    /// Draws the bar; answers with a line where a step or a batch goes on for long and nobody sees a bar.
    pub(crate) fn tick(&mut self) -> Option<String> {
        self.draw();
        if self.total > 0 {
            return self.still();
        }
        let (step, since) = self.works.as_ref()?;
        let took = since.elapsed();
        if took < TIME || self.told.0.elapsed() < TIME {
            return None;
        }
        self.told.0 = Instant::now();
        let doing = self.part.as_ref().map(|part| format!("{}, ", so_far(part))).unwrap_or_default();
        Some(format!("{step}: {doing}at work for {}", clock(took.as_secs_f64())))
    }

    /// A line where one batch takes long and nobody sees a bar.
    fn still(&mut self) -> Option<String> {
        if self.bar.is_some() || self.at_terminal || self.works.is_none() || self.told.0.elapsed() < TIME {
            return None;
        }
        self.told.0 = Instant::now();
        let doing = match &self.waits {
            Some(why) => visible(why).into_owned(),
            None => "a batch is at work".to_owned(),
        };
        Some(format!("{}: {doing}", self.figures()))
    }

    fn draw(&mut self) {
        if !self.at_terminal || self.quiet {
            return;
        }
        if self.total == 0 {
            self.draw_part();
            return;
        }
        let words = match &self.waits {
            Some(why) => visible(why).into_owned(),
            None => self.pace(),
        };
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            if let Ok(style) =
                ProgressStyle::with_template("[{bar:30}] {pos}/{len} rows {percent} % {wide_msg}")
            {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        bar.set_length(self.total);
        bar.set_position(self.rows);
        bar.set_message(words);
        bar.tick();
    }

    /// Draws how far a step is that writes no rows, or only since when it is at work.
    fn draw_part(&mut self) {
        let (Some(part), Some((_, since))) = (&self.part, &self.works) else { return };
        let words = match &self.waits {
            Some(why) => visible(why).into_owned(),
            None => format!("{}, {}", visible(&part.doing), clock(since.elapsed().as_secs_f64())),
        };
        let (template, unit) = match part.total {
            0 => ("{spinner} {wide_msg}".to_owned(), ""),
            _ => (format!("[{{bar:30}}] {{pos}}/{{len}} {} {{percent}} % {{wide_msg}}", part.unit), "=> "),
        };
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(if unit.is_empty() { style } else { style.progress_chars(unit) });
            }
            bar
        });
        bar.set_length(part.total);
        bar.set_position(part.done);
        bar.set_message(words);
        bar.tick();
    }

    /// Says something above the bar.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn figures(&self) -> String {
        let share = if self.total == 0 { 0.0 } else { self.rows as f64 * 100.0 / self.total as f64 };
        // A total that was passed is no total any more.
        if self.rows >= self.total {
            format!("{} rows", self.rows)
        } else {
            format!("{} of {} rows ({share:.1} %)", self.rows, self.total)
        }
    }

    fn pace(&self) -> String {
        let (Some((from, before)), Some((to, after))) = (self.lately.first(), self.lately.last()) else {
            return String::new();
        };
        let seconds = to.duration_since(*from).as_secs_f64();
        if seconds < 0.2 || after <= before {
            return String::new();
        }
        let rate = (after - before) as f64 / seconds;
        let left = self.total.saturating_sub(self.rows) as f64 / rate;
        format!("{rate:.0} rows/s, about {} left", clock(left))
    }
}

/// How far a part is, in words.
fn so_far(part: &Part) -> String {
    let doing = visible(&part.doing);
    match part.total {
        0 => doing.into_owned(),
        total => {
            let share = part.done as f64 * 100.0 / total as f64;
            format!("{doing}, {} of {total} {} ({share:.1} %)", part.done, part.unit)
        }
    }
}

/// Seconds as people read a clock: 1:02:03, 4:05.
fn clock(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

fn said(ended: &Ended) -> Vec<String> {
    let sentence = match ended {
        Ended::Finished => "Finished: every step is done and proved.".to_owned(),
        Ended::Stopped => "Stopped, with nothing open: waif resume goes on where it was.".to_owned(),
        Ended::Paused(why) => format!("Paused: {why}"),
        Ended::Failed(_) => return Vec::new(),
    };
    vec![sentence]
}
