//! The book of connections: what can be chosen in the picker, why nothing was chosen already, and how a choice becomes a
//! target. `update` and the views read the lines; only the loop dials, for that reads files and may run a command.

use crate::config::{self, Choice, Config, Env};
use crate::model::fault::Fault;
use crate::model::scope::Scope;
use crate::model::secret::Secret;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Target};
use crate::tui::place;
use std::sync::Arc;

/// The book.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// What can be chosen.
    pub lines: Vec<Line>,
    /// Where a target was looked for, and what could not be read; a sentence each.
    pub tried: Vec<String>,
    /// How to dial; none where nothing but the given target can be reached.
    pub dial: Option<Arc<Dial>>,
}

/// A connection that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What choosing it means.
    pub choice: Choice,
    /// Its name.
    pub name: String,
    /// How much care it deserves.
    pub environment: Environment,
    /// The engine.
    pub engine: EngineKind,
    /// Where it leads, without secrets.
    pub place: String,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Somebody, with a password where one was typed.
    New(Choice, Option<Secret>),
    /// The same as before, with this password.
    Again(Secret),
}

/// A target that was found, and what to count there.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialed {
    /// The target.
    pub target: Target,
    /// What to count.
    pub scope: Scope,
    /// Whether its profile allows writes.
    pub writes: bool,
}

/// What is known of the target, for words and questions; never a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// Where it is.
    pub place: String,
    /// What tells it apart from other targets.
    pub address: String,
    /// As whom, and where: `dba_ro, shop on db-prod-2:5432`.
    pub whom: String,
    /// How much care it deserves.
    pub environment: Environment,
    /// Whether a password is sent.
    pub password: bool,
    /// Whether the engine asks for passwords at all.
    pub server: bool,
}

impl Called {
    /// What is known of a target.
    pub fn of(target: &Target) -> Self {
        let place = place::written(target);
        let user = target.user.as_deref().filter(|_| target.engine == EngineKind::Postgres);
        Self {
            whom: user.map_or_else(|| place.clone(), |user| format!("{user}, {place}")),
            place,
            address: place::address(target),
            environment: target.environment,
            password: target.password.is_some(),
            server: target.engine == EngineKind::Postgres,
        }
    }

    /// Whether a password could mend what went wrong. 28000 is also a role that may not log in; there a password helps
    /// only where none was sent.
    pub fn wants_password(&self, fault: &Fault) -> bool {
        let code = fault.code.as_deref();
        self.server && (code == Some("28P01") || (code == Some("28000") && !self.password))
    }
}

/// Where choices are looked up.
#[derive(Clone, Debug)]
pub struct Dial {
    /// The configuration.
    pub config: Config,
    /// The surroundings.
    pub env: Env,
    /// Child tables above this are left until somebody asks.
    pub huge: Option<u64>,
}

impl Dial {
    /// Finds the target. Blocks: it reads files, and may run a command that prints a password.
    ///
    /// # Errors
    /// Usage, when what was chosen makes no sense.
    pub fn find(&self, order: &Call, before: Option<Target>) -> Result<Dialed, Fault> {
        let target = match (order, before) {
            (Call::Again(password), Some(mut target)) => {
                target.password = Some(password.clone());
                target.sources.insert("password", "the field Password".to_owned());
                target
            }
            (Call::Again(_), None) => return Err(config::nothing_given(&[])),
            (Call::New(choice, password), _) => {
                config::choose(choice, password.as_ref(), &self.config, &self.env)?
            }
        };
        let mut scope = self.config.scope(target.profile.as_deref());
        scope.max_rows = scope.max_rows.or(self.huge);
        let writes = self.config.allows_writes(target.profile.as_deref());
        Ok(Dialed { target, scope, writes })
    }

    /// The book with all that can be chosen. `tried` says where a target was looked for.
    pub fn book(self, mut tried: Vec<String>) -> Book {
        let profiles = self.config.profiles().map(|profile| Line {
            choice: Choice::Profile(profile.name().to_owned()),
            name: profile.name().to_owned(),
            environment: profile.environment(),
            engine: profile.engine(),
            place: profile.place(),
        });
        let (services, troubles) = config::target::services(&self.env);
        let services = services.into_iter().map(|service| Line {
            choice: Choice::Service(service.name.clone()),
            name: format!("service={}", service.name),
            environment: Environment::default(),
            engine: EngineKind::Postgres,
            place: service.file,
        });
        let lines = profiles.chain(services).collect();
        tried.extend(troubles);
        Book { lines, tried, dial: Some(Arc::new(self)) }
    }
}
