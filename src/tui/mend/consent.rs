//! From a wish to a write. A key makes a [`Confirm`], which can only be shown; what a person types into it and confirms
//! makes a [`Confirmed`], and only that yields the command that writes. There is no other way to one.

use crate::job::{Command, Consent, plan_file};
use crate::model::plan::Plan;
use crate::model::restore::Wanted;
use crate::model::run::Run;
use crate::model::server::Server;
use crate::model::target::Environment;
use crate::tui::app::App;
use crate::tui::mend::going::Going;
use crate::tui::mend::{limits, planning, restoring};
use crate::tui::msg::Effect;
use std::sync::Arc;

/// What is to be carried out.
#[derive(Clone, Debug)]
pub enum Intent {
    /// A plan, with its text as a file would hold it.
    Run(Arc<Plan>, String),
    /// The rest of a run of the journal, and its plan.
    Resume(Box<Run>, Arc<Plan>),
    /// What a run of the journal changed, to be brought back, and its plan; or only what has its parent again.
    Restore(Box<Run>, Arc<Plan>, bool),
}

impl Intent {
    /// The plan it is about.
    pub fn plan(&self) -> &Arc<Plan> {
        match self {
            Self::Run(plan, _) | Self::Resume(_, plan) | Self::Restore(_, plan, _) => plan,
        }
    }
}

/// A wish that nobody has confirmed. It can be shown, and nothing else.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The wish.
    pub intent: Intent,
    /// Who is written to.
    pub server: Arc<Server>,
    /// How much care the place deserves.
    pub environment: Environment,
    /// The living session the run is taken from, where it has to be.
    pub held: Option<String>,
    /// Why a run asks before it goes on after a failover, where it does.
    pub promoted: Option<String>,
}

/// A wish that a person confirmed. Made by [`Confirm::confirmed`] alone.
#[derive(Debug)]
pub struct Confirmed {
    intent: Intent,
    name: String,
    take_over: bool,
    promoted: bool,
}

/// Why nothing can be confirmed now, as a sentence.
pub type Against = String;

impl Confirm {
    /// The wish to carry out the plan in front.
    ///
    /// # Errors
    /// Why it cannot be carried out now.
    pub fn plan(app: &App) -> Result<Self, Against> {
        let Some(plan) = planning::current(app) else {
            return Err(match app.mend.staged.is_empty() {
                true => "Nothing is staged yet. Space on a finding stages its fix.".to_owned(),
                false => "The plan is not there yet.".to_owned(),
            });
        };
        if plan.is_refused() {
            return Err("The plan is refused: the reasons stand on top, each with what to do.".to_owned());
        }
        if plan.steps.is_empty() {
            return Err("There is nothing to do: the database is in that state already.".to_owned());
        }
        let text = plan_file::write(plan).map_err(|fault| fault.to_string())?;
        Self::of(app, Intent::Run(Arc::clone(plan), text))
    }

    /// The wish to go on with a run of the journal.
    ///
    /// # Errors
    /// Why it cannot go on now.
    pub fn resume(app: &App, run: &Run) -> Result<Self, Against> {
        if !run.is_open() {
            return Err(format!(
                "Run {} is {}: there is nothing left of it to do.",
                run.id,
                run.state.word()
            ));
        }
        let shown = format!("The plan of run {}", run.id);
        let plan = plan_file::read(&run.plan, &shown).map_err(|fault| fault.to_string())?;
        let wish = Self::of(app, Intent::Resume(Box::new(run.clone()), Arc::new(plan)))?;
        let promoted = run.note.clone().filter(|_| run.is_promoted());
        Ok(Self { held: run.session.clone(), promoted, ..wish })
    }

    /// The wish to bring back what a run of the journal changed.
    ///
    /// # Errors
    /// Why it cannot be brought back now.
    pub fn restore(app: &App, run: &Run) -> Result<Self, Against> {
        if run.restorable.is_empty() {
            return Err(format!("Nothing of run {} waits to be brought back.", run.id));
        }
        let shown = format!("The plan of run {}", run.id);
        let plan = plan_file::read(&run.plan, &shown).map_err(|fault| fault.to_string())?;
        let wish = Self::of(app, Intent::Restore(Box::new(run.clone()), Arc::new(plan), false))?;
        Ok(Self { held: run.session.clone(), ..wish })
    }

    /// Changes between everything and only what has its parent again, where there is such.
    pub fn turn(&mut self) {
        if let Intent::Restore(run, _, healed) = &mut self.intent {
            *healed = !*healed && restoring::healed(run) > 0;
        }
    }

    fn of(app: &App, intent: Intent) -> Result<Self, Against> {
        if !app.mend.arms.allowed {
            return Err(
                "Writes are not allowed here: start waif with --allow-writes, or set writes = true in the profile."
                    .to_owned(),
            );
        }
        if app.mend.is_running() {
            return Err("A run goes on already.".to_owned());
        }
        if app.mend.is_rehearsing() {
            return Err("The rehearsal has to end first.".to_owned());
        }
        match &app.facts.server {
            Some(server) if app.facts.fault.is_none() => Ok(Self {
                intent,
                server: Arc::clone(server),
                environment: app.facts.environment,
                held: None,
                promoted: None,
            }),
            _ => Err("There is no connection. R connects again.".to_owned()),
        }
    }

    /// Whether the name of the database has to be typed: on production, and wherever a run is taken from
    /// somebody or goes on after a failover.
    pub fn wants_name(&self) -> bool {
        self.environment == Environment::Production || self.held.is_some() || self.promoted.is_some()
    }

    /// Whether what was typed is enough: where the name is wanted, all of its letters as they are shown.
    pub fn accepts(&self, typed: &str) -> bool {
        !self.wants_name() || typed == self.server.database.visible()
    }

    /// Confirms it, if what was typed is enough.
    pub fn confirmed(&self, typed: &str) -> Option<Confirmed> {
        self.accepts(typed).then(|| Confirmed {
            intent: self.intent.clone(),
            name: self.server.database.raw().to_owned(),
            take_over: self.held.is_some(),
            promoted: self.promoted.is_some(),
        })
    }
}

impl Confirmed {
    /// The command that carries it out; the run is followed from now on.
    pub fn effect(self, app: &mut App) -> Effect {
        let consent = Consent {
            take_over: self.take_over,
            promoted: self.promoted,
            measure: false,
            writes: app.mend.arms.allowed,
            confirmed: Some(self.name),
            holder: app.mend.arms.holder.clone(),
        };
        let copies = app.mend.copies.clone();
        let mut going = Going::new(Arc::clone(self.intent.plan()), app.facts.now);
        let command = match self.intent {
            Intent::Run(_, plan) => {
                Command::Run { plan, shown: "The plan on the screen".to_owned(), copies, consent }
            }
            Intent::Resume(run, _) => {
                let limits = limits::over(app, &run.id);
                limits.onto(&mut going.parameters);
                going.resumed = true;
                Command::Resume { run: run.id, limits, copies, consent }
            }
            Intent::Restore(run, _, healed) => {
                (going.id, going.resumed, going.restoring) = (Some(run.id.clone()), true, true);
                Command::Restore { run: run.id, wanted: Wanted { healed, ..Wanted::default() }, consent }
            }
        };
        app.mend.going = Some(going);
        Effect::Submit(command)
    }
}

/// Consent to a rehearsal, of which nothing is left: allowing writes is enough for it.
pub fn to_rehearse(app: &App, database: &str) -> Consent {
    Consent {
        take_over: false,
        promoted: false,
        measure: false,
        writes: app.mend.arms.allowed,
        confirmed: Some(database.to_owned()),
        holder: app.mend.arms.holder.clone(),
    }
}
