//! What a person chooses or types where no command line is at hand: a profile, a service, a target as a line, or its parts
//! as fields. Each becomes a target by the rules of the command line; a fault names the field it is about.

use super::super::{Config, Env};
use super::params::{Params, Rank};
use super::{completed, exposure, named, of_profile, sqlite};
use crate::model::fault::Fault;
use crate::model::secret::Secret;
use crate::model::target::Target;
use std::path::PathBuf;

/// What was chosen. A typed line may hold a password.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// A profile of the configuration.
    Profile(String),
    /// A service of `pg_service.conf`.
    Service(String),
    /// A line as the command line takes it.
    Typed(Secret),
    /// A PostgreSQL database by its parts; an empty one takes the default.
    Parts(Parts),
    /// A SQLite file.
    File(String),
}

/// The parts of a PostgreSQL database's address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// The server's name, address or socket folder.
    pub host: String,
    /// Its port.
    pub port: String,
    /// The database.
    pub database: String,
    /// The role.
    pub user: String,
}

/// A field to type in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A whole target.
    Target,
    /// PostgreSQL or SQLite.
    Engine,
    /// The host.
    Host,
    /// The port.
    Port,
    /// The database.
    Database,
    /// The role.
    User,
    /// The password.
    Password,
    /// The SQLite file.
    File,
}

impl Field {
    /// Its name beside it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::Engine => "Engine",
            Self::Host => "Host",
            Self::Port => "Port",
            Self::Database => "Database",
            Self::User => "User",
            Self::Password => "Password",
            Self::File => "File",
        }
    }

    /// It as the source of a parameter: `the field Host`.
    fn source(self) -> String {
        format!("the field {}", self.label())
    }

    /// The field a fault is about, if it names one: the first that is named.
    pub fn blamed(fault: &Fault) -> Option<Self> {
        if fault.code.as_deref() == Some("28P01") {
            return Some(Self::Password);
        }
        let told = fault.headline.to_lowercase();
        let place = |field: Self| told.find(&field.source().to_lowercase());
        let fields = [Self::Host, Self::Port, Self::Database, Self::User, Self::Password, Self::File];
        fields.into_iter().filter(|field| place(*field).is_some()).min_by_key(|field| place(*field))
    }
}

/// Makes the target of a choice. `password` counts over what the choice itself says. It may run a profile's
/// `password_command`, and takes as long as that does.
///
/// # Errors
/// Usage, when what was chosen makes no sense.
pub fn choose(
    choice: &Choice,
    password: Option<&Secret>,
    config: &Config,
    env: &Env,
) -> Result<Target, Fault> {
    let mut target = match choice {
        Choice::Profile(name) => of_profile(name, "the list", config, env)?,
        Choice::Service(name) => {
            let mut params = Params::default();
            params.offer("service", name, "the list", Rank::Explicit)?;
            completed(params, env)?
        }
        Choice::Typed(line) => typed(line.reveal().trim(), config, env)?,
        Choice::Parts(parts) => completed(of_parts(parts)?, env)?,
        Choice::File(path) => sqlite::target(at_home(path.trim(), env), &Field::File.source()),
    };
    if let Some(password) = password {
        target.password = Some(password.clone());
        target.sources.insert("password", Field::Password.source());
    }
    Ok(target)
}

/// No shell has seen the line: it stands in nobody's history, and `~` is still to be read.
fn typed(line: &str, config: &Config, env: &Env) -> Result<Target, Fault> {
    let path = line.starts_with("~/").then(|| at_home(line, env));
    let line = path.as_ref().map_or(line.into(), |path| path.to_string_lossy());
    let mut target = named(&line, config, env)?;
    let exposed = exposure(&target).filter(|_| {
        let source = target.sources.get("password").map(String::as_str);
        matches!(source, Some("the URL" | "the connection string"))
    });
    target.notices.retain(|notice| Some(notice) != exposed.as_ref());
    Ok(target)
}

fn at_home(path: &str, env: &Env) -> PathBuf {
    match (path.strip_prefix("~/"), &env.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn of_parts(parts: &Parts) -> Result<Params, Fault> {
    let mut params = Params::default();
    for (name, text, field) in [
        ("host", &parts.host, Field::Host),
        ("port", &parts.port, Field::Port),
        ("dbname", &parts.database, Field::Database),
        ("user", &parts.user, Field::User),
    ] {
        params.offer_part(name, text.trim(), &field.source(), Rank::Explicit)?;
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fault::Kind;
    use crate::model::target::Place;

    fn bare() -> Env {
        Env { vars: Default::default(), home: Some(PathBuf::from("/home/ann")), ..Env::real() }
    }

    fn chosen(choice: &Choice) -> Result<Target, Fault> {
        choose(choice, None, &Config::default(), &bare())
    }

    #[test]
    fn parts_make_a_target_that_names_its_fields() {
        let parts =
            Parts { host: "db-7".into(), port: " 5433 ".into(), database: "shop".into(), user: "ann".into() };
        let target = chosen(&Choice::Parts(parts)).expect("a target");
        assert_eq!(target.place, Place::Host { name: "db-7".into(), address: None, port: 5433 });
        assert_eq!(target.sources["host"], "the field Host");
    }

    #[test]
    fn a_part_that_makes_no_sense_is_the_field_that_is_blamed() {
        let parts = Parts { port: "many".into(), ..Parts::default() };
        let fault = chosen(&Choice::Parts(parts)).expect_err("no port");
        assert_eq!(Field::blamed(&fault), Some(Field::Port), "{fault}");
        let parts = Parts { host: "u:p@h".into(), ..Parts::default() };
        let fault = chosen(&Choice::Parts(parts)).expect_err("no host");
        assert_eq!(Field::blamed(&fault), Some(Field::Host), "{fault}");
        assert!(!fault.to_string().contains("u:p"), "{fault}");
    }

    #[test]
    fn of_several_fields_the_first_named_is_blamed_and_a_password_by_its_code() {
        let told = |text: &str| Field::blamed(&Fault::new(Kind::Unreachable, text));
        let answer = "Nothing answers on port 1 from the field Port of host h from the field Host.";
        assert_eq!(told(answer), Some(Field::Port));
        assert_eq!(told("The server at the default refuses."), None);
        let refused =
            Fault::new(Kind::Unreachable, "The server wants a password for user a from the field User");
        assert_eq!(Field::blamed(&refused.code("28P01")), Some(Field::Password));
    }

    #[test]
    fn a_typed_line_is_read_as_on_the_command_line_and_home_as_by_a_shell() {
        let file = chosen(&Choice::Typed(Secret::new(" ~/shop.db "))).expect("a file");
        assert_eq!(file.place, Place::File("/home/ann/shop.db".into()));
        let url = chosen(&Choice::Typed(Secret::new("postgres://ann:canary@h/shop"))).expect("a server");
        assert!(url.notices.is_empty(), "no shell saw it: {:?}", url.notices);
        assert_eq!(url.password, Some(Secret::new("canary")));
        assert!(chosen(&Choice::Typed(Secret::new("nothing"))).is_err());
    }

    #[test]
    fn a_password_of_its_own_counts_over_that_of_the_choice() {
        let line = Choice::Typed(Secret::new("postgres://ann:old@h/shop"));
        let target = choose(&line, Some(&Secret::new("new")), &Config::default(), &bare()).expect("a target");
        assert_eq!(target.password, Some(Secret::new("new")));
    }
}
