//! What a key can mean. The key table names actions by their words; `update` carries them out.

macro_rules! actions {
    ($($action:ident = $name:literal: $meaning:literal,)*) => {
        /// Something a person can ask for with a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = $meaning] $action,)* }

        impl Action {
            /// All actions with their names in the key table.
            pub const ALL: &[(Self, &str)] = &[$((Self::$action, $name),)*];
        }
    };
}

actions! {
    Up = "up": "One row up.",
    Down = "down": "One row down.",
    Left = "left": "To the left.",
    Right = "right": "To the right.",
    PageUp = "page-up": "One page up.",
    PageDown = "page-down": "One page down.",
    First = "first": "To the first row.",
    Last = "last": "To the last row.",
    NextPane = "next-pane": "The keys to the next pane.",
    PreviousPane = "previous-pane": "The keys to the pane before.",
    Open = "open": "Into what is selected.",
    Back = "back": "Out of it, never further than the first screen.",
    Close = "close": "Out of it, and from Overview out of waif.",
    Leave = "leave": "Out of waif.",
    Interrupt = "interrupt": "Stop what runs, or leave.",
    Suspend = "suspend": "Stop until the shell lets us go on.",
    Connections = "connections": "Choose another connection.",
    Help = "help": "The keys.",
    Overview = "overview": "To Overview.",
    Relations = "relations": "To Relations.",
    Graph = "graph": "To Graph.",
    Findings = "findings": "To Findings.",
    Plan = "plan": "To Plan.",
    Run = "run": "To Run.",
    Log = "log": "To Log.",
    NextTab = "next-tab": "To the next tab.",
    PreviousTab = "previous-tab": "To the tab before.",
    Filter = "filter": "Type a filter.",
    Accept = "accept": "Keep what was typed.",
    NextMatch = "next-match": "To the next place of what is looked for.",
    PreviousMatch = "previous-match": "To the place before.",
    Mouse = "mouse": "Listen to the mouse, or leave it to the terminal.",
    Complete = "complete": "Type the rest of what is selected.",
    Palette = "palette": "Find a command, a table, a relation or a rule.",
    Sort = "sort": "Sort by the next column.",
    Reverse = "reverse": "Turn the order round.",
    Recount = "recount": "Count the selected relation again.",
    Rescan = "rescan": "Count everything again.",
    Watch = "watch": "Count everything again and again, or no more.",
    Reconnect = "reconnect": "Connect again.",
    Copy = "copy": "Choose what to copy.",
    Write = "write": "Write it to a file.",
    Facets = "facets": "Narrow the list by what is in it.",
    Tick = "tick": "Tick a row of a menu.",
    Ignore = "ignore": "Accept the finding, with a reason.",
    Export = "export": "Write the list to a file.",
    More = "more": "More of it: hops in the graph, rows of a batch.",
    Less = "less": "Less of it: hops in the graph, rows of a batch.",
    Tree = "tree": "The tree around a table.",
    PathTo = "path-to": "The shortest paths to another table.",
    LoadOrder = "load-order": "The order of load and delete.",
    Cycles = "cycles": "The cycles.",
    AllTables = "all-tables": "All tables as a list.",
    OnlyBroken = "only-broken": "Only what is broken, or all again.",
    Changes = "changes": "What changed since the check before.",
    Stage = "stage": "Stage the fix of what is selected, or take it away again.",
    TypeAction = "type-action": "Type an action to stage.",
    MoveUp = "move-up": "The staged action one place up.",
    MoveDown = "move-down": "The staged action one place down.",
    Rehearse = "rehearse": "Rehearse the plan.",
    PlanAgain = "plan-again": "Make the plan again.",
    Execute = "execute": "Open the confirmation.",
    Restore = "restore": "Open the confirmation to bring back what a run took away.",
    Limits = "limits": "Set limits: the window, batches, locks, lag.",
    Pause = "pause": "Pause the run, or go on.",
    StopRun = "stop-run": "Stop the run after its batch.",
    Notices = "notices": "What cannot be vouched for here.",
}

impl Action {
    /// The action with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(action, _)| *action)
    }

    /// Its name in the key table.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, name)| name)
    }
}
