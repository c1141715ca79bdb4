//! The connection picker as a person meets it: choosing, typing, going wrong, and what never shows.

use super::world::*;
use crate::config::{Choice, Parts};
use crate::job::Event;
use crate::model::fault::{Fault, Kind};
use crate::model::scope::Scope;
use crate::model::secret::Secret;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Target};
use crate::tui::book::{Call, Dialed, Line};
use crate::tui::msg::{Effect, Msg};
use crate::tui::overlay::picker::connect;
use crate::tui::start::{Exit, Look};
use std::sync::Arc;
use std::time::Duration;

const SIZES: [(u16, u16); 5] = [(40, 10), (60, 16), (80, 24), (120, 40), (160, 45)];

fn hold(name: &str, state: impl Fn(u16, u16) -> Person) {
    let mut shown = String::new();
    for (width, height) in SIZES {
        shown.push_str(&format!("── {width}x{height}\n{}", state(width, height).screen()));
    }
    insta::assert_snapshot!(name, shown);
}

fn line(name: &str, environment: Environment, engine: EngineKind, place: &str) -> Line {
    let choice = Choice::Profile(name.to_owned());
    Line { choice, name: name.to_owned(), environment, engine, place: place.to_owned() }
}

fn lines() -> Vec<Line> {
    let mut lines = vec![
        line("prod", Environment::Production, EngineKind::Postgres, "db-prod-2:5432/shop"),
        line("staging", Environment::Staging, EngineKind::Postgres, "db-stage-1:5432/shop"),
        line("dev", Environment::Development, EngineKind::Sqlite, "~/shop/dev.db"),
    ];
    lines.push(Line {
        choice: Choice::Service("archive".to_owned()),
        ..line("service=archive", Environment::Production, EngineKind::Postgres, "~/.pg_service.conf")
    });
    lines
}

const TRIED: [&str; 5] = [
    "No TARGET was given.",
    "Neither --profile nor WAIF_PROFILE names a profile.",
    "DATABASE_URL is not set.",
    "None of PGHOST, PGHOSTADDR, PGPORT, PGDATABASE, PGSERVICE is set.",
    "The profiles are dev, prod, staging, and default_profile names none of them.",
];

fn choosing(width: u16, height: u16) -> Person {
    Person::choosing(width, height, lines(), &TRIED)
}

/// What was dialed last.
fn order(person: &Person) -> Option<(u64, Call)> {
    person.effects.iter().rev().find_map(|effect| match effect {
        Effect::Dial(number, order) => Some((*number, (**order).clone())),
        _ => None,
    })
}

fn found(person: &mut Person, target: Target) {
    let (number, _) = order(person).expect("something was dialed");
    let found = Dialed { target, scope: Scope::default(), writes: false };
    person.msg(Msg::Dialed(number, Ok(Box::new(found))));
}

fn target() -> Target {
    start(Look::default()).target.expect("a target")
}

fn refused(code: &str) -> Event {
    let words = "The server wants a password for user dba_ro, and none was given.";
    Event::Failed(Fault::new(Kind::Unreachable, words).code(code).hint("Type it."))
}

fn typed_parts(person: &mut Person) {
    person.press("<tab><tab><tab>db-7<tab>5433<tab>shop<tab>ann<tab>geheim");
}

#[test]
fn with_connections_to_choose_from() {
    hold("picker_profiles", choosing);
}

#[test]
fn with_nothing_configured() {
    hold("picker_empty", |width, height| {
        let tried = [&TRIED[..4], &["The configuration has no profile."]].concat();
        Person::choosing(width, height, Vec::new(), &tried)
    });
}

#[test]
fn with_more_connections_than_fit_and_a_filter() {
    let many = || {
        (0..200).map(|at| {
            let name = format!("tenant-{at:03}");
            line(
                &name,
                Environment::Staging,
                EngineKind::Postgres,
                &format!("pg-{at:03}.example.org:6432/tenant_with_a_long_name"),
            )
        })
    };
    hold("picker_many", |width, height| {
        let mut person = Person::choosing(width, height, many().collect(), &TRIED);
        person.press("/-04<enter>jj");
        person
    });
}

#[test]
fn with_names_from_elsewhere() {
    hold("picker_hostile", |width, height| {
        let lines = vec![
            line("注文データベース・本番", Environment::Production, EngineKind::Postgres, "db:5432/注文"),
            line("a\u{1b}[2J\u{202e}b", Environment::Development, EngineKind::Sqlite, "\u{200b}x.db"),
            line("e\u{301}tat", Environment::Staging, EngineKind::Postgres, "h/\u{7}d"),
        ];
        Person::choosing(width, height, lines, &[])
    });
}

#[test]
fn with_a_fault_on_the_field_it_is_about() {
    hold("picker_fault", |width, height| {
        let mut person = choosing(width, height);
        typed_parts(&mut person);
        person.press("<enter>");
        let (number, _) = order(&person).expect("an order");
        let words = "The port from the field Port is not a number from 1 to 65535.";
        let fault = Fault::new(Kind::Usage, words).hint("PostgreSQL listens on 5432 unless told otherwise.");
        person.msg(Msg::Dialed(number, Err(fault)));
        person
    });
}

#[test]
fn with_a_password_that_shows_only_its_length() {
    hold("picker_password", |width, height| {
        let mut person = choosing(width, height);
        typed_parts(&mut person);
        person
    });
}

#[test]
fn with_a_password_to_be_asked_for() {
    hold("picker_asks", |width, height| {
        let mut person = choosing(width, height);
        person.press("<enter>");
        found(&mut person, target());
        person.hear(refused("28P01"));
        person.press("geheim");
        person
    });
}

#[test]
fn while_it_connects() {
    hold("picker_connecting", |width, height| {
        let mut person = choosing(width, height);
        person.press("<enter>");
        found(&mut person, target());
        person.wait(Duration::from_millis(2_300));
        person
    });
}

#[test]
fn a_chosen_profile_is_dialed_and_the_screen_opens_when_the_connection_stands() {
    let mut person = choosing(80, 24);
    person.press("j<enter>");
    assert_eq!(
        order(&person).map(|(_, order)| order),
        Some(Call::New(Choice::Profile("staging".to_owned()), None))
    );
    found(&mut person, target());
    assert!(person.effects.iter().any(|effect| matches!(effect, Effect::Switch(_))));
    assert!(person.sees("connecting, "), "{:?}", person.lines());
    person.hear(Event::Connected(Arc::new(server())));
    assert!(!person.sees("Connections") && person.sees("[1 Overview]"), "{:?}", person.lines());
}

#[test]
fn what_is_typed_in_the_fields_is_dialed_and_the_password_stays_hidden() {
    let mut person = choosing(80, 24);
    typed_parts(&mut person);
    assert!(person.sees("******") && !person.sees("geheim"));
    person.press("<enter>");
    let parts = Parts {
        host: "db-7".to_owned(),
        port: "5433".to_owned(),
        database: "shop".to_owned(),
        user: "ann".to_owned(),
    };
    let expected = Call::New(Choice::Parts(parts), Some(Secret::new("geheim")));
    assert_eq!(order(&person).map(|(_, order)| order), Some(expected));
    let printed = format!("{:?} {:?}", person.app, person.effects);
    assert!(!printed.contains("geheim"), "the password can be printed");
}

#[test]
fn a_refused_password_comes_back_to_its_field_emptied_and_the_rest_stays() {
    let mut person = choosing(80, 24);
    typed_parts(&mut person);
    person.press("<enter>");
    found(&mut person, Target { password: Some(Secret::new("geheim")), ..target() });
    person.hear(refused("28P01"));
    assert!(person.sees("The server wants a password"), "{:?}", person.lines());
    assert!(person.sees("> Password") && !person.sees("*") && person.sees("db-7"), "{:?}", person.lines());
    person.press("richtig<enter>");
    let (_, again) = order(&person).expect("an order");
    assert!(
        matches!(again, Call::New(Choice::Parts(_), Some(password)) if password == Secret::new("richtig"))
    );
}

#[test]
fn a_target_from_the_command_line_that_wants_a_password_asks_for_it() {
    let mut person = Person::new(80, 24);
    person.hear(refused("28P01"));
    person.hear(Event::Closed);
    assert!(person.sees("Password for dba_ro, shop on db-prod-2:5432"), "{:?}", person.lines());
    person.press("geheim<enter>");
    assert_eq!(order(&person).map(|(_, order)| order), Some(Call::Again(Secret::new("geheim"))));
}

#[test]
fn a_role_that_may_not_log_in_is_asked_for_a_password_only_when_none_was_sent() {
    let mut person = Person::new(80, 24);
    person.hear(Event::Failed(Fault::new(Kind::Unreachable, "not admitted").code("28000")));
    assert!(person.sees("Password for"));
    let mut person = choosing(80, 24);
    person.press("<enter>");
    found(&mut person, Target { password: Some(Secret::new("x")), ..target() });
    person.hear(Event::Failed(Fault::new(Kind::Unreachable, "not admitted").code("28000")));
    assert!(!person.sees("Password for") && person.sees("not admitted"), "{:?}", person.lines());
}

#[test]
fn nothing_of_the_old_database_shows_under_the_new_name() {
    let mut person = Person::after_the_check(80, 24);
    person.press("2/order<enter><enter>");
    person.press("C");
    assert!(
        person.sees("Connections") && person.sees("Now at shop on db-prod-2:5432"),
        "{:?}",
        person.lines()
    );
    person.press("C");
    person.msg(Msg::Paste("./other.db".to_owned()));
    person.press("<enter>");
    found(&mut person, Target { database: Some("other".to_owned()), ..target() });
    person.hear(Event::Connected(Arc::new(server())));
    for key in ["1", "2", "3", "4", "7"] {
        person.press(key);
        assert!(!person.sees("order"), "{key}: {:?}", person.lines());
    }
    assert!(person.app.facts.log.entries.is_empty() && person.app.facts.catalog.is_none());
}

#[test]
fn escape_goes_back_to_the_database_one_came_from_and_q_leaves_only_where_there_is_none() {
    let mut person = Person::after_the_check(80, 24);
    person.press("C<esc>");
    assert!(person.sees("Complete") || person.sees("INCOMPLETE"));
    person.press("<esc>");
    assert!(person.sees("nothing to go back to"));
    assert!(person.effects.iter().all(|effect| !matches!(effect, Effect::Leave(_) | Effect::HangUp)));
    let mut person = choosing(80, 24);
    person.press("<esc><esc>");
    assert!(person.sees("Connections"));
    person.press("q");
    assert_eq!(person.effects.last(), Some(&Effect::Leave(Exit::Quit)));
}

#[test]
fn escape_takes_a_choice_back_and_its_late_answer_is_nobodys() {
    let mut person = choosing(80, 24);
    person.press("<enter>");
    let (first, _) = order(&person).expect("an order");
    person.press("<esc>j<enter>");
    let late = Dialed { target: target(), scope: Scope::default(), writes: false };
    person.msg(Msg::Dialed(first, Ok(Box::new(late))));
    assert!(person.effects.iter().all(|effect| !matches!(effect, Effect::Switch(_))));
    found(&mut person, target());
    person.press("<esc>");
    assert_eq!(person.effects.last(), Some(&Effect::HangUp));
    assert!(person.sees("NO CONNECTION"), "{:?}", person.lines());
}

#[test]
fn hostile_paste_runs_nothing_and_hides_nothing() {
    let hostile = "a\u{1b}[2J\u{202e}b\nq\n";
    let mut person = choosing(80, 24);
    person.press("/");
    person.msg(Msg::Paste(hostile.to_owned()));
    assert!(person.sees("filter /a\\x1B[2J\\u{202E}b"), "{:?}", person.lines());
    person.press("<esc><tab>");
    person.msg(Msg::Paste(hostile.to_owned()));
    assert!(person.sees("a[2J\\u{202E}b"), "{:?}", person.lines());
    person.press("<tab><tab>");
    person.msg(Msg::Paste(hostile.to_owned()));
    assert!(person.sees("a\\x1B[2J\\u{202E}b"), "{:?}", person.lines());
    assert!(person.effects.is_empty(), "{:?}", person.effects);
}

#[test]
fn the_engine_turns_with_the_space_key_and_a_file_has_one_field() {
    let mut person = choosing(80, 24);
    person.press("<tab><tab> <tab>shop.db");
    assert!(
        person.sees("SQLite") && person.sees("shop.db") && !person.sees("  Host"),
        "{:?}",
        person.lines()
    );
    person.press("<enter>");
    assert_eq!(
        order(&person).map(|(_, order)| order),
        Some(Call::New(Choice::File("shop.db".to_owned()), None))
    );
}

#[test]
fn the_palette_finds_a_profile_and_connects_to_it() {
    let mut person = Person::after_the_check(80, 24);
    person.app.book.lines = lines();
    person.press(":stagin");
    assert!(person.sees("staging"), "{:?}", person.lines());
    person.press("<enter>");
    let expected = Call::New(Choice::Profile("staging".to_owned()), None);
    assert_eq!(order(&person).map(|(_, order)| order), Some(expected));
    assert!(person.sees("looking the target up"), "{:?}", person.lines());
}

#[test]
fn a_connection_can_be_called_by_its_line_from_anywhere() {
    let mut person = choosing(80, 24);
    let effects = connect::to(&mut person.app, 2);
    assert!(
        matches!(&effects[..], [Effect::Dial(_, order)] if **order == Call::New(Choice::Profile("dev".to_owned()), None))
    );
}

#[test]
fn after_the_connection_is_lost_every_figure_says_that_it_is_stale_until_it_is_counted_again() {
    let mut person = Person::after_the_check(120, 40);
    person.wait(Duration::from_secs(180));
    person.hear(Event::Failed(Fault::new(Kind::Lost, "The connection was lost.")));
    person.hear(Event::Closed);
    person.press("<esc>");
    assert!(
        person.sees("stale, checked 3 min ago") && person.sees("STALE The connection"),
        "{:?}",
        person.lines()
    );
    person.press("2");
    person.press("R");
    assert!(person.effects.contains(&Effect::Reopen));
    assert!(person.sees("STALE connecting") && person.sees("was clean"), "{:?}", person.lines());
    assert!(person.app.facts.score.clean == 0 && person.app.facts.score.orphans == 0, "old figures count");
    person.hear(Event::Connected(Arc::new(server())));
    assert!(person.sees("STALE"), "{:?}", person.lines());
    person.hear(Event::Cataloged(Arc::new(shop())));
    assert!(!person.sees("STALE") && person.sees("was clean"), "{:?}", person.lines());
}

#[test]
fn a_question_to_a_desk_that_is_gone_is_asked_again_on_the_new_connection() {
    let mut person = Person::after_the_check(80, 24);
    person.press("<enter>");
    person.hear(Event::Failed(Fault::new(Kind::Lost, "The connection was lost.")));
    person.hear(Event::Closed);
    person.press("r");
    let relation = person.app.screens.relation.as_ref().expect("a relation");
    assert!(!relation.is_waiting(), "nobody answers any more");
    person.hear(Event::Connected(Arc::new(server())));
    person.hear(Event::Cataloged(Arc::new(shop())));
    let asked = person.commands().len();
    person.hear(Event::Tallied { relation: 2, tally: orphaned(2_310_442, 41_207, 1_164) });
    assert!(person.commands().len() > asked, "the lists are asked for anew");
}
