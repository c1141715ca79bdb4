//! Progress on standard error, for people at a terminal, once something takes longer than a blink.

use crate::job;
use crate::model::text::visible;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// How long something may take in silence.
const PATIENCE: Duration = Duration::from_millis(250);

/// A bar that shows itself when it is worth it.
#[derive(Debug)]
pub(crate) struct Progress {
    /// None where nothing may be shown.
    wanted: Option<Instant>,
    bar: Option<ProgressBar>,
    last: job::Progress,
}

impl Progress {
    /// A bar that may show itself, or one that never does.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { wanted: wanted.then(Instant::now), bar: None, last: job::Progress::default() }
    }

    /// Whether time matters to it.
    pub(crate) fn wants_ticks(&self) -> bool {
        self.wanted.is_some()
    }

    /// Takes news.
    pub(crate) fn hear(&mut self, progress: job::Progress) {
        self.last = progress;
        self.tick();
    }

    /// Shows itself when it is time, and how far things are.
    pub(crate) fn tick(&mut self) {
        let Some(since) = self.wanted.filter(|since| since.elapsed() >= PATIENCE) else { return };
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr())
                .with_elapsed(since.elapsed());
            if let Ok(style) = ProgressStyle::with_template(
                "{prefix} [{bar:24}] {pos}/{len} relations · {elapsed} {wide_msg}",
            ) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        let phase = if self.last.phase.is_empty() { "connecting" } else { self.last.phase };
        bar.set_prefix(phase);
        bar.set_length(self.last.total as u64);
        bar.set_position(self.last.done as u64);
        let now: Vec<_> = self.last.now.iter().map(|table| visible(table).into_owned()).collect();
        bar.set_message(now.join(", "));
        bar.tick();
    }

    /// Takes itself away, so that words can be said.
    pub(crate) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Says a sentence above the bar.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Never shows itself again.
    pub(crate) fn end(&mut self) {
        self.clear();
        self.wanted = None;
    }
}
