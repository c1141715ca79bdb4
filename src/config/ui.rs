//! How things should look: what the terminal interface and the printers ask of the configuration.

use std::time::Duration;

/// Appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ui {
    /// The theme.
    pub theme: Theme,
    /// Whether to draw with ASCII characters only. Decided: `auto` has asked the locale.
    pub ascii: bool,
    /// Whether to use colour. `Auto` leaves it to whether the output is a terminal; `NO_COLOR` and `TERM=dumb` have
    /// been heard already.
    pub color: When,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether the end of something long rings.
    pub bell: bool,
    /// How long watch mode waits after a check.
    pub watch: Duration,
}

impl Default for Ui {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            ascii: false,
            color: When::default(),
            mouse: false,
            bell: true,
            watch: Duration::from_secs(60),
        }
    }
}

/// The themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's own sixteen colours.
    #[default]
    System,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Without colour.
    Mono,
    /// Okabe and Ito's colours, which the colour-blind tell apart.
    Okabe,
}

impl Theme {
    /// All, with the words of the configuration.
    pub const ALL: [(&'static str, Self); 5] = [
        ("system", Self::System),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("mono", Self::Mono),
        ("okabe", Self::Okabe),
    ];

    /// The word of the configuration.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, theme)| *theme == self).map_or("system", |(word, _)| word)
    }
}

/// A yes, a no, or a decision left to the surroundings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// As the surroundings suggest.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

impl When {
    /// All, with the words of the configuration.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}
