//! Staging, planning, confirming and running, as a person does it: nothing is written before the last key, and every state
//! of the screens Plan and Run is looked at.

use super::screens::hold;
use super::world::*;
use crate::job::{Command, Event, Wheel};
use crate::model::fault::{Fault, Kind};
use crate::model::finding::Finding;
use crate::model::ident::{Ident, TableName};
use crate::model::plan::lock::{Held, Mode, Span};
use crate::model::plan::preflight::{Look, Outcome};
use crate::model::plan::refusal::{Refusal, Why};
use crate::model::plan::step::{Copied, Rows, Step, Undo, Work};
use crate::model::plan::{FORMAT, Place as Ground, Plan};
use crate::model::relation::Comparison;
use crate::model::run::{Batch, Course, Ended, News, Rehearsal, RehearsedStep, Run, RunStep, State};
use crate::model::target::Environment;
use crate::tui::mend::arms::IDLE;
use crate::tui::msg::{Effect, Msg};
use crate::tui::overlay::Overlay;
use crate::tui::screen::Place;
use crate::tui::start::Exit;
use std::sync::Arc;
use std::time::Duration;

const VALIDATE: &str = "validate:order_items(order_id)->orders(id)";
const INDEX: &str = "index:refunds(order_id)->orders(id)";

fn step(id: &str, action: Option<usize>, title: &str, mode: Mode) -> Step {
    Step {
        id: id.to_owned(),
        action,
        title: title.to_owned(),
        work: Work::Journal,
        sql: vec![format!("ALTER TABLE {title}")],
        locks: vec![Held { table: "order_items".to_owned(), mode, span: Span::Statement }],
        proof_locks: Vec::new(),
        transactional: true,
        rows: None,
        reach: Vec::new(),
        seconds: Some(21.0),
        undo: Undo::None,
        verify: "The catalog says that the key is valid.".to_owned(),
        again: "It is left alone when it is valid already.".to_owned(),
        after: Vec::new(),
        held_up_by: vec!["Process 41122 (etl) has held ROW EXCLUSIVE on order_items for 14 min.".to_owned()],
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name).expect("a name")
}

fn table(name: &str) -> TableName {
    TableName { schema: ident("public"), name: ident(name) }
}

fn look(what: &str, outcome: Outcome, sentence: &str) -> Look {
    Look { what: what.to_owned(), outcome, sentence: sentence.to_owned() }
}

fn fill() -> Step {
    let mut fill = step("1a", Some(0), "Fill order_items.order_region from orders", Mode::RowExclusive);
    fill.work = Work::Backfill(Box::new(Copied {
        table: table("order_items"),
        column: ident("order_region"),
        column_type: "text".to_owned(),
        parent: table("orders"),
        from: ident("region"),
        from_type: "text".to_owned(),
        along: Vec::new(),
        sameness: Comparison::default(),
        key: Vec::new(),
        passes: 1,
        numbered: None,
        from_array: false,
    }));
    fill.locks[0].span = Span::Batch;
    fill.rows = Some(Rows { count: 8_112_000, exact: false });
    fill.seconds = Some(570.0);
    fill.undo = Undo::Record {
        sentence: "Every value is put back from the journal.".to_owned(),
        statements: vec!["UPDATE order_items AS c SET order_region = NULL".to_owned()],
    };
    fill
}

fn prove() -> Step {
    let mut prove =
        step("1b", Some(0), "Prove order_items_order_id_fkey on order_items", Mode::ShareUpdateExclusive);
    prove.work = Work::ProveKey {
        table: table("order_items"),
        name: ident("order_items_order_id_fkey"),
        probe: false,
    };
    prove
}

pub(super) fn plan(person: &Person) -> Plan {
    let mut journal = step("0", None, "Create the journal of waif, the schema waif", Mode::AccessShare);
    journal.seconds = Some(0.01);
    journal.locks.clear();
    journal.held_up_by.clear();
    Plan {
        format: FORMAT,
        made_by: "waif 0.1.0".to_owned(),
        made_at: "2026-11-20T20:11:00Z".to_owned(),
        place: Ground {
            engine: "postgres".to_owned(),
            version: "16.4".to_owned(),
            version_number: 160_004,
            system_identifier: Some("7710419933790426992".to_owned()),
            timeline: Some("00000001".to_owned()),
            database_number: Some("16384".to_owned()),
            database: "shop".to_owned(),
            address: "db-prod-2:5432".to_owned(),
            role: Some("dba_rw".to_owned()),
            environment: Environment::Production,
            tables: Vec::new(),
            catalog: "sha256:0".to_owned(),
        },
        actions: person.app.mend.staged.actions().to_vec(),
        parameters: person.app.mend.parameters.clone(),
        copies: Vec::new(),
        steps: vec![journal, fill(), prove()],
        refusals: Vec::new(),
        warnings: vec!["A replica is 3.1 s behind; the run waits above 10 s.".to_owned()],
        there: Vec::new(),
        preflight: vec![
            look("rights", Outcome::Passed, "The role has every right the steps need on 2 tables."),
            look("replicas", Outcome::Warned, "1 replica; the last is 3100 ms behind, 10000 ms are allowed."),
            look(
                "disk",
                Outcome::Unknown,
                "about 12,168 MB of WAL and dead rows; free room is not told by the server.",
            ),
        ],
        fingerprint: "sha256:1".to_owned(),
    }
}

/// Somebody who may write, on Findings, with the fix of NOT VALID staged.
pub(super) fn staged(width: u16, height: u16, writes: bool) -> Person {
    let mut person = Person::at_the_shop(width, height);
    person.app.mend.arms.allowed = writes;
    let mut found = findings();
    for finding in &mut found {
        finding.action = match finding.rule {
            "not-valid" => Some(VALIDATE.to_owned()),
            "missing-index" => Some(INDEX.to_owned()),
            "orphan-rows" => Some("quarantine:order_items(order_id)->orders(id)".to_owned()),
            _ => None,
        };
    }
    person.wait(Duration::from_millis(6_200));
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), found))));
    person.press("4/not-valid<enter> ");
    assert!(person.app.mend.staged.len() == 1, "{}", person.screen());
    person
}

/// Shows only what holds a text, whatever was typed before.
pub(super) fn only(person: &mut Person, text: &str) {
    person.press("/").press(&"<backspace>".repeat(40)).press(text).press("<enter>");
}

pub(super) fn planned(width: u16, height: u16) -> Person {
    let mut person = staged(width, height, true);
    person.press("5");
    let plan = plan(&person);
    person.hear(Event::Planned(Ok(Arc::new(plan))));
    person
}

pub(super) fn running(width: u16, height: u16) -> Person {
    let mut person = planned(width, height);
    person.press("Xshop<enter>");
    let steps = plan(&person).steps.iter().map(|step| (step.id.clone(), step.title.clone())).collect();
    person.hear(Event::Run(News::Began { run: "20261121-7f3a00".to_owned(), steps, course: Course::Begins }));
    for (place, state) in [(0, State::Running), (0, State::Finished), (1, State::Running)] {
        person.hear(Event::Run(News::Step { place, state, note: None }));
    }
    person.hear(Event::Run(News::Total { place: 1, rows: 0, total: 8_112_000 }));
    for number in 1..=8 {
        person.wait(Duration::from_secs(1));
        person.hear(batch(number, number * 626_500, 8_112_000));
    }
    person
}

pub(super) fn batch(number: u64, rows: u64, total: u64) -> Event {
    Event::Run(News::Batch(Batch {
        place: 1,
        number,
        changed: 14_180,
        rows,
        total,
        took: Duration::from_millis(141),
        next: 14_180,
        table: "order_items".to_owned(),
    }))
}

pub(super) fn runs() -> Vec<Run> {
    let run = |id: &str, state, note: Option<&str>, plan: String| Run {
        id: id.to_owned(),
        state,
        role: "dba_rw".to_owned(),
        holder: "dba at desk, process 4711".to_owned(),
        note: note.map(str::to_owned),
        started_at: "2026-11-20 20:31:07+00".to_owned(),
        changed_at: "2026-11-20 20:41:07+00".to_owned(),
        ended_at: None,
        steps: vec![RunStep {
            id: "1a".to_owned(),
            state,
            rows: 5_012_000,
            total: Some(8_112_000),
            note: None,
            started_at: None,
            ended_at: None,
            batches: 2_506,
            before: None,
            after: None,
        }],
        rows: 5_012_000,
        restorable: Vec::new(),
        plan,
        epoch: 1,
        session: None,
    };
    vec![
        run("20261121-7f3a00", State::Stopped, Some("A person stopped it."), String::new()),
        run("20261119-00c0de", State::Finished, None, String::new()),
    ]
}

#[test]
fn tabs_lose_their_counts_before_they_lose_their_names() {
    let mut person = staged(80, 24, true);
    let mut many = findings();
    many.extend((0..30).map(|at| Finding { object: format!("table_{at}"), ..findings().remove(0) }));
    person.hear(Event::Checked(Arc::new(checked(shop(), tallies(), many))));
    let tabs = |person: &Person| person.screen().lines().nth(1).unwrap_or_default().to_owned();
    for name in ["1 Overview", "2 Relations", "3 Graph", "Findings", "5 Plan", "6 Run", "7 Log"] {
        assert!(tabs(&person).contains(name), "{name}: {}", tabs(&person));
    }
    person.msg(Msg::Resize(120, 40)).wait(Duration::ZERO);
    assert!(tabs(&person).contains("5 Plan 1"), "{}", tabs(&person));
}

#[test]
fn space_stages_the_suggested_fix_and_takes_it_away_again() {
    let mut person = staged(120, 40, false);
    assert!(person.sees("5 Plan 1") && person.sees("Staged validate:"), "{}", person.screen());
    assert!(person.selected().contains(">+"), "{}", person.selected());
    person.press(" ");
    assert!(person.app.mend.staged.is_empty() && !person.sees("5 Plan 1"));
}

#[test]
fn where_several_fixes_fit_enter_takes_the_first() {
    let mut person = staged(120, 40, false);
    person.press(" 2");
    only(&mut person, "refunds");
    person.press(" ");
    assert_eq!(person.app.mend.staged.actions().first().map(ToString::to_string).as_deref(), Some(INDEX));
    person.press(" ");
    // A relation that is NOT VALID and lacks its index has two.
    let mut both = findings();
    both[4].action = Some(INDEX.replace("refunds", "order_items"));
    person.hear(Event::Found(Arc::new(both)));
    only(&mut person, "order_items(order");
    person.press(" ");
    assert!(person.sees("Stage a fix"), "{}", person.screen());
    person.press("<enter>");
    assert_eq!(person.app.mend.staged.len(), 1);
}

#[test]
fn rows_without_a_parent_are_staged_to_be_taken_away() {
    let mut person = staged(120, 40, false);
    only(&mut person, "orphan");
    person.press(" ");
    assert_eq!(person.app.mend.staged.len(), 2, "{}", person.screen());
    let last = person.app.mend.staged.actions().last().map(ToString::to_string).unwrap_or_default();
    assert!(last.starts_with("quarantine:"), "{last}");
}

#[test]
fn the_plan_is_asked_for_when_it_is_looked_at_and_again_when_what_is_staged_changes() {
    let plans = |person: &Person| {
        person.commands().iter().filter(|command| matches!(command, Command::Plan(_))).count()
    };
    let mut person = staged(120, 40, true);
    assert_eq!(plans(&person), 0);
    person.press("5");
    assert_eq!(plans(&person), 1);
    person.press("v");
    assert_eq!(plans(&person), 1, "one question at a time");
    let made = plan(&person);
    person.hear(Event::Planned(Ok(Arc::new(made.clone()))));
    person.press("4");
    only(&mut person, "missing-index");
    person.press(" 5");
    assert_eq!(plans(&person), 2);
    person.hear(Event::Planned(Ok(Arc::new(Plan {
        actions: person.app.mend.staged.actions().to_vec(),
        ..made
    }))));
    person.press("J");
    assert_eq!(person.app.mend.staged.actions()[0].to_string(), INDEX);
    assert_eq!(plans(&person), 3);
}

#[test]
fn nothing_is_written_without_permission() {
    let mut person = staged(120, 40, false);
    assert!(person.sees("READ-ONLY"));
    person.press("5");
    let made = plan(&person);
    person.hear(Event::Planned(Ok(Arc::new(made))));
    person.press("X");
    assert!(person.app.overlay.is_none() && person.sees("--allow-writes"), "{}", person.screen());
    person.press("d");
    assert!(!person.commands().iter().any(|command| matches!(command, Command::Rehearse { .. })));
}

#[test]
fn on_production_only_the_whole_name_runs_it() {
    let mut person = planned(120, 40);
    let ran =
        |person: &Person| person.commands().iter().any(|command| matches!(command, Command::Run { .. }));
    person.press("X");
    assert!(person.sees("WRITES ON") && person.sees("locked"), "{}", person.screen());
    person.press("<enter>sho<enter>");
    assert!(!ran(&person) && person.sees("Execute on PRODUCTION"));
    person.press("<esc>");
    assert!(!ran(&person) && person.sees("WRITES OFF") && person.app.overlay.is_none());
    person.press("Xshop");
    assert!(person.sees("Enter runs it"));
    person.press("<enter>");
    let Some(Command::Run { consent, .. }) =
        person.commands().into_iter().find(|c| matches!(c, Command::Run { .. }))
    else {
        panic!("no run: {}", person.screen());
    };
    assert!(consent.writes && consent.confirmed.as_deref() == Some("shop"));
    assert!(person.sees("WRITING") && person.app.place == Place::Run);
}

#[test]
fn arming_lapses_without_keys_and_with_the_connection() {
    let mut person = planned(120, 40);
    person.press("X").wait(IDLE - Duration::from_secs(1));
    assert!(person.app.overlay.is_some());
    person.wait(Duration::from_secs(1));
    assert!(person.app.overlay.is_none() && person.sees("Arming has lapsed"), "{}", person.screen());
    type Cut = fn(&mut Person);
    let cuts: [(&str, Cut); 5] = [
        ("the same server answers again", |person| {
            person.hear(Event::Connected(Arc::new(server())));
        }),
        ("another server answers", |person| {
            let mut other = server();
            other.standby = true;
            person.hear(Event::Connected(Arc::new(other)));
        }),
        ("the connection is lost", |person| {
            person.hear(Event::Failed(Fault::new(Kind::Lost, "The connection is gone.")));
        }),
        ("the desk is gone", |person| {
            person.msg(Msg::DeskGone);
        }),
        ("waif was put aside", |person| {
            person.msg(Msg::Suspended);
        }),
    ];
    for (what, cut) in cuts {
        let mut person = planned(120, 40);
        person.press("Xshop");
        assert!(person.app.mend.arms.is_armed());
        cut(&mut person);
        assert!(!person.app.mend.arms.is_armed(), "{what}");
        assert!(!matches!(person.app.overlay, Some(Overlay::Confirm(_))), "{what}: the name is not kept");
        person.press("<enter>");
        let ran = person.commands().iter().any(|command| matches!(command, Command::Run { .. }));
        assert!(!ran, "{what}: {}", person.screen());
    }
}

#[test]
fn a_run_is_not_gone_on_with_under_a_name_typed_long_ago() {
    let mut person = planned(120, 40);
    person.press("Xshop").wait(IDLE);
    person.press("<enter>");
    assert!(!person.commands().iter().any(|command| matches!(command, Command::Run { .. })));
    assert!(!person.app.mend.arms.is_armed() && person.sees("WRITES OFF"), "{}", person.screen());
    person.press("X<enter>");
    assert!(
        !person.commands().iter().any(|command| matches!(command, Command::Run { .. })),
        "nothing was kept"
    );
}

#[test]
fn a_refused_plan_is_not_run_and_tells_every_reason() {
    let mut person = refused(120, 40);
    assert!(person.sees("REFUSED, 2 reasons") && person.sees("GRANT"), "{}", person.screen());
    person.press("X");
    assert!(person.app.overlay.is_none() && person.sees("The plan is refused"));
}

#[test]
fn a_run_is_paused_steered_and_stopped_by_keys() {
    let mut person = running(120, 40);
    person.press("pp+-cc");
    let steered: Vec<Wheel> = person
        .commands()
        .iter()
        .filter_map(|command| match command {
            Command::Steer(wheel) => Some(*wheel),
            _ => None,
        })
        .collect();
    assert_eq!(
        steered,
        [
            Wheel::Pause(true),
            Wheel::Pause(false),
            Wheel::Batch(Some(21_270)),
            Wheel::Batch(Some(14_180)),
            Wheel::Stop,
            Wheel::Stop
        ]
    );
}

#[test]
fn leaving_the_screen_stops_nothing_and_leaving_waif_asks_first() {
    let mut person = running(120, 40);
    person.press("<esc>1");
    assert!(
        person.app.mend.is_running() && !person.commands().iter().any(|c| matches!(c, Command::Steer(_)))
    );
    person.press("R");
    assert!(person.sees("A run goes on"), "{}", person.screen());
    person.press("q");
    assert!(person.sees("Leave while a run goes on?") && !left(&person), "{}", person.screen());
    person.press("<enter>");
    assert!(person.commands().contains(&&Command::Steer(Wheel::Stop)) && !left(&person));
    person.hear(Event::Run(News::Ended(Ended::Stopped)));
    assert!(left(&person));
}

#[test]
fn interrupts_stop_after_the_batch_then_at_once_then_leave() {
    let mut person = running(120, 40);
    person.press("<ctrl-c>");
    assert!(person.sees("Stopping after this batch"), "{}", person.screen());
    person.press("<ctrl-c>");
    assert!(person.sees("Interrupting") && !left(&person));
    person.press("<ctrl-c>");
    assert!(left(&person));
}

fn left(person: &Person) -> bool {
    person.effects.iter().any(|effect| matches!(effect, Effect::Leave(Exit::Quit | Exit::Interrupted)))
}

#[test]
fn what_came_since_a_proof_stands_where_the_run_ends() {
    let mut person = running(80, 24);
    let came = "Fill events.parent_day: since it was proved 3,372 rows came with parent_day NULL";
    person.hear(Event::Run(News::Since(came.to_owned())));
    person.hear(Event::Run(News::Ended(Ended::Finished)));
    assert!(person.sees("since it was proved 3,372 rows"), "{}", person.screen());
    assert!(!person.sees("Nothing is left to do"), "{}", person.screen());
}

#[test]
fn the_end_of_a_run_rings_unstages_and_counts_again() {
    let mut person = running(120, 40);
    person.hear(Event::Run(News::Ended(Ended::Finished)));
    assert!(
        person
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Notify(text) if text.contains("finished")))
            && person.app.mend.staged.is_empty()
    );
    assert!(person.commands().iter().filter(|command| matches!(command, Command::Check { .. })).count() == 2);
    assert!(person.sees("FINISHED and proved"));
}

#[test]
fn a_total_that_was_passed_is_no_hundred_percent() {
    let mut person = running(120, 40);
    person.hear(batch(9, 9_000_000, 8_112_000));
    assert!(person.sees("≥99 %") && person.sees("over the 8,112,000 counted"), "{}", person.screen());
}

#[test]
fn the_plan_leaves_as_a_file() {
    let mut person = planned(120, 40);
    person.press("w<enter>");
    assert!(person.sees("waif-plan-") && person.sees(".json"), "{}", person.screen());
    person.press("<enter>");
    assert!(person.effects.iter().any(|effect| matches!(effect, Effect::File(_))));
}

fn refused(width: u16, height: u16) -> Person {
    let mut person = staged(width, height, true);
    person.press("5");
    let mut made = plan(&person);
    made.steps.truncate(1);
    made.refusals = vec![
        Refusal {
            why: Why::Right,
            action: Some(0),
            sentence: "dba_rw may not alter order_items: it is owned by shop_owner.".to_owned(),
            remedy: Some("GRANT shop_owner TO dba_rw;".to_owned()),
        },
        Refusal {
            why: Why::Orphans,
            action: Some(0),
            sentence: "41,207 orphans stand against it, and nothing that is staged removes them.".to_owned(),
            remedy: Some("Mend them first.".to_owned()),
        },
    ];
    person.hear(Event::Planned(Ok(Arc::new(made))));
    person
}

#[test]
fn plan_when_nothing_is_staged() {
    hold("plan_empty", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("5");
        person
    });
}

#[test]
fn plan_while_it_is_made() {
    hold("plan_loading", |width, height| {
        let mut person = staged(width, height, true);
        person.press("5").hear(Event::Planning("surveying")).wait(Duration::from_millis(1_200));
        person
    });
}

#[test]
fn plan_when_it_is_made() {
    hold("plan_made", planned);
}

#[test]
fn plan_when_it_is_refused() {
    hold("plan_refused", refused);
}

#[test]
fn plan_when_it_could_not_be_made() {
    hold("plan_failed", |width, height| {
        let mut person = staged(width, height, true);
        person.press("5");
        let fault = Fault::new(Kind::Busy, "Somebody holds the catalog locked.").because("lock timeout");
        person.hear(Event::Planned(Err(fault.hint("Try again when they are done."))));
        person
    });
}

#[test]
fn plan_after_a_rehearsal() {
    hold("plan_rehearsed", |width, height| {
        let mut person = planned(width, height);
        person.press("d");
        let step = |id: &str, failed, note: Option<&str>| RehearsedStep {
            id: id.to_owned(),
            rows: Some(2_000),
            of: Some(8_112_000),
            seconds: Some(3.8),
            locks: vec![
                ("order_items".to_owned(), "AccessShareLock".to_owned()),
                ("order_items".to_owned(), "RowExclusiveLock".to_owned()),
            ],
            note: note.map(str::to_owned),
            failed,
        };
        let steps = vec![step("1a", false, None), step("1b", true, Some("41,207 rows have no parent."))];
        person.hear(Event::Rehearsed(Ok(Rehearsal { steps, wal: Some(300_000) })));
        person
    });
}

#[test]
fn the_confirmation() {
    hold("confirm_production", |width, height| {
        let mut person = planned(width, height);
        person.press("Xsho");
        person
    });
}

#[test]
fn run_as_it_goes_on() {
    hold("run_going", running);
}

#[test]
fn run_as_it_waits() {
    hold("run_waiting", |width, height| {
        let mut person = running(width, height);
        person.hear(Event::Run(News::Waiting("A replica is 12.4 s behind; it waits below 10 s.".to_owned())));
        person.wait(Duration::from_secs(3));
        person
    });
}

#[test]
fn run_when_it_failed() {
    hold("run_failed", |width, height| {
        let mut person = running(width, height);
        let fault = Fault::new(Kind::Denied, "The right to change order_items was taken away.");
        person.hear(Event::Run(News::Step { place: 1, state: State::Failed, note: None }));
        person.hear(Event::Run(News::Ended(Ended::Failed(fault.hint("Grant it, then go on with the run.")))));
        person
    });
}

#[test]
fn runs_of_the_journal() {
    hold("runs", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("6").hear(Event::Runs(Ok(runs())));
        person
    });
}

#[test]
fn runs_when_there_are_none() {
    hold("runs_none", |width, height| {
        let mut person = Person::after_the_check(width, height);
        person.press("6").hear(Event::Runs(Ok(Vec::new())));
        person
    });
}

#[test]
fn the_question_before_leaving() {
    hold("leaving", |width, height| {
        let mut person = running(width, height);
        person.press("1q");
        person
    });
}
