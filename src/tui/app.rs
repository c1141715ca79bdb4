//! The whole state of the inspector: the facts, where the person is, and what each screen remembers. `update` changes it,
//! `draw` reads it; nothing else touches it.

use crate::job::Command;
use crate::model::fault::Fault;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::tui::book::{Book, Called};
use crate::tui::facts::Facts;
use crate::tui::facts::old::Moment;
use crate::tui::keymap::{Context, Keymap};
use crate::tui::layout::Areas;
use crate::tui::mend::{Mend, history};
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::entry::Entry;
use crate::tui::overlay::palette::Memory;
use crate::tui::overlay::picker::Stage;
use crate::tui::screen::{self, Place, Screens};
use crate::tui::start::{Look, Start};
use crate::tui::take::order::Body;
use crate::tui::take::paged::{self, Running};
use crate::tui::theme::{Role, Theme};
use crate::tui::watch::{self, Watch};
use crate::tui::widget::figure::next_age;
use crate::tui::widget::pen::Ink;
use jiff::civil::DateTime;
use ratatui::layout::{Position, Size};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a message stays.
const MESSAGE_STAYS: Duration = Duration::from_secs(5);
/// How often a screen that shows a running time is drawn for its sake alone.
const BEAT: Duration = Duration::from_millis(250);

/// The state.
#[derive(Debug)]
pub struct App {
    /// What the desk told.
    pub facts: Facts,
    /// What is known of the target; none before there is one.
    pub called: Option<Called>,
    /// The connections that can be chosen.
    pub book: Book,
    /// What to count.
    pub scope: Scope,
    /// What to make of findings.
    pub policy: Policy,
    /// Keys.
    pub keymap: Keymap,
    /// Colours.
    pub ink: Ink,
    /// The terminal's size.
    pub size: Size,
    /// Which screen is in front.
    pub place: Place,
    /// Where `back` leads.
    pub trail: Vec<Place>,
    /// What each screen remembers.
    pub screens: Screens,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// What is being typed.
    pub entry: Option<Entry>,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Where the mouse was pressed last, and when.
    pub pressed: Option<(Position, Duration)>,
    /// What the palette keeps while it is closed.
    pub palette: Memory,
    /// A sentence for a few seconds.
    pub message: Option<Message>,
    /// Files being written, by ticket: what the line was called, the path, and what goes there.
    pub saves: BTreeMap<u64, (String, String, Body)>,
    /// The export that runs.
    pub export: Option<Running>,
    /// The local time when the inspector opened.
    pub opened: DateTime,
    /// Whether everything is counted again and again.
    pub watch: Watch,
    /// What is to be done to the database, and what is being done.
    pub mend: Mend,
    /// The last ticket given out.
    pub ticket: u64,
    /// Whether the screen shows something old.
    pub changed: bool,
    /// When a running time was last drawn.
    pub beat: Duration,
}

/// A sentence for a few seconds.
#[derive(Clone, Debug)]
pub struct Message {
    /// The sentence.
    pub text: String,
    /// How it looks.
    pub role: Role,
    /// When it goes.
    pub until: Duration,
}

impl App {
    /// The state before anything happened.
    ///
    /// # Errors
    /// A usage fault when there is no such theme.
    pub fn new(start: &Start) -> Result<Self, Fault> {
        let Start { target, book, scope, policy, writes, look, .. } = start;
        let called = target.as_ref().map(Called::of);
        Ok(Self {
            facts: facts(called.as_ref()),
            called,
            book: book.clone(),
            scope: Scope { probe_first: true, ..scope.clone() },
            policy: policy.clone(),
            keymap: Keymap::with(look.keys.as_ref())?,
            ink: ink(look)?,
            size: Size::default(),
            place: Place::Overview,
            trail: Vec::new(),
            screens: Screens::default(),
            overlay: None,
            entry: None,
            mouse: look.mouse,
            pressed: None,
            palette: Memory::default(),
            message: None,
            saves: BTreeMap::new(),
            export: None,
            opened: DateTime::constant(1970, 1, 1, 0, 0, 0, 0),
            watch: Watch::new(start.watch),
            mend: Mend::new(writes),
            ticket: 0,
            changed: true,
            beat: Duration::ZERO,
        })
    }

    /// Connects anew and asks for the whole check. What was read before stays on the screen until it is replaced.
    pub fn reopen(&mut self) -> Vec<Effect> {
        self.facts.server = None;
        if self.facts.catalog.is_some() {
            self.facts.cut_off();
            self.facts.retire();
        }
        // The desk that was asked is gone; nobody would answer.
        self.mend.cut_off();
        if let Some(relation) = &mut self.screens.relation {
            relation.parents.asked = None;
            relation.children.answer.asked = None;
        }
        let mut effects = paged::broken_off(self, "the connection was made anew");
        effects.extend([Effect::Reopen, self.check()]);
        effects
    }

    /// Turns to another target. Nothing read from the old one stays.
    pub fn begin_anew(&mut self, called: Called, scope: Scope, writes: bool) {
        self.mend.begin_anew(writes);
        self.watch.on = false;
        self.facts = Facts { now: self.facts.now, ..facts(Some(&called)) };
        self.scope = Scope { probe_first: true, ..scope };
        self.called = Some(called);
        self.place = Place::Overview;
        self.trail.clear();
        self.screens = Screens::default();
        self.palette = Memory::default();
        self.entry = None;
        self.message = None;
        self.changed = true;
    }

    /// Asks for the whole check.
    pub fn check(&mut self) -> Effect {
        // A probe would put "at least one" in the place of a figure that was counted to the end.
        let probe_first = self.scope.probe_first && self.facts.outcome.is_none();
        self.facts.started(Vec::new());
        Effect::Submit(Command::Check {
            scope: Scope { probe_first, ..self.scope.clone() },
            policy: self.policy.clone(),
        })
    }

    /// The parts of the screen.
    pub fn areas(&self) -> Areas {
        Areas::of(self.size)
    }

    /// Where keys are looked up now.
    pub fn contexts(&self) -> Vec<Context> {
        match (&self.overlay, &self.entry) {
            (Some(Overlay::Fault(_)), _) => vec![Context::Fault],
            (Some(Overlay::Page(page)), _) if page.types() => vec![Context::Text],
            (Some(Overlay::Page(_)), _) => vec![Context::Page],
            (Some(Overlay::Choose(_)), _) => vec![Context::Menu],
            (Some(Overlay::Facets(_)), _) => vec![Context::Facets],
            (Some(Overlay::Line(_)), _) => vec![Context::Text],
            (Some(Overlay::Palette(_)), _) => vec![Context::Palette],
            (Some(Overlay::Fixes(_)), _) => vec![Context::Menu],
            (Some(Overlay::Confirm(_)), _) => vec![Context::Confirm],
            (Some(Overlay::Leaving(_)), _) => vec![Context::Question],
            (Some(Overlay::Limits(_)), _) => vec![Context::Form],
            (Some(Overlay::Picker(picker)), _) => vec![picker.context()],
            (None, Some(_)) => vec![Context::Text],
            (None, None) => vec![self.place.context(), Context::List, Context::Everywhere],
        }
    }

    /// Says something for a few seconds.
    pub fn say(&mut self, text: impl Into<String>, role: Role) {
        let until = self.facts.now + MESSAGE_STAYS;
        self.message = Some(Message { text: text.into(), role, until });
        self.changed = true;
    }

    /// Says something that takes longer to read.
    pub fn say_long(&mut self, text: impl Into<String>, role: Role) {
        self.say(text, role);
        if let Some(message) = &mut self.message {
            message.until += MESSAGE_STAYS * 2;
        }
    }

    /// A ticket nobody has had.
    pub fn next_ticket(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket
    }

    /// The moments whose age is on the screen.
    fn ages(&self) -> impl Iterator<Item = Moment> {
        let facts = &self.facts;
        let checked = facts.outcome.as_ref().map(|outcome| Moment::at(outcome.at));
        let old = facts.old_since.filter(|_| facts.has_old());
        let subject = screen::subject(self).and_then(|place| {
            facts.old(place).map(|old| old.at).or(facts.counted.get(place).copied().flatten())
        });
        let open = self.screens.relation.as_ref().filter(|_| self.place == Place::Relation);
        let lists = open.map(|state| [state.parents.read, state.children.answer.read]).unwrap_or_default();
        let lists = lists.map(|read| read.map(Moment::at));
        [checked, old, subject].into_iter().chain(lists).flatten()
    }

    /// When the clock alone will change the screen; none when it will not, and then nothing need run.
    pub fn due(&self) -> Option<Duration> {
        let finding =
            matches!(&self.overlay, Some(Overlay::Picker(picker)) if picker.stage != Stage::Resting);
        let mending =
            self.mend.planning.asked.is_some() || self.mend.is_running() || self.mend.is_rehearsing();
        let running = (finding || mending || self.facts.work.is_some()).then_some(self.beat + BEAT);
        let message = self.message.as_ref().map(|message| message.until);
        let now = self.facts.now;
        let ages = self.ages().map(|moment| now + next_age(moment.age(now))).min();
        let relation = self.screens.relation.as_ref().filter(|_| self.place == Place::Relation);
        let waiting = relation.filter(|relation| relation.is_waiting()).map(|_| self.beat + BEAT);
        // What is due already was asked for when it could be; the clock has no part in it any more.
        let rest = relation.and_then(|relation| relation.children.due).filter(|due| *due > self.facts.now);
        let runs = history::due(self).filter(|due| *due > self.facts.now);
        [running, message, ages, waiting, rest, runs, self.mend.arms.due(), watch::due(self)]
            .into_iter()
            .flatten()
            .min()
    }
}

fn facts(called: Option<&Called>) -> Facts {
    called.map_or_else(Facts::default, |called| Facts {
        place: called.place.clone(),
        address: called.address.clone(),
        environment: called.environment,
        ..Facts::default()
    })
}

fn ink(look: &Look) -> Result<Ink, Fault> {
    Ok(Ink { theme: Theme::named(&look.theme, look.color)?, ascii: look.ascii })
}
