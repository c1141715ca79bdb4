//! Which tables and relations are in the picture: the neighbourhood of one, nearest first, at each distance the most
//! broken first, and no more than a person can take in. What is left out is counted. Pure.

use crate::tui::neighbours::Neighbours;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Tables and what ties them. Tables are numbers of [`Neighbours`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The tables, the centre first.
    pub tables: Vec<usize>,
    /// Ties between two of them.
    pub links: Vec<Link>,
    /// For each table its relations to itself.
    pub loops: Vec<Vec<usize>>,
    /// For each table how many neighbours are not in the picture.
    pub behind: Vec<usize>,
    /// Tables within the hops that there was no room for.
    pub left_out: usize,
    /// Relations among the tables within the hops that are not in it.
    pub hidden: usize,
}

/// The relations from one table to another, as places in [`Scene::tables`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The child.
    pub child: usize,
    /// The parent.
    pub parent: usize,
    /// The relations, the worst first.
    pub edges: Vec<usize>,
}

/// What is asked of a scene.
pub struct Wish<'a> {
    /// The table in the middle.
    pub centre: usize,
    /// How far to look.
    pub hops: usize,
    /// The most tables.
    pub most: usize,
    /// A table to keep in the picture, if it is near enough.
    pub keep: Option<usize>,
    /// How bad a relation is; smaller is worse.
    pub rank: &'a dyn Fn(usize) -> u32,
    /// Which relations are shown.
    pub shows: &'a dyn Fn(usize) -> bool,
}

/// How many tables are within so many hops, the centre included; stops counting at `enough`.
pub fn reach(neighbours: &Neighbours, centre: usize, hops: usize, enough: usize) -> usize {
    within(neighbours, centre, hops, enough).len()
}

/// Those tables.
fn within(neighbours: &Neighbours, centre: usize, hops: usize, enough: usize) -> Vec<usize> {
    let mut seen = vec![false; neighbours.len()];
    let mut found = vec![centre];
    if let Some(seen) = seen.get_mut(centre) {
        *seen = true;
    }
    let mut level = 0..1;
    for _ in 0..hops {
        for at in level.clone() {
            for (_, other) in ties(neighbours, found[at]) {
                if !std::mem::replace(&mut seen[other], true) {
                    found.push(other);
                }
            }
        }
        level = level.end..found.len();
        if found.len() > enough {
            break;
        }
    }
    found
}

/// The relations of a table with the table at the other end.
pub fn ties(neighbours: &Neighbours, table: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let edges = neighbours.edges_of(table);
    let other = move |place: &usize| {
        let (child, parent) = neighbours.ends(*place)?;
        Some((*place, if child == table { parent } else { child }))
    };
    edges.refers.iter().chain(&edges.referred).filter_map(other)
}

impl Scene {
    /// The part made of these tables, the centre first, with what is left out of the neighbourhood that is wished for.
    pub fn with(neighbours: &Neighbours, wish: &Wish<'_>, tables: Vec<usize>) -> Self {
        let mut scene = Self { tables, ..Self::default() };
        let shown = |place: &usize| (wish.shows)(*place);
        let seats: HashMap<usize, usize> =
            scene.tables.iter().enumerate().map(|(seat, table)| (*table, seat)).collect();
        let mut links: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (seat, table) in scene.tables.iter().enumerate() {
            let edges = neighbours.edges_of(*table);
            let mut loops = Vec::new();
            for place in &edges.refers {
                let Some((_, parent)) = neighbours.ends(*place) else { continue };
                match seats.get(&parent) {
                    Some(_) if !shown(place) => {}
                    None => {}
                    Some(parent) if *parent == seat => loops.push(*place),
                    Some(parent) => links.entry((seat, *parent)).or_default().push(*place),
                }
            }
            let mut away: Vec<usize> = ties(neighbours, *table)
                .map(|(_, other)| other)
                .filter(|other| !seats.contains_key(other))
                .collect();
            away.sort_unstable();
            away.dedup();
            scene.behind.push(away.len());
            scene.loops.push(loops);
        }
        let mut links: Vec<Link> = links
            .into_iter()
            .map(|((child, parent), mut edges)| {
                edges.sort_by_key(|place| (wish.rank)(*place));
                Link { child, parent, edges }
            })
            .collect();
        links.sort_by_key(|link| (link.child, link.parent));
        scene.links = links;
        let near = within(neighbours, wish.centre, wish.hops, usize::MAX);
        scene.left_out = near.len().saturating_sub(scene.tables.len());
        let inside: HashSet<usize> = near.iter().copied().collect();
        let ends =
            |place: &&usize| neighbours.ends(**place).is_some_and(|(_, parent)| inside.contains(&parent));
        let all: usize =
            near.iter().map(|table| neighbours.edges_of(*table).refers.iter().filter(ends).count()).sum();
        let drawn: usize = scene.edges().count();
        scene.hidden = all.saturating_sub(drawn);
        scene
    }

    /// The relations in it.
    pub fn edges(&self) -> impl Iterator<Item = usize> + '_ {
        self.links.iter().map(|link| &link.edges).chain(&self.loops).flatten().copied()
    }
}

/// Tables by distance, at each distance those on the worst relations first, as far as there is room.
pub fn nearest(neighbours: &Neighbours, wish: &Wish<'_>) -> Vec<usize> {
    let mut seen = vec![false; neighbours.len()];
    let mut found = vec![wish.centre];
    if let Some(seen) = seen.get_mut(wish.centre) {
        *seen = true;
    }
    let mut level = 0..1;
    for _ in 0..wish.hops {
        let mut next: BTreeMap<usize, (u32, usize)> = BTreeMap::new();
        for table in &found[level.clone()] {
            for (place, other) in
                ties(neighbours, *table).filter(|(place, other)| !seen[*other] && (wish.shows)(*place))
            {
                let rank = if wish.keep == Some(other) { 0 } else { (wish.rank)(place).saturating_add(1) };
                let worst = next.entry(other).or_insert((rank, place));
                *worst = (*worst).min((rank, place));
            }
        }
        let mut next: Vec<((u32, usize), usize)> =
            next.into_iter().map(|(table, rank)| (rank, table)).collect();
        next.sort_unstable();
        next.truncate(wish.most.saturating_sub(found.len()));
        level = found.len()..found.len() + next.len();
        for (_, table) in next {
            seen[table] = true;
            found.push(table);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::world::catalog;

    fn scene(
        relations: &[&str],
        centre: &str,
        hops: usize,
        most: usize,
        rank: &dyn Fn(usize) -> u32,
    ) -> (Scene, Vec<String>) {
        let catalog = catalog(relations);
        let neighbours = Neighbours::of(&catalog);
        let number = |name: &str| {
            (0..neighbours.len())
                .find(|number| neighbours.name(*number).is_some_and(|known| known.name.raw() == name))
                .expect("a table")
        };
        let wish = Wish { centre: number(centre), hops, most, keep: None, rank, shows: &|_| true };
        let scene = Scene::with(&neighbours, &wish, nearest(&neighbours, &wish));
        let names =
            scene.tables.iter().map(|table| neighbours.name(*table).expect("a name").name.raw().to_owned());
        let names = names.collect();
        (scene, names)
    }

    const SHOP: &[&str] = &[
        "items.order -> orders.id",
        "refunds.order -> orders.id",
        "orders.customer -> customers.id",
        "carts.customer -> customers.id",
    ];

    #[test]
    fn siblings_come_into_view_at_two_hops() {
        assert_eq!(scene(SHOP, "items", 1, 60, &|_| 0).1, ["items", "orders"]);
        let (two, names) = scene(SHOP, "items", 2, 60, &|_| 0);
        assert_eq!(names, ["items", "orders", "refunds", "customers"]);
        assert_eq!((two.links.len(), two.left_out), (3, 0));
        assert_eq!(two.behind, [0, 0, 0, 1], "carts is behind customers");
    }

    #[test]
    fn where_there_is_no_room_the_worst_stay_and_the_rest_is_counted() {
        let written: Vec<String> = (0..5_000).map(|number| format!("part_{number}.hub -> hub.id")).collect();
        let relations: Vec<&str> = written.iter().map(String::as_str).collect();
        let (hub, names) = scene(&relations, "hub", 1, 4, &|place| if place == 4_321 { 0 } else { 9 });
        assert_eq!(names, ["hub", "part_4321", "part_0", "part_1"]);
        assert_eq!((hub.left_out, hub.behind[0]), (4_997, 4_997));
    }

    #[test]
    fn self_references_and_two_ways_are_kept_apart() {
        let (scene, _) =
            scene(&["a.b -> b.id", "b.a -> a.id", "a.up -> a.id", "a.c -> b.id"], "a", 3, 60, &|_| 0);
        assert_eq!(scene.loops, [vec![2], vec![]]);
        let links: Vec<(usize, usize, usize)> =
            scene.links.iter().map(|link| (link.child, link.parent, link.edges.len())).collect();
        assert_eq!(links, [(0, 1, 2), (1, 0, 1)]);
    }
}
