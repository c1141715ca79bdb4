//! The graph, against answers worked out by hand, laws that hold for every graph, and a clock.

use super::{Escape, Graph, Step};
use crate::model::catalog::TableId;
use crate::model::relation::{Matching, Referential};
use crate::model::tally::{Counts, Tally};
use crate::model::tests::draft::Draft;
use proptest::prelude::*;

/// Tables named by single letters, each with a nullable and a NOT NULL reference column.
fn tables(names: &str) -> Draft {
    let mut draft = Draft::postgres();
    for name in names.chars() {
        draft.table(&name.to_string(), "id bigint!, ref bigint, must bigint!");
    }
    draft
}

/// `ab` refers from a to b by a column that may be NULL, `ab!` by one that may not.
fn refer(draft: &mut Draft, pairs: &[&str]) {
    for pair in pairs {
        let column = if pair.ends_with('!') { "must" } else { "ref" };
        draft.relation(&format!("{}({column})->{}(id)", &pair[0..1], &pair[1..2]));
    }
}

fn cascade(draft: &mut Draft, pairs: &[&str]) {
    for pair in pairs {
        let relation = format!("{}(must)->{}(id)", &pair[0..1], &pair[1..2]);
        draft.relation(&relation).on_delete = Referential::Cascade;
    }
}

fn letters(draft: &Draft, ids: impl IntoIterator<Item = TableId>) -> String {
    ids.into_iter().map(|id| draft.catalog.table(id).unwrap().name.name.raw().to_owned()).collect()
}

#[test]
fn a_self_reference_is_told_apart_from_a_cycle() {
    let mut draft = tables("abcde");
    refer(&mut draft, &["aa", "ab", "bc", "cb", "cd"]);
    let graph = Graph::of(&draft.catalog);
    assert_eq!(graph.self_references(), [0]);
    let cycles = graph.cycles();
    assert_eq!(cycles.len(), 1);
    assert_eq!(letters(&draft, cycles[0].tables.clone()), "bc");
    assert_eq!(cycles[0].relations, [2, 3]);
    assert_eq!(cycles[0].round, [2, 3]);
}

#[test]
fn the_way_round_is_a_shortest_one_and_can_be_walked() {
    let mut draft = tables("abcd");
    refer(&mut draft, &["ab", "bc", "cd", "da", "ca"]);
    let cycles = Graph::of(&draft.catalog).cycles();
    assert_eq!(letters(&draft, cycles[0].tables.clone()), "abcd");
    assert_eq!(cycles[0].round, [0, 1, 4]);
}

#[test]
fn parents_are_loaded_first_and_deleted_last() {
    let mut draft = tables("cbax");
    refer(&mut draft, &["cb!", "ba!", "ca"]);
    let graph = Graph::of(&draft.catalog);
    let load = graph.load_order();
    assert!(load.breaks.is_empty());
    let order = letters(&draft, load.tables.clone());
    assert!(order.find('a') < order.find('b') && order.find('b') < order.find('c'));
    assert!(order.contains('x'));
    let mut reversed = graph.delete_order().tables;
    reversed.reverse();
    assert_eq!(reversed, load.tables);
}

#[test]
fn a_cycle_is_broken_where_the_reference_may_be_null() {
    let mut draft = tables("ab");
    refer(&mut draft, &["ab!", "ba"]);
    let load = Graph::of(&draft.catalog).load_order();
    assert_eq!(letters(&draft, load.tables), "ba");
    assert_eq!(
        load.breaks.iter().map(|b| (b.relation, b.escape)).collect::<Vec<_>>(),
        [(1, Escape::Nullable)]
    );
}

#[test]
fn a_cycle_is_broken_where_the_check_may_wait() {
    let mut draft = tables("ab");
    refer(&mut draft, &["ab!", "ba!"]);
    draft.catalog.relations[0].deferrable = true;
    let load = Graph::of(&draft.catalog).load_order();
    assert_eq!(letters(&draft, load.tables), "ab");
    assert_eq!(
        load.breaks.iter().map(|b| (b.relation, b.escape)).collect::<Vec<_>>(),
        [(0, Escape::Deferrable)]
    );
}

#[test]
fn a_cycle_without_a_way_out_says_so() {
    let mut draft = tables("abc");
    refer(&mut draft, &["ab!", "bc!", "ca!"]);
    let load = Graph::of(&draft.catalog).load_order();
    assert_eq!(load.breaks.len(), 1);
    assert_eq!(load.breaks[0].escape, Escape::None);
}

#[test]
fn a_full_match_can_only_be_null_as_a_whole() {
    let mut draft = tables("ab");
    draft.relation("a(ref,must)->b(id,ref)").matching = Matching::Full;
    draft.relation("b(must)->a(id)").deferrable = true;
    let load = Graph::of(&draft.catalog).load_order();
    assert_eq!(load.breaks.iter().map(|b| b.relation).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_table_that_only_hangs_on_a_cycle_costs_no_break() {
    let mut draft = tables("abcd");
    refer(&mut draft, &["ab!", "ba", "ca", "dc", "cd"]);
    let load = Graph::of(&draft.catalog).load_order();
    // One break for a and b, one for c and d; c still comes after a.
    assert_eq!(load.breaks.len(), 2);
    let order = letters(&draft, load.tables);
    assert!(order.find('a') < order.find('c'));
}

#[test]
fn partitions_count_as_their_root() {
    let mut draft = tables("abpq");
    draft.partition("p", "a");
    draft.partition("q", "p");
    draft.relation("q(ref)->b(id)");
    draft.relation("b(ref)->q(id)");
    let graph = Graph::of(&draft.catalog);
    assert_eq!(letters(&draft, graph.tables()), "ab");
    assert_eq!(graph.root(draft.id("q")), Some(draft.id("a")));
    assert_eq!(letters(&draft, graph.cycles()[0].tables.clone()), "ab");
    assert_eq!(letters(&draft, graph.around(draft.id("p"), 1).tables), "ab");
}

#[test]
fn the_neighbourhood_grows_hop_by_hop_in_both_directions() {
    let mut draft = tables("abcde");
    refer(&mut draft, &["ab", "bc", "dc", "ee", "ac"]);
    draft.relation("a(must)->nowhere(id)");
    let graph = Graph::of(&draft.catalog);
    let near = |hops| {
        let part = graph.around(draft.id("b"), hops);
        (letters(&draft, part.tables), part.relations)
    };
    assert_eq!(near(0), ("b".to_owned(), vec![]));
    assert_eq!(near(1), ("abc".to_owned(), vec![0, 1, 4, 5]));
    assert_eq!(near(9), ("abcd".to_owned(), vec![0, 1, 2, 4, 5]));
    assert_eq!(graph.whole().relations, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn the_path_is_the_shortest_and_says_which_way_it_goes() {
    let mut draft = tables("abcdx");
    refer(&mut draft, &["ab", "bc", "cd", "ad"]);
    let graph = Graph::of(&draft.catalog);
    let path = |from, to| graph.path(draft.id(from), draft.id(to));
    assert_eq!(
        path("a", "c").unwrap(),
        [
            Step { relation: 0, to_parent: true, table: draft.id("b") },
            Step { relation: 1, to_parent: true, table: draft.id("c") },
        ]
    );
    assert_eq!(
        path("d", "b").unwrap(),
        [
            Step { relation: 2, to_parent: false, table: draft.id("c") },
            Step { relation: 1, to_parent: false, table: draft.id("b") },
        ]
    );
    assert_eq!(path("a", "a"), Some(vec![]));
    assert_eq!(path("a", "x"), None);
}

#[test]
fn only_what_is_known_to_be_broken_stays() {
    let mut draft = tables("abcd");
    refer(&mut draft, &["ab", "bc", "cd"]);
    draft.relation("d(ref)->nowhere(id)");
    let counted = |orphans| Tally::counted(Counts { orphans: Some(orphans), ..Counts::default() }, 0.0);
    let tallies = [
        counted(0),
        counted(3),
        Tally::not_checked(crate::model::tally::Why::Pending),
        Tally::broken("", Counts::default()),
    ];
    let broken = Graph::of(&draft.catalog).broken(&tallies);
    assert_eq!(broken.relations, [1, 3]);
    assert_eq!(letters(&draft, broken.tables), "bcd");
}

#[test]
fn a_cascade_reaches_every_level_and_names_what_it_meets() {
    let mut draft = tables("abcdef");
    cascade(&mut draft, &["ba", "cb", "ca", "dc"]);
    draft.relation("e(ref)->c(id)").on_delete = Referential::SetNull;
    draft.relation("f(ref)->d(id)").on_delete = Referential::SetDefault;
    draft.relation("f(must)->b(id)").on_delete = Referential::Restrict;
    draft.relation("b(ref)->b(id)").on_delete = Referential::Cascade;
    let reach = Graph::of(&draft.catalog).cascade(draft.id("a")).unwrap();
    let deleted: Vec<_> =
        reach.deleted.iter().map(|(table, far)| (letters(&draft, [*table]), *far)).collect();
    assert_eq!(deleted, [("b".to_owned(), 1), ("c".to_owned(), 1), ("d".to_owned(), 2)]);
    assert_eq!(
        (reach.nulled, reach.defaulted, reach.refused, reach.recursive),
        (vec![4], vec![5], vec![6], vec![7])
    );
    assert_eq!(reach.chain, [0, 1, 3]);
    assert!(!reach.round);
}

#[test]
fn a_cascade_that_goes_round_ends_and_says_so() {
    let mut draft = tables("abcdef");
    cascade(&mut draft, &["ba", "cb", "dc", "bd", "ed"]);
    let graph = Graph::of(&draft.catalog);
    let reach = graph.cascade(draft.id("a")).unwrap();
    assert!(reach.round);
    assert_eq!(reach.chain, [0, 1, 2, 4]);
    assert_eq!(graph.deep_cascades(4).len(), 1);
    assert!(graph.deep_cascades(5).is_empty());
}

#[test]
fn a_ring_of_cascades_is_as_deep_as_one_way_round() {
    let mut draft = tables("abcde");
    cascade(&mut draft, &["ab", "bc", "cd", "de", "ea"]);
    let deep = Graph::of(&draft.catalog).deep_cascades(4);
    assert_eq!(deep.len(), 1);
    assert_eq!(deep[0].depth(), 4);
    assert_eq!(deep[0].deleted.len(), 4);
}

#[test]
fn only_the_top_of_a_deep_cascade_is_listed() {
    let mut draft = tables("abcdefx");
    cascade(&mut draft, &["ba", "cb", "dc", "ed", "fe", "bx"]);
    let deep = Graph::of(&draft.catalog).deep_cascades(4);
    assert_eq!(letters(&draft, deep.iter().map(|reach| reach.root)), "ax");
}

#[test]
fn twenty_thousand_relations_are_no_burden() {
    let mut draft = Draft::postgres();
    let count: usize = 5_000;
    for number in 0..count {
        draft.table(&format!("t{number}"), "id bigint!, ref bigint, must bigint!");
    }
    let template = draft.relation("t0(ref)->t1(id)").clone();
    draft.catalog.relations.clear();
    // A dense lattice closed into one giant cycle: the number of paths is beyond counting.
    for number in 0..count {
        for step in 1..=4 {
            let mut relation = template.clone();
            relation.on_delete = Referential::Cascade;
            relation.child.table = Some(draft.catalog.tables[number].id);
            relation.parent.table = Some(draft.catalog.tables[(number + step * step) % count].id);
            draft.catalog.relations.push(relation);
        }
    }
    // Anything that enumerates paths would never end here.
    let graph = Graph::of(&draft.catalog);
    assert_eq!(graph.cycles()[0].tables.len(), count);
    assert_eq!(graph.load_order().tables.len(), count);
    assert_eq!(graph.deep_cascades(4).len(), 1);
    assert_eq!(graph.around(TableId(0), 10_000).tables.len(), count);
    assert!(graph.path(TableId(0), TableId(2_500)).is_some());
}

proptest! {
    #[test]
    fn every_order_holds_every_table_once_and_owns_up_to_every_break(
        pairs in proptest::collection::vec((0usize..8, 0usize..8, any::<bool>()), 0..24)
    ) {
        let mut draft = tables("abcdefgh");
        let name = |at: usize| char::from(b'a' + u8::try_from(at).unwrap());
        for (child, parent, must) in &pairs {
            let column = if *must { "must" } else { "ref" };
            draft.relation(&format!("{}({column})->{}(id)", name(*child), name(*parent)));
        }
        let graph = Graph::of(&draft.catalog);
        let load = graph.load_order();
        let mut sorted = load.tables.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, graph.tables().collect::<Vec<_>>());
        let rank = |id: Option<TableId>| load.tables.iter().position(|table| Some(*table) == id);
        let broken: Vec<usize> = load.breaks.iter().map(|b| b.relation).collect();
        for (place, relation) in draft.catalog.relations.iter().enumerate() {
            let against = rank(relation.child.table) < rank(relation.parent.table);
            prop_assert_eq!(against, broken.contains(&place));
        }
        let inside = |relation: usize| graph.cycles().iter().any(|cycle| cycle.relations.contains(&relation));
        prop_assert!(broken.iter().all(|relation| inside(*relation)), "a break outside every cycle");
        // Without the references that may be NULL, what must not be broken is only broken if it cannot be helped.
        let mut hard = draft.catalog.clone();
        hard.relations.retain(|relation| relation.child.columns[0].raw() == "must");
        if Graph::of(&hard).cycles().is_empty() {
            prop_assert!(load.breaks.iter().all(|b| b.escape == Escape::Nullable));
        }
    }

    #[test]
    fn hops_agree_with_paths(pairs in proptest::collection::vec((0usize..7, 0usize..7), 0..12)) {
        let mut draft = tables("abcdefg");
        let name = |at: usize| char::from(b'a' + u8::try_from(at).unwrap());
        for (child, parent) in &pairs {
            draft.relation(&format!("{}(ref)->{}(id)", name(*child), name(*parent)));
        }
        let graph = Graph::of(&draft.catalog);
        let hops = graph.hops(TableId(0), 99);
        for table in graph.tables() {
            prop_assert_eq!(hops.get(&table).copied(), graph.path(TableId(0), table).map(|path| path.len()));
        }
    }
}
