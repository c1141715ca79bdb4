//! Where boxes and lines go: layers from child (left) to parent (right), few crossings, boxes near their neighbours.
//! Sugiyama's method in its plain form, meant for some sixty boxes. Called by `svg`; knows nothing of databases.

/// A point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// Boxes by their centres, lines by their points from the first box to the second, and the room all of it takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub centres: Vec<Point>,
    pub lines: Vec<Vec<Point>>,
    pub width: f64,
    pub height: f64,
}

/// Room between boxes of one layer, and between layers.
const APART: f64 = 22.0;
const BETWEEN: f64 = 190.0;
/// Room a line takes where it passes a layer.
const LANE: f64 = 16.0;
const SWEEPS: usize = 24;

/// Lays out boxes of these sizes (width, height) with lines from box to box. A line from a box to itself gets no points.
pub(super) fn lay(sizes: &[(f64, f64)], lines: &[(usize, usize)]) -> Layout {
    let mut net = Net::new(sizes, lines);
    net.order();
    net.place()
}

/// Boxes and, where a line passes a layer, the points it passes at, all as nodes of layers.
struct Net {
    sizes: Vec<(f64, f64)>,
    /// Nodes of each layer, top to bottom; layer 0 is the rightmost.
    layers: Vec<Vec<usize>>,
    layer_of: Vec<usize>,
    /// Neighbours one layer to the right and to the left.
    right: Vec<Vec<usize>>,
    left: Vec<Vec<usize>>,
    /// Nodes each line passes, from its first box to its second.
    paths: Vec<Vec<usize>>,
    boxes: usize,
}

impl Net {
    fn new(sizes: &[(f64, f64)], lines: &[(usize, usize)]) -> Self {
        let forward = without_cycles(sizes.len(), lines);
        let layer_of = layers(sizes.len(), lines, &forward);
        let depth = layer_of.iter().max().map_or(0, |deepest| deepest + 1);
        let mut net = Self {
            sizes: sizes.to_vec(),
            layers: vec![Vec::new(); depth],
            left: vec![Vec::new(); sizes.len()],
            right: vec![Vec::new(); sizes.len()],
            layer_of,
            paths: Vec::new(),
            boxes: sizes.len(),
        };
        for node in 0..sizes.len() {
            net.layers[net.layer_of[node]].push(node);
        }
        for (&(from, to), forward) in lines.iter().zip(forward) {
            let path = match forward {
                _ if from == to => Vec::new(),
                true => net.path(from, to),
                false => {
                    let mut back = net.path(to, from);
                    back.reverse();
                    back
                }
            };
            net.paths.push(path);
        }
        net
    }

    /// Ties two boxes through every layer between them.
    fn path(&mut self, from: usize, to: usize) -> Vec<usize> {
        let mut path = vec![from];
        for layer in (self.layer_of[to] + 1..self.layer_of[from]).rev() {
            let lane = self.sizes.len();
            self.sizes.push((0.0, LANE));
            self.layer_of.push(layer);
            self.left.push(Vec::new());
            self.right.push(Vec::new());
            self.layers[layer].push(lane);
            path.push(lane);
        }
        path.push(to);
        for pair in path.windows(2) {
            self.right[pair[0]].push(pair[1]);
            self.left[pair[1]].push(pair[0]);
        }
        path
    }

    /// Orders each layer so that few lines cross: each node goes to the mean place of its neighbours, to and fro; the best
    /// order seen wins.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        for sweep in 0..SWEEPS {
            let from_right = sweep % 2 == 0;
            let depth = self.layers.len();
            for step in 1..depth {
                let layer = if from_right { step } else { depth - 1 - step };
                self.sort(layer, from_right);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    fn sort(&mut self, layer: usize, from_right: bool) {
        let places = self.places();
        let tied = if from_right { &self.right } else { &self.left };
        let mean = |node: usize| {
            let neighbours = &tied[node];
            if neighbours.is_empty() {
                return places[node] as f64;
            }
            neighbours.iter().map(|next| places[*next] as f64).sum::<f64>() / neighbours.len() as f64
        };
        let mut keyed: Vec<(f64, usize)> =
            self.layers[layer].iter().map(|node| (mean(*node), *node)).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.layers[layer] = keyed.into_iter().map(|(_, node)| node).collect();
    }

    /// Each node's place in its layer.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.sizes.len()];
        for layer in &self.layers {
            for (place, node) in layer.iter().enumerate() {
                places[*node] = place;
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        self.layers
            .iter()
            .map(|layer| {
                let mut ends: Vec<(usize, usize)> = layer
                    .iter()
                    .flat_map(|node| self.right[*node].iter().map(|next| (places[*node], places[*next])))
                    .collect();
                ends.sort_unstable();
                let crossed = |(at, one): (usize, &(usize, usize))| {
                    ends[at + 1..].iter().filter(|other| other.0 > one.0 && other.1 < one.1).count()
                };
                ends.iter().enumerate().map(crossed).sum::<usize>()
            })
            .sum()
    }

    /// Turns orders into coordinates: columns as wide as their widest box, each box as near the mean of its neighbours as
    /// those above and below allow.
    fn place(self) -> Layout {
        let mut y = vec![0.0; self.sizes.len()];
        for layer in &self.layers {
            spread(layer, &self.sizes, &mut y, |_| 0.0);
        }
        for sweep in 0..SWEEPS {
            for step in 0..self.layers.len() {
                let layer = if sweep % 2 == 0 { step } else { self.layers.len() - 1 - step };
                let before = y.clone();
                let wish = |node: usize| {
                    let tied = self.right[node].iter().chain(&self.left[node]);
                    let (many, sum) =
                        tied.fold((0, 0.0), |(many, sum), next| (many + 1, sum + before[*next]));
                    if many == 0 { before[node] } else { sum / f64::from(many) }
                };
                spread(&self.layers[layer], &self.sizes, &mut y, wish);
            }
        }
        let top =
            (0..self.sizes.len()).map(|node| y[node] - self.sizes[node].1 / 2.0).fold(f64::MAX, f64::min);
        let mut x = vec![0.0; self.sizes.len()];
        let mut edge = 0.0;
        for layer in self.layers.iter().rev() {
            let widest = layer.iter().map(|node| self.sizes[*node].0).fold(0.0, f64::max);
            for node in layer {
                x[*node] = edge + widest / 2.0;
            }
            edge += widest + BETWEEN;
        }
        let at = |node: usize| Point { x: x[node], y: y[node] - top };
        let bottom =
            (0..self.sizes.len()).map(|node| at(node).y + self.sizes[node].1 / 2.0).fold(0.0, f64::max);
        Layout {
            centres: (0..self.boxes).map(at).collect(),
            lines: self.paths.iter().map(|path| path.iter().map(|node| at(*node)).collect()).collect(),
            width: (edge - BETWEEN).max(0.0),
            height: bottom,
        }
    }
}

/// Which lines run from child to parent once every cycle is broken by turning a line round.
pub fn without_cycles(boxes: usize, lines: &[(usize, usize)]) -> Vec<bool> {
    let mut out = vec![Vec::new(); boxes];
    for (line, &(from, to)) in lines.iter().enumerate() {
        out[from].push((line, to));
    }
    let mut forward = vec![true; lines.len()];
    // 0: not met, 1: on the way, 2: done.
    let mut state = vec![0_u8; boxes];
    for start in 0..boxes {
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            if next == 0 && state[node] == 2 {
                continue;
            }
            state[node] = 1;
            match out[node].get(next) {
                Some(&(line, to)) => {
                    way.push((node, next + 1));
                    match state[to] {
                        0 => way.push((to, 0)),
                        1 => forward[line] = to == node,
                        _ => (),
                    }
                }
                None => state[node] = 2,
            }
        }
    }
    forward
}

/// The layer of each box: one to the left of its leftmost parent.
pub fn layers(boxes: usize, lines: &[(usize, usize)], forward: &[bool]) -> Vec<usize> {
    let mut layer = vec![0; boxes];
    // Without cycles no chain is longer than there are boxes.
    for _ in 0..boxes {
        let mut moved = false;
        for (&(from, to), forward) in lines.iter().zip(forward) {
            let (child, parent) = if *forward { (from, to) } else { (to, from) };
            if child != parent && layer[child] <= layer[parent] {
                layer[child] = layer[parent] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layer
}

/// Gives the nodes of a layer the heights nearest to their wishes that keep order and distance: neighbours that would
/// overlap move together as one block around the mean of their wishes.
fn spread(layer: &[usize], sizes: &[(f64, f64)], y: &mut [f64], wish: impl Fn(usize) -> f64) {
    // Offsets turn distances into order: what remains is to make the wishes ascend.
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(layer.len());
    for (place, node) in layer.iter().enumerate() {
        if place > 0 {
            offset += (sizes[layer[place - 1]].1 + sizes[*node].1) / 2.0 + APART;
        }
        offsets.push(offset);
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (node, offset) in layer.iter().zip(&offsets) {
        let mut block = (wish(*node) - offset, 1);
        while let Some(&(sum, many)) = blocks.last() {
            if sum / many as f64 <= block.0 / block.1 as f64 {
                break;
            }
            blocks.pop();
            block = (block.0 + sum, block.1 + many);
        }
        blocks.push(block);
    }
    let settled = blocks.iter().flat_map(|(sum, many)| std::iter::repeat_n(sum / *many as f64, *many));
    for ((node, offset), start) in layer.iter().zip(&offsets).zip(settled) {
        y[*node] = start + offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: (f64, f64) = (100.0, 30.0);

    fn overlaps(layout: &Layout) -> bool {
        let apart = |a: &Point, b: &Point| (a.x - b.x).abs() >= BOX.0 || (a.y - b.y).abs() >= BOX.1;
        let boxes = &layout.centres;
        boxes.iter().enumerate().any(|(at, a)| boxes[at + 1..].iter().any(|b| !apart(a, b)))
    }

    #[test]
    fn a_child_stands_left_of_its_parents_and_no_boxes_overlap() {
        let lines = [(0, 1), (1, 2), (0, 2), (3, 2), (4, 2), (5, 3)];
        let layout = lay(&[BOX; 6], &lines);
        for (from, to) in lines {
            assert!(layout.centres[from].x + BOX.0 < layout.centres[to].x, "{from} -> {to}: {layout:?}");
        }
        assert!(!overlaps(&layout), "{layout:?}");
        assert_eq!(layout.lines[2].len(), 3, "a long line passes the layer between: {layout:?}");
    }

    #[test]
    fn cycles_and_self_references_are_laid_out_too() {
        let layout = lay(&[BOX; 3], &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert!(!overlaps(&layout), "{layout:?}");
        assert!(layout.lines[3].is_empty());
        for (line, (from, to)) in layout.lines.iter().zip([(0, 1), (1, 2), (2, 0)]) {
            assert_eq!(line.first(), Some(&layout.centres[from]));
            assert_eq!(line.last(), Some(&layout.centres[to]));
        }
    }

    #[test]
    fn nothing_takes_no_room() {
        assert_eq!(lay(&[], &[]), Layout::default());
    }

    #[test]
    fn sixty_boxes_in_a_tangle_do_not_overlap() {
        let lines: Vec<(usize, usize)> = (0..60)
            .flat_map(|child| [(child, (child * 7 + 3) % 60), (child, (child * 13 + 5) % 60)])
            .collect();
        let layout = lay(&[BOX; 60], &lines);
        assert!(!overlaps(&layout));
        assert!(layout.centres.iter().all(|at| at.x >= 0.0 && at.y >= 0.0));
        assert!(layout.height.is_finite() && layout.width.is_finite());
    }
}
