//! What is staged: actions in the order a person wants them. Changed by keys only; the version tells the plan that it is
//! old.

use crate::model::action::Action;

/// The staged actions.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    actions: Vec<Action>,
    /// Goes up whenever they change.
    pub version: u64,
}

impl Staged {
    /// The actions, in order.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Whether an action is among them.
    pub fn holds(&self, action: &Action) -> bool {
        self.actions.contains(action)
    }

    /// Adds an action, or takes it away again; says whether it is staged now.
    pub fn turn(&mut self, action: Action) -> bool {
        self.version += 1;
        match self.actions.iter().position(|known| *known == action) {
            Some(at) => {
                self.actions.remove(at);
                false
            }
            None => {
                self.actions.push(action);
                true
            }
        }
    }

    /// Takes those away that are done.
    pub fn settle(&mut self, done: &[Action]) {
        self.version += 1;
        self.actions.retain(|action| !done.contains(action));
    }

    /// Takes the action at a place away.
    pub fn remove(&mut self, at: usize) -> Option<Action> {
        (at < self.actions.len()).then(|| {
            self.version += 1;
            self.actions.remove(at)
        })
    }

    /// Moves the action at a place up or down by one; says where it stands then.
    pub fn shift(&mut self, at: usize, down: bool) -> Option<usize> {
        let to = if down { at.checked_add(1)? } else { at.checked_sub(1)? };
        (at < self.actions.len() && to < self.actions.len()).then(|| {
            self.version += 1;
            self.actions.swap(at, to);
            to
        })
    }
}
