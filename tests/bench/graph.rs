//! How long the graph takes: the layout of a picture, and each key of the screen over a large schema, without terminal
//! and without counting. What is timed is the key with the frame after it.

use crate::support::{Dice, SqliteFile};
use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};
use waif::config::{Env, Given, Resolved, load, resolve};
use waif::job::{Command, Event, open};
use waif::model::catalog::Catalog;
use waif::model::policy::Policy;
use waif::model::scope::Scope;
use waif::model::tally::{Counts, Tally};
use waif::model::target::Target;
use waif::tui::book::Book;
use waif::tui::measure::{Screen, layout};
use waif::tui::start::{Look, Start};

/// What a person does, over and over: a word for it, what leads there, the key that is timed.
const KEYS: [(&str, &str, &str); 12] = [
    ("the first picture", "1", "3"),
    ("walk along an edge", "3", "l"),
    ("walk down", "3", "j"),
    ("walk up", "3", "k"),
    ("another hop", "3---", "+"),
    ("another table in the middle", "3lj", "\r"),
    ("tree", "3", "t"),
    ("path", "3Pt99", "\r"),
    ("find a table, a letter", "3/t", "9"),
    ("order of load and delete", "3", "O"),
    ("cycles", "3", "K"),
    ("only broken", "3", "!"),
];

/// Lays out sixty boxes: a comb, and tangles of growing density.
pub fn layouts(rounds: usize) {
    println!("\n## Layout of 60 tables\n\n| lines | median ms | longest ms |\n|---|---|---|");
    let comb: Vec<(usize, usize)> = (1..60).map(|child| (child, 0)).collect();
    let mut dice = Dice::new(7);
    let mut tangle =
        |many| -> Vec<(usize, usize)> { (0..many).map(|_| (dice.below(60), dice.below(60))).collect() };
    let pictures = [
        ("59, to one table", comb),
        ("60, anyhow", tangle(60)),
        ("120, anyhow", tangle(120)),
        ("240, anyhow", tangle(240)),
    ];
    for (what, lines) in pictures {
        print(
            what,
            (0..rounds.max(20))
                .map(|_| {
                    timed(|| {
                        std::hint::black_box(layout(60, &lines));
                    })
                })
                .collect(),
        );
    }
}

/// Presses keys over schemas with two foreign keys a table: one that could be loaded in order but for a few pairs, one
/// in which nearly everything hangs on everything.
pub fn keys(tables: u64, rounds: usize) {
    for (what, tangled) in [("in layers", false), ("tangled", true)] {
        let file = SqliteFile::with(&schema(tables, tangled));
        over(&format!("{tables} tables, {what}"), &file.target(), rounds);
    }
}

/// Presses keys over a database that is there already.
pub fn over(title: &str, target: &str, rounds: usize) {
    let target = resolved(target);
    let catalog = catalog(target.clone());
    println!(
        "\n## Graph: {title}, {} relations\n\n| key | median ms | longest ms |\n|---|---|---|",
        catalog.relations.len()
    );
    let start = Start {
        writes: Default::default(),
        target: Some(target),
        book: Book::default(),
        scope: Scope::default(),
        policy: Policy::default(),
        memory: None,
        watch: Duration::from_secs(60),
        look: Look::default(),
    };
    let new = || Screen::of(&start, catalog.clone(), (160, 45)).unwrap_or_else(|fault| panic!("{fault:?}"));
    for (what, way, key) in KEYS {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let mut screen = new();
            screen.press(way);
            screen.frame();
            times.push(timed(|| {
                screen.press(key);
                screen.frame();
            }));
        }
        print(what, times);
    }
    for (what, way) in [
        ("a count arrives, picture", "3+"),
        ("a count arrives, tree", "3++++t"),
        ("a count arrives, path", "3Pt99\r"),
        ("a count arrives, all tables", "3A"),
    ] {
        let mut screen = new();
        screen.press(way);
        screen.frame();
        let counts = Counts {
            rows: Some(10),
            orphans: Some(1),
            null_keys: None,
            partly_null: None,
            missing_parents: Some(1),
        };
        let times = (0..rounds * 20).map(|relation| {
            timed(|| {
                screen.tallied(relation, Tally::counted(counts, 0.1));
                screen.wait(Duration::from_millis(33));
                screen.frame();
            })
        });
        print(what, times.collect());
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: Option<&Duration>| time.map_or(0.0, Duration::as_secs_f64) * 1000.0;
    println!("| {what} | {:.2} | {:.2} |", ms(times.get(times.len() / 2)), ms(times.last()));
}

fn schema(tables: u64, tangled: bool) -> String {
    let mut dice = Dice::new(11);
    let mut script = String::from("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;\n");
    for number in 0..tables {
        let below = if tangled { tables } else { number.max(1) } as usize;
        let far = dice.below(below);
        let near = match number % 500 {
            0 if number + 1 < tables => number + 1,
            _ => number.saturating_sub(1 + dice.below(40) as u64),
        };
        script.push_str(&format!(
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, far_id INTEGER REFERENCES t{far} (id) ON DELETE CASCADE,
               near_id INTEGER REFERENCES t{near} (id));\n"
        ));
    }
    script.push_str("COMMIT;\n");
    script
}

fn resolved(target: &str) -> Target {
    let given = Given { target: Some(OsString::from(target)), ..Given::default() };
    let env = Env::real();
    let config = load(&given, &env).unwrap_or_else(|fault| panic!("{fault:?}"));
    match resolve(&given, &config, &env).unwrap_or_else(|fault| panic!("{fault:?}")) {
        Resolved::Target(target) => *target,
        Resolved::NothingGiven { tried } => panic!("{tried:?}"),
    }
}

/// The catalog as the desk reads it; the check that follows is stopped.
fn catalog(target: Target) -> Arc<Catalog> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut desk = open(target, None);
        let check = Command::Check { scope: Scope::default(), policy: Policy::default() };
        desk.commands.send(check).expect("a desk");
        let mut read = None;
        while let Some(event) = desk.events.recv().await {
            match event {
                Event::Cataloged(catalog) => {
                    read = Some(catalog);
                    desk.commands.send(Command::Close).expect("a desk");
                }
                Event::Failed(fault) if read.is_none() => panic!("{fault:?}"),
                Event::Closed => break,
                _ => {}
            }
        }
        read.expect("a catalog")
    })
}
