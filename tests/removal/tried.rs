//! A rehearsal: a few rows are mended in a transaction that is rolled back.

use crate::reach::{LOST, PLAIN};
use crate::ward::Ward;

#[test]
fn a_rehearsal_mends_a_few_rows_and_leaves_nothing_of_it() {
    let ward = Ward::of("tried", PLAIN);
    let (before, lost) = (ward.sums(), ward.database.count(LOST));
    let missing = ward.database.count(&LOST.replace("count(*)", "count(DISTINCT event)"));
    for (verb, of) in [("quarantine", lost), ("nullify", lost), ("adopt", missing)] {
        ward.plan(&[&format!("{verb}:logs(event)->events(id)")]);
        let outcome = ward.armed("run", &ward.plan.display().to_string(), &["--rehearse"]).run();
        assert_eq!(outcome.code, Some(0), "{verb}: {outcome:#?}");
        let tried = outcome.stdout.replace(',', "");
        let expected = format!("{} of {of}", of.min(1000));
        assert!(tried.contains(&expected), "{verb}: {expected} in {tried}");
        assert_eq!(ward.sums(), before, "{verb}");
        assert_eq!(
            ward.database.ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'waif'"),
            "0",
            "{verb}"
        );
    }
}
