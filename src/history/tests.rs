//! What the store keeps, what it survives, and what the trend dares to say.

use super::*;
use crate::model::finding::Severity;
use crate::model::server::EngineKind;
use crate::model::target::{Environment, Place as At, Target, TlsDemand};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn target(place: At) -> Target {
    Target {
        engine: EngineKind::Postgres,
        place,
        database: Some("shop".to_owned()),
        user: Some("tess".to_owned()),
        password: Some(crate::model::secret::Secret::new("hunter2")),
        tls: TlsDemand::default(),
        connect_timeout: 10,
        options: None,
        application_name: "waif".to_owned(),
        attach: Vec::new(),
        environment: Environment::Production,
        profile: None,
        before: None,
        password_command: None,
        sources: BTreeMap::new(),
        notices: Vec::new(),
    }
}

fn host(name: &str, port: u16) -> Target {
    target(At::Host { name: name.to_owned(), address: None, port })
}

fn store(state: &TempDir) -> Store {
    Store::of(state.path(), &host("db-7", 5432)).expect("a place")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn kept(id: &str, verdict: Said, orphans: Option<u64>) -> Kept {
    let exact = matches!(verdict, Said::Clean | Said::Orphans);
    Kept { id: id.to_owned(), verdict, rows: Some(1_000), orphans, exact }
}

fn seen(rule: &str, object: &str, rows: Option<u64>) -> Seen {
    Seen {
        rule: rule.to_owned(),
        object: object.to_owned(),
        relation: object.contains("->").then(|| object.to_owned()),
        severity: Severity::High,
        rows,
        aside: false,
        first_seen: at("2026-10-10T08:00:00Z"),
    }
}

const A: &str = "a(b_id)->b(id)";
const B: &str = "b(c_id)->c(id)";

/// A whole check that found `orphans` behind the relation A, and B clean.
fn record(ended: &str, orphans: u64) -> Record {
    let mut findings = Vec::new();
    if orphans > 0 {
        findings.push(seen("orphan-rows", A, Some(orphans)));
    }
    let verdict = if orphans > 0 { Said::Orphans } else { Said::Clean };
    let relations = vec![kept(A, verdict, Some(orphans)), kept(B, Said::Clean, Some(0))];
    Record {
        format: 1,
        target: "postgres://db-7:5432/shop".to_owned(),
        began: at(ended),
        ended: at(ended),
        complete: true,
        narrowed: false,
        summary: Summary { relations: 2, orphans, ..Summary::default() },
        body: Some(Body { relations, findings }),
    }
}

fn body(record: &mut Record) -> &mut Body {
    record.body.as_mut().expect("a body")
}

fn files(store: &Store, state: &TempDir) -> Vec<PathBuf> {
    let _ = store;
    let mut found = Vec::new();
    for folder in fs::read_dir(state.path().join("history")).expect("a folder").flatten() {
        found.extend(fs::read_dir(folder.path()).expect("files").flatten().map(|file| file.path()));
    }
    found.sort();
    found
}

#[test]
fn what_is_saved_comes_back() {
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    assert!(store.past().0.base.is_none(), "nothing was saved yet");
    let (first, second) = (record("2026-10-10T08:00:00Z", 7), record("2026-10-12T08:00:00.5Z", 9));
    store.save(&first).expect("saved");
    store.save(&second).expect("saved");
    let (past, notices) = store.past();
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(past.base, Some(second.clone()));
    assert_eq!(past.points, [first.point(), second.point()]);
    assert_eq!(past.first_seen[&("orphan-rows".to_owned(), A.to_owned())], at("2026-10-10T08:00:00Z"));
}

#[test]
fn no_password_no_role_and_no_other_target_is_in_a_store() {
    let state = tempfile::tempdir().expect("a folder");
    let one = Place::of(&host("db-7", 5432)).expect("a place");
    assert_eq!(one.identity, "postgres://db-7:5432/shop");
    assert!(one.folder.starts_with("shop-db-7-"), "{}", one.folder);
    assert_ne!(one, Place::of(&host("db-7", 5433)).expect("a place"));
    store(&state).save(&record("2026-10-10T08:00:00Z", 7)).expect("saved");
    for file in files(&store(&state), &state) {
        let text = fs::read_to_string(&file).expect("text");
        assert!(!text.contains("hunter2") && !text.contains("tess"), "{text}");
    }
}

#[test]
fn a_sqlite_file_is_known_by_its_canonical_path_and_what_is_attached() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("till.db");
    let place = |path: &Path| Place::of(&target(At::File(path.to_owned())));
    assert_eq!(place(&path), None, "a file that is not there has no past");
    fs::write(&path, "").expect("a file");
    let detour = folder.path().join(".").join("till.db");
    assert_eq!(place(&path), place(&detour));
    let mut with = target(At::File(path.clone()));
    with.attach.push(("archive".to_owned(), path.clone()));
    assert_ne!(Place::of(&with), place(&path));
}

#[cfg(unix)]
#[test]
fn folders_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    store.save(&record("2026-10-10T08:00:00Z", 7)).expect("saved");
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&state.path().join("history")), 0o700);
    for file in files(&store, &state) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert_eq!(mode(file.parent().expect("a folder")), 0o700);
    }
}

#[test]
fn a_damaged_file_is_set_aside_once_and_a_newer_one_is_left_alone() {
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    store.save(&record("2026-10-10T08:00:00Z", 7)).expect("saved");
    store.save(&record("2026-10-11T08:00:00Z", 8)).expect("saved");
    store.save(&record("2026-10-12T08:00:00Z", 9)).expect("saved");
    let all = files(&store, &state);
    let text = fs::read_to_string(&all[2]).expect("text");
    fs::write(&all[2], &text[..text.len() / 2]).expect("cut short");
    fs::write(&all[1], text.replace("\"format\":1", "\"format\":2")).expect("newer");
    let (past, notices) = store.past();
    assert_eq!(past.points.len(), 1, "the one that can be read");
    assert_eq!(past.base.map(|base| base.summary.orphans), Some(7));
    assert!(notices.iter().any(|notice| notice.contains("set aside")), "{notices:?}");
    assert!(notices.iter().any(|notice| notice.contains("format 2")), "{notices:?}");
    assert!(all[1].exists() && !all[2].exists());
    let (_, notices) = store.past();
    assert_eq!(notices.len(), 1, "the damaged one is told once: {notices:?}");
    for rubbish in ["", "null", "[]", "{\"format\":1}", "\u{0}\u{0}"] {
        fs::write(&all[2], rubbish).expect("written");
        assert_eq!(store.past().0.points.len(), 1, "{rubbish:?}");
    }
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    std::thread::scope(|scope| {
        for writer in 0..8_u64 {
            let store = store.clone();
            scope.spawn(move || {
                for nth in 0..10_u64 {
                    let ended = format!("2026-10-{:02}T{nth:02}:00:00Z", writer + 1);
                    store.save(&record(&ended, writer * 10 + nth + 1)).expect("saved");
                }
            });
        }
    });
    let (past, notices) = store.past();
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(past.points.len(), 80);
}

#[test]
fn old_checks_keep_their_figures_only_and_too_many_are_thinned_out() {
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    let start = at("2026-01-01T00:00:00Z");
    for nth in 0..215_i64 {
        let ended = start + jiff::SignedDuration::from_hours(nth * 2);
        store.save(&record(&ended.to_string(), 1 + nth as u64)).expect("saved");
    }
    let (past, _) = store.past();
    assert_eq!(past.points.len(), 200);
    assert_eq!(past.points.first().map(|point| point.orphans), Some(1), "the first stays");
    let last: Vec<u64> = past.points.iter().rev().take(20).map(|point| point.orphans).collect();
    assert_eq!(last, (196..=215).rev().collect::<Vec<_>>(), "the latest all stay");
    let full =
        files(&store, &state).iter().filter(|file| file.to_string_lossy().ends_with(".full.json")).count();
    assert_eq!(full, 3);
}

#[test]
fn a_night_of_watching_leaves_a_record_an_hour() {
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    let start = at("2026-01-01T00:00:00Z");
    for minute in 0..180_i64 {
        let ended = start + jiff::SignedDuration::from_mins(minute);
        store.save(&record(&ended.to_string(), 5)).expect("saved");
    }
    let (past, _) = store.past();
    assert!(past.points.len() <= 5, "{:?}", past.points);
    assert_eq!(past.points.last().map(|point| point.at), Some(at("2026-01-01T02:59:00Z")));
    store.save(&record("2026-01-01T03:00:00Z", 6)).expect("saved");
    store.save(&record("2026-01-01T03:00:10Z", 7)).expect("saved");
    assert_eq!(store.past().0.points.len(), past.points.len() + 2, "what differs is kept");
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_to_be_told() {
    let state = tempfile::tempdir().expect("a folder");
    fs::write(state.path().join("history"), "a file in the way").expect("written");
    let store = store(&state);
    assert!(store.save(&record("2026-10-10T08:00:00Z", 7)).is_err());
    assert!(store.past().0.base.is_none());
}

fn standing(base: &Record, now: &Record) -> Option<Standing> {
    let trend = Trend::between(base, now)?;
    let key = ("orphan-rows".to_owned(), A.to_owned());
    trend.marks.get(&key).map(|mark| mark.standing)
}

const EARLY: &str = "2026-10-10T08:00:00Z";
const LATE: &str = "2026-10-12T08:00:00Z";

#[test]
fn the_trend_tells_new_worse_better_and_same() {
    let then = |orphans| record(EARLY, orphans);
    let now = |orphans| record(LATE, orphans);
    assert_eq!(standing(&then(0), &now(7)), Some(Standing::New));
    assert_eq!(standing(&then(7), &now(43)), Some(Standing::Worse(Some(36))));
    assert_eq!(standing(&then(7), &now(3)), Some(Standing::Better(4)));
    assert_eq!(standing(&then(7), &now(7)), Some(Standing::Same));
    let mut graver = now(7);
    body(&mut graver).findings[0].severity = Severity::Critical;
    assert_eq!(standing(&then(7), &graver), Some(Standing::Worse(None)));
    let trend = Trend::between(&then(7), &now(0)).expect("a trend");
    assert_eq!(trend.fixed.len(), 1);
    assert_eq!(trend.orphans, Some((0, 7)));
    assert_eq!(Trend::between(&Record { body: None, ..then(7) }, &now(0)), None);
}

#[test]
fn nothing_is_fixed_by_a_check_that_left_something_out() {
    let base = record(EARLY, 7);
    for (complete, narrowed) in [(false, false), (true, true), (false, true)] {
        let now = Record { complete, narrowed, ..record(LATE, 0) };
        let trend = Trend::between(&base, &now).expect("a trend");
        assert!(trend.fixed.is_empty() && trend.gone.is_empty() && !trend.whole);
        assert_eq!(trend.orphans, None, "and their sums are not compared");
    }
}

#[test]
fn what_lost_its_relation_is_gone_and_not_fixed_and_what_was_set_aside_is_neither() {
    let base = record(EARLY, 7);
    let mut now = record(LATE, 0);
    body(&mut now).relations.remove(0);
    let trend = Trend::between(&base, &now).expect("a trend");
    assert_eq!((trend.fixed.len(), trend.gone.len()), (0, 1));
    let mut aside = record(LATE, 7);
    body(&mut aside).findings[0].aside = true;
    let trend = Trend::between(&base, &aside).expect("a trend");
    assert!(trend.fixed.is_empty() && trend.gone.is_empty() && trend.marks.is_empty());
    assert_eq!(
        standing(&aside, &record(LATE, 7)),
        Some(Standing::Same),
        "nor is it new when it is heeded again"
    );
}

#[test]
fn nothing_is_new_that_could_not_have_been_seen_and_no_lower_bound_is_compared() {
    let mut blind = Record { complete: false, ..record(EARLY, 0) };
    body(&mut blind).relations[0] = kept(A, Said::NotChecked, None);
    assert_eq!(standing(&blind, &record(LATE, 7)), Some(Standing::Unknown));
    let settled = Record { complete: false, ..record(EARLY, 0) };
    assert_eq!(standing(&settled, &record(LATE, 7)), Some(Standing::New), "this one was counted to the end");
    let mut bound = Record { complete: false, ..record(EARLY, 7) };
    body(&mut bound).relations[0].exact = false;
    assert_eq!(standing(&bound, &record(LATE, 43)), Some(Standing::Unknown), "then there were 7 or more");
    assert_eq!(standing(&bound, &record(LATE, 3)), Some(Standing::Better(4)), "then there were 7 or more");
    let mut now = Record { complete: false, ..record(LATE, 3) };
    body(&mut now).relations[0].exact = false;
    assert_eq!(standing(&record(EARLY, 7), &now), Some(Standing::Unknown), "now there are 3 or more");
}

#[test]
fn a_check_that_was_narrowed_does_not_call_the_rest_new() {
    let mut now = Record { complete: false, narrowed: true, ..record(LATE, 7) };
    body(&mut now).findings.push(seen("not-checked", B, None));
    let trend = Trend::between(&record(EARLY, 7), &now).expect("a trend");
    assert_eq!(trend.count(|standing| standing == Standing::New), 0);
}

#[test]
fn what_was_found_before_a_whole_check_that_did_not_find_it_is_forgotten() {
    let state = tempfile::tempdir().expect("a folder");
    let store = store(&state);
    for (ended, orphans) in [(EARLY, 7), ("2026-10-11T08:00:00Z", 0), (LATE, 9)] {
        store.save(&record(ended, orphans)).expect("saved");
    }
    let key = ("orphan-rows".to_owned(), A.to_owned());
    let (past, _) = store.past();
    assert!(past.first_seen.contains_key(&key));
    let mut part = Record { narrowed: true, ..record("2026-10-13T08:00:00Z", 0) };
    body(&mut part).findings.clear();
    store.save(&part).expect("saved");
    let (past, _) = store.past();
    assert!(past.first_seen.contains_key(&key), "a narrowed check forgets nothing");
    assert_eq!(past.base.map(|base| base.ended), Some(at(LATE)), "nor is it compared with");
}
