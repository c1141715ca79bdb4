//! What every picture must hold to, whatever the schema.

use super::*;
use proptest::prelude::*;

fn laid(boxes: usize, lines: &[(usize, usize)], framed: bool) -> Layout {
    let specs: Vec<Line> = lines
        .iter()
        .enumerate()
        .map(|(at, &(child, parent))| Line {
            child,
            parent,
            label: (at % 7) as u16 + 1,
            stroke: [Stroke::Plain, Stroke::Double, Stroke::Broken][at % 3],
        })
        .collect();
    let widths: Vec<u16> = (0..boxes).map(|at| 5 + (at % 9) as u16).collect();
    Plan::of(boxes, lines).stand(&vec![1; boxes], framed, 0, 24).lay(&widths, &specs)
}

/// Follows a line from its left box until an arrow or a side of its right box; counts no line of another trunk.
fn leads_home(layout: &Layout, line: usize, lines: &[(usize, usize)]) -> bool {
    let (child, parent) = lines[line];
    let (left, right) =
        if layout.column[child] < layout.column[parent] { (child, parent) } else { (parent, child) };
    let (_, row) = layout.labels[line];
    let from = layout.boxes[left];
    layout.wires.leads(from.right(), row, layout.boxes[right])
}

fn sound(boxes: usize, lines: &[(usize, usize)], framed: bool) {
    let layout = laid(boxes, lines, framed);
    let (width, height) = layout.size();
    for (at, one) in layout.boxes.iter().enumerate() {
        assert!(one.right() <= width && one.bottom() <= height, "{one:?} leaves {width}x{height}");
        for other in &layout.boxes[at + 1..] {
            assert!(!one.intersects(*other), "{one:?} and {other:?} overlap");
        }
        for place in one.positions() {
            assert!(!layout.wires.passes(place.x, place.y), "a line passes through {one:?}");
        }
    }
    assert_eq!(layout.wires.conflicts, 0, "lines run along each other: {lines:?}");
    for (line, &(child, parent)) in lines.iter().enumerate().filter(|(_, (child, parent))| child != parent) {
        assert!(leads_home(&layout, line, lines), "{child} -> {parent} is lost among {lines:?}");
        let (x, row) = layout.labels[line];
        let spec = (line % 7) as u16 + 1;
        assert!(
            (x..x + spec).all(|x| layout.wires.passes(x, row)),
            "the label of line {line} stands beside it"
        );
    }
}

#[test]
fn nothing_takes_no_room() {
    assert_eq!(laid(0, &[], true).size(), (0, 0));
    assert_eq!(laid(1, &[], true).boxes.len(), 1);
}

#[test]
fn a_child_stands_left_of_its_parents() {
    let lines = [(0, 1), (1, 2), (0, 2), (3, 2), (4, 2), (5, 3)];
    let layout = laid(6, &lines, true);
    for (child, parent) in lines {
        assert!(layout.boxes[child].right() < layout.boxes[parent].x, "{child} -> {parent}");
    }
    sound(6, &lines, true);
}

#[test]
fn rings_of_trunks_in_one_gap_are_untangled() {
    // Each of two boxes to the left leads to the box beside the other one.
    for framed in [false, true] {
        sound(4, &[(0, 3), (1, 2)], framed);
        sound(6, &[(0, 3), (0, 4), (1, 4), (1, 5), (2, 5), (2, 3)], framed);
    }
}

#[test]
fn cycles_and_many_lines_between_two_boxes_are_drawn() {
    sound(3, &[(0, 1), (1, 2), (2, 0), (1, 1)], true);
    sound(2, &[(0, 1), (1, 0), (0, 1), (1, 0), (0, 0)], false);
}

#[test]
fn a_hub_of_sixty_is_a_comb() {
    let lines: Vec<(usize, usize)> = (1..60).map(|child| (child, 0)).collect();
    sound(60, &lines, true);
    assert_eq!(laid(60, &lines, false).size().1, 59);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_picture_overlaps_or_loses_a_line(
        boxes in 1_usize..24,
        ends in prop::collection::vec((0_usize..24, 0_usize..24), 0..48),
        framed in any::<bool>(),
    ) {
        let lines: Vec<(usize, usize)> = ends.into_iter().map(|(a, b)| (a % boxes, b % boxes)).collect();
        sound(boxes, &lines, framed);
    }
}
