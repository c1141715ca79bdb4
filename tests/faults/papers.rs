//! Plans and journals that are not as they were written.

use crate::stage::Stage;
use crate::support::{Dice, Waif};
use std::fs;

#[test]
fn a_plan_with_a_byte_changed_or_its_end_lost_is_refused_and_nothing_is_written() {
    let stage = Stage::set("flipped");
    let text = fs::read(&stage.plan).expect("the plan");
    let mut dice = Dice::new(crate::support::dice::seed());
    let broken = stage.folder.path().join("broken.json");
    let show = |bytes: &[u8], what: String| {
        fs::write(&broken, bytes).expect("a file");
        let shown = Waif::new(["show".as_ref(), broken.as_os_str()]).run();
        // A byte in the blanks changes nothing of what is said.
        let same = serde_json::from_slice::<serde_json::Value>(bytes).ok()
            == serde_json::from_slice::<serde_json::Value>(&text).ok();
        match shown.code {
            Some(2) => {}
            Some(0) if same => {}
            other => panic!("{what}: {other:?} {shown:#?}"),
        }
    };
    for _ in 0..60 {
        let at = dice.below(text.len());
        let mut bytes = text.clone();
        bytes[at] ^= 1 << dice.below(8);
        show(&bytes, format!("byte {at}"));
    }
    for _ in 0..20 {
        let at = dice.below(text.len() - 2);
        show(&text[..at], format!("cut at {at}"));
    }
    // One that is still a plan by its looks is refused by `run` as well.
    let edited = String::from_utf8(text).expect("text").replacen("events_1", "events_2", 1);
    fs::write(&stage.plan, edited).expect("a file");
    let outcome = stage.run().run();
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert_eq!(stage.database.ask("SELECT to_regclass('waif.run') IS NULL"), "t", "nothing was written");
}

/// Edits the journal of a run that was killed, and expects the resumption to be refused with nothing written.
fn edited(hint: &str, edit: &str, word: &str) {
    let stage = Stage::set(hint);
    let running = stage.under_way();
    drop(running);
    stage.until_nobody_works();
    let run = stage.id();
    stage.database.execute(edit);
    let before = stage.database.ask("SELECT count(*), sum(rows) FROM waif.batch");
    let outcome = Waif::new([
        "resume",
        &stage.database.url(),
        &run,
        "--allow-writes",
        "--confirm",
        stage.database.name(),
    ])
    .run();
    assert!(matches!(outcome.code, Some(2 | 3 | 5)), "{outcome:#?}");
    let said: Vec<&str> = outcome.stderr.split_whitespace().collect();
    assert!(said.join(" ").contains(word), "{outcome:#?}");
    assert_eq!(stage.database.ask("SELECT count(*), sum(rows) FROM waif.batch"), before, "nothing was done");
}

#[test]
fn a_journal_of_a_newer_version_is_refused() {
    edited("newer", "UPDATE waif.run SET format = 99", "newer version");
}

#[test]
fn a_plan_in_the_journal_that_was_edited_is_refused() {
    edited(
        "rewritten",
        "UPDATE waif.run SET plan = replace(plan, 'parent_day', 'note')",
        "changed after it was made",
    );
    edited("cut_off", "UPDATE waif.run SET plan = left(plan, 300)", "cut off");
}

#[test]
fn a_journal_whose_parts_do_not_fit_is_refused() {
    edited(
        "lost_step",
        "DELETE FROM waif.proof; DELETE FROM waif.batch; DELETE FROM waif.step WHERE place = 1",
        "journal",
    );
    edited("strange_state", "UPDATE waif.run SET state = 'elsewhere'", "journal");
    edited(
        "no_run",
        "UPDATE waif.run SET id = id || 'x' WHERE false; DELETE FROM waif.proof; DELETE FROM waif.batch; DELETE FROM waif.step; DELETE FROM waif.run",
        "journal",
    );
}

#[test]
fn a_journal_whose_figures_were_changed_is_refused() {
    edited("figures", "UPDATE waif.step SET rows = rows + 5 WHERE rows > 0", "journal");
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused_by_its_line_and_nothing_is_written() {
    let stage = Stage::set("configured");
    let file = stage.folder.path().join("waif.toml");
    for (text, words) in [
        (
            "[profile.shop]\nurl = \"postgres://h/d\"\nwrite = true\n",
            ["waif.toml:3:", "did you mean writes?"],
        ),
        ("[profile.shop]\nurl = \"postgres://h/d\"\nwrites = \"yes\"\n", ["waif.toml:3:", "writes"]),
        (
            "[profile.shop]\nurl = \"postgres://h/d\"\nenvironment = \"prod\"\n",
            ["waif.toml:3:", "production"],
        ),
        ("[profile.shop\n", ["waif.toml:1:", ""]),
        ("[[copy]]\ncolumn = \"events.parent_day\"\nform = \"day\"\n", ["waif.toml:3:", "from"]),
        ("\u{0}", ["waif.toml:1:", ""]),
    ] {
        fs::write(&file, text).expect("a file");
        let name = stage.database.name().to_owned();
        let [config, plan] = [&file, &stage.plan].map(|path| path.display().to_string());
        let url = stage.database.url();
        let args = ["run", &url, &plan, "--config", &config, "--allow-writes", "--confirm", &name];
        let outcome = Waif::new(args).run();
        assert_eq!(outcome.code, Some(2), "{text}: {outcome:#?}");
        let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.iter().all(|word| said.contains(word)), "{text}: {said}");
        assert_eq!(stage.database.ask("SELECT to_regnamespace('waif') IS NULL"), "t", "nothing was written");
    }
}

#[test]
fn an_audit_log_whose_end_was_edited_is_not_added_to() {
    let stage = Stage::set("edited_log");
    let state = tempfile::tempdir().expect("a folder");
    let running = stage.run().env("XDG_STATE_HOME", state.path()).spawn_into(&stage.said());
    stage.until("a few batches", || stage.batches() >= 5);
    drop(running);
    stage.until_nobody_works();
    let folder = state.path().join("waif").join("audit");
    let file = fs::read_dir(folder).expect("the folder").next().expect("a log").expect("a file").path();
    let text = fs::read_to_string(&file).expect("the log");
    let text = text.rsplit_once('\n').expect("lines").0;
    let (whole, last) = text.rsplit_once('\n').expect("lines");
    fs::write(&file, format!("{whole}\n{}\n", last.replacen("\"step\":\"", "\"step\":\"9", 1)))
        .expect("an edit");
    let before = stage.batches();
    let outcome = stage.resume().env("XDG_STATE_HOME", state.path()).run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("is not as it was written"), "{said}");
    assert_eq!(stage.batches(), before, "nothing was done");
    // Put aside, a new one begins; the journal is what counts.
    fs::rename(&file, file.with_extension("aside")).expect("a name");
    let outcome = stage.resume().env("XDG_STATE_HOME", state.path()).run();
    stage.ended_as_if_undisturbed(&outcome);
}
