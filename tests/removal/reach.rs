//! What a removal reaches, and that a restore brings every row of it back where it was.

use crate::ward::Ward;

/// Parents of which some are gone, and children that nothing declares to be theirs.
pub const PLAIN: &str = "
CREATE TABLE events(id int PRIMARY KEY, name text);
INSERT INTO events SELECT i, 'event ' || i FROM generate_series(1, 3000) i WHERE i % 7 <> 0;
CREATE TABLE logs(id int PRIMARY KEY, event int, body text, at timestamptz, size int GENERATED ALWAYS AS (length(body)) STORED);
INSERT INTO logs SELECT i, CASE WHEN i % 11 > 0 THEN i % 3000 + 1 END, repeat('x', i % 50), timestamptz '2025-01-01' + i * interval '1 minute'
  FROM generate_series(1, 20000) i;
ANALYZE;
";

pub const LOST: &str = "SELECT count(*) FROM logs l WHERE event IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = l.event)";

#[test]
fn rows_without_a_parent_go_into_a_store_and_come_back() {
    let ward = Ward::of("plain", PLAIN);
    let before = ward.sums();
    let (lost, all) = (ward.database.count(LOST), ward.database.count("SELECT count(*) FROM logs"));
    assert!(lost > 1000, "{lost}");
    let told = ward.plan(&["quarantine:logs(event)->events(id)"]);
    assert!(told.contains(&format!("{},{:03} rows", lost / 1000, lost % 1000)), "{told}");
    ward.runs();
    assert_eq!(ward.database.count(LOST), 0);
    assert_eq!(ward.database.count("SELECT count(*) FROM logs"), all - lost);
    assert_eq!(ward.held(), lost);
    ward.restored();
    assert_eq!(ward.sums(), before);
    assert_eq!(
        ward.database.ask(
            "SELECT run.state, rows FROM waif.run JOIN waif.step ON run.id = step.run WHERE step.id = '1a'"
        ),
        "restored|0"
    );
}

/// Accounts of which some are gone; below them orders, lines and parts go along by CASCADE, notes are set to NULL, tags to
/// their default, three levels deep and by two ways.
const DEEP: &str = "
CREATE TABLE accounts(id uuid PRIMARY KEY);
INSERT INTO accounts SELECT md5(i::text)::uuid FROM generate_series(1, 200) i;
CREATE TABLE orders(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account uuid, total numeric(12,2), doc jsonb);
INSERT INTO orders(account, total, doc) SELECT md5((i % 260)::text)::uuid, i / 7.0, jsonb_build_object('n', i, 'x', ARRAY[1,2]) FROM generate_series(1, 2600) i;
CREATE TABLE lines(id bigint PRIMARY KEY, order_id bigint REFERENCES orders(id) ON DELETE CASCADE, raw bytea, f double precision);
INSERT INTO lines SELECT i, i % 2600 + 1, decode(md5(i::text), 'hex'), 'NaN' FROM generate_series(1, 9000) i;
CREATE TABLE parts(line bigint REFERENCES lines(id) ON DELETE CASCADE, order_id bigint REFERENCES orders(id) ON DELETE CASCADE, no int, d date, PRIMARY KEY (line, no));
INSERT INTO parts SELECT i % 9000 + 1, CASE WHEN i % 5 > 0 THEN i % 2600 + 1 END, i, date '2025-01-01' + i % 300 FROM generate_series(1, 12000) i;
CREATE TABLE notes(id int PRIMARY KEY, line bigint REFERENCES lines(id) ON DELETE SET NULL, order_id bigint REFERENCES orders(id) ON DELETE SET NULL, body text);
INSERT INTO notes SELECT i, i % 9000 + 1, i % 2600 + 1, 'note ' || i FROM generate_series(1, 7000) i;
INSERT INTO orders(id, account) OVERRIDING SYSTEM VALUE VALUES (0, NULL);
CREATE TABLE tags(id int PRIMARY KEY, order_id bigint DEFAULT 0 REFERENCES orders(id) ON DELETE SET DEFAULT);
INSERT INTO tags SELECT i, i % 2600 + 1 FROM generate_series(1, 3000) i;
CREATE INDEX ON lines(order_id); CREATE INDEX ON parts(line); CREATE INDEX ON notes(line);
ANALYZE;
";

#[test]
fn cascades_three_levels_deep_go_along_and_every_table_comes_back_as_it_was() {
    let ward = Ward::of("deep", DEEP);
    let before = ward.sums();
    let told = ward.plan(&["quarantine:orders(account)->accounts(id)"]);
    // What would have gone: counted here by the joins a person would write.
    let gone = "WITH o AS (SELECT id FROM orders WHERE account IS NOT NULL AND account NOT IN (SELECT id FROM accounts)),
      l AS (SELECT id FROM lines WHERE order_id IN (SELECT id FROM o)),
      p AS (SELECT 1 FROM parts WHERE line IN (SELECT id FROM l) OR order_id IN (SELECT id FROM o)),
      n AS (SELECT 1 FROM notes WHERE line IN (SELECT id FROM l) OR order_id IN (SELECT id FROM o)),
      t AS (SELECT 1 FROM tags WHERE order_id IN (SELECT id FROM o))
      SELECT (SELECT count(*) FROM o) || ' ' || (SELECT count(*) FROM l) || ' ' || (SELECT count(*) FROM p) || ' ' || (SELECT count(*) FROM n) || ' ' || (SELECT count(*) FROM t)";
    let expected: Vec<u64> = ward.database.ask(gone).split(' ').map(|n| n.parse().unwrap()).collect();
    let [orders, lines, parts, ..] = expected[..] else { panic!("{expected:?}") };
    assert!(orders > 500 && lines > 1000 && parts > 1000, "{expected:?}");
    let reach = ward.reach();
    let of = |table: &str, what: &str| {
        reach.iter().filter(|line| line.0 == table && line.2 == what).map(|line| line.3).sum::<u64>()
    };
    assert_eq!(
        [of("orders", "removed"), of("lines", "removed"), of("parts", "removed")],
        [orders, lines, parts]
    );
    assert!(reach.iter().any(|line| line.0 == "parts" && line.1 == 2), "{reach:?}");
    assert!(of("tags", "overwritten") > 0 && of("notes", "overwritten") > 0, "{reach:?}");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("of parts go along, 1 to 2 levels down")
            && words.contains("of notes lose their reference"),
        "{told}"
    );
    ward.runs();
    assert_eq!(ward.database.ask(gone), "0 0 0 0 0");
    let rows =
        "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM lines) + (SELECT count(*) FROM parts)";
    let left = ward.database.count(rows);
    assert_eq!(left, 2601 + 9000 + 12000 - orders - lines - parts);
    // Two references of a note may have been overwritten, each with a line of its own.
    assert!(ward.held() >= expected.iter().sum::<u64>(), "{} {expected:?}", ward.held());
    assert_eq!(ward.database.count("SELECT count(*) FROM notes"), 7000);
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_tree_goes_whole_and_comes_back_whole() {
    // The key is not declared: what is left without a parent by the removal is without a parent, too.
    let ward = Ward::of(
        "tree",
        "CREATE TABLE staff(id int PRIMARY KEY, boss int, name text);
         INSERT INTO staff SELECT i, CASE WHEN i > 1 THEN i / 3 END, 'n' || i FROM generate_series(1, 4000) i WHERE i NOT IN (5, 33, 700);
         ANALYZE;",
    );
    let before = ward.sums();
    let below = "WITH RECURSIVE t AS (SELECT id FROM staff s WHERE boss IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff p WHERE p.id = s.boss)
      UNION SELECT s.id FROM staff s JOIN t ON s.boss = t.id) SELECT count(*) FROM t";
    let lost = ward.database.count(below);
    assert!(lost > 500, "{lost}");
    let told = ward.plan(&["quarantine:staff(boss)->staff(id)"]);
    assert!(told.contains("levels down"), "{told}");
    ward.runs();
    assert_eq!(ward.database.count(below), 0);
    assert_eq!(ward.held(), lost);
    ward.restored();
    assert_eq!(ward.sums(), before);
}

#[test]
fn a_chain_deeper_than_was_looked_at_first_is_followed_to_its_end() {
    let ward = Ward::of(
        "chain",
        "CREATE TABLE links(id int PRIMARY KEY, up int REFERENCES links(id) ON DELETE CASCADE, v text);
         INSERT INTO links SELECT i, CASE WHEN i % 100 > 1 THEN i - 1 END, 'v' FROM generate_series(1, 900) i;
         SET session_replication_role = replica;
         UPDATE links SET up = -id WHERE id % 300 = 1;
         SET session_replication_role = origin;
         ANALYZE;",
    );
    let before = ward.database.ask("SELECT count(*) FROM links");
    let told = ward.plan(&["delete:links(up)->links(id)"]);
    assert!(told.contains("1 to 98 levels down"), "{told}");
    ward.runs();
    assert_eq!(ward.held(), 297);
    assert_eq!(ward.database.count("SELECT count(*) FROM links"), 603);
    // The key that stood before the run refuses the rows that have no parent, and what hangs on them.
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("the key is enforced"), "{outcome:#?}");
    assert_eq!(ward.held(), 297, "nothing came back");
    // Without it they do.
    ward.database.execute("ALTER TABLE links DROP CONSTRAINT links_up_fkey");
    ward.restored();
    assert_eq!(ward.database.ask("SELECT count(*) FROM links"), before);
}

#[test]
fn a_key_that_could_never_be_obeyed_is_no_obstacle_while_nothing_refers_by_it() {
    let ward = Ward::of(
        "unheard",
        "CREATE TABLE events(id int PRIMARY KEY);
         CREATE TABLE logs(id int PRIMARY KEY, event int, v text);
         INSERT INTO logs SELECT i, i, 'v' FROM generate_series(1, 20) i;
         INSERT INTO events SELECT i FROM generate_series(1, 15) i;
         CREATE TABLE marks(id int PRIMARY KEY, log int NOT NULL REFERENCES logs(id) ON DELETE SET NULL);
         INSERT INTO marks VALUES (1, 3);
         ANALYZE;",
    );
    let before = ward.sums();
    ward.mended(&["quarantine:logs(event)->events(id)"]);
    assert_eq!(ward.held(), 5);
    ward.restored();
    assert_eq!(ward.sums(), before);
    // Where a row does refer, nothing can be done about it, and that is said before anything is.
    ward.database.execute("INSERT INTO marks VALUES (2, 20)");
    let refused = ward.plans(&["quarantine:logs(event)->events(id)"], &[]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stdout.contains("marks"), "{refused:#?}");
}

#[test]
fn chains_of_rows_without_a_parent_go_whole_though_their_key_forbids_it() {
    for action in ["NO ACTION", "RESTRICT"] {
        let ward = Ward::of(
            "forbidding",
            &format!(
                "CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p VALUES (1);
                 CREATE TABLE c(id int PRIMARY KEY, p int, boss int REFERENCES c ON DELETE {action});
                 INSERT INTO c SELECT g, 1 + g % 3, CASE WHEN g > 3 THEN g - 3 END FROM generate_series(1, 1200) AS g;
                 UPDATE c SET boss = 1199 WHERE id = 2; CREATE INDEX ON c (boss)"
            ),
        );
        let before = ward.sums();
        let outcome =
            ward.plans(&["quarantine:c(p)->p(id)"], &["--first-batch", "50", "--largest-batch", "50"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        ward.runs();
        assert_eq!((ward.held(), ward.database.count("SELECT count(*) FROM c")), (800, 400));
        ward.restored();
        assert_eq!(ward.sums(), before);
    }
}
