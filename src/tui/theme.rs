//! Themes: what each role on screen looks like. Screens name roles, never colours; the colours stand in assets/theme.

use crate::model::fault::{Fault, Kind};
use crate::model::finding::Severity;
use crate::model::target::Environment;
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;
use std::str::FromStr;

const THEMES: [(&str, &str); 5] = [
    ("system", include_str!("../../assets/theme/system.toml")),
    ("dark", include_str!("../../assets/theme/dark.toml")),
    ("light", include_str!("../../assets/theme/light.toml")),
    ("mono", include_str!("../../assets/theme/mono.toml")),
    ("okabe", include_str!("../../assets/theme/okabe.toml")),
];

macro_rules! roles {
    ($($role:ident = $name:literal: $meaning:literal,)*) => {
        /// What a piece of the screen is, so that a theme can say how it looks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role { $(#[doc = $meaning] $role,)* }

        impl Role {
            /// All roles with their names in theme files.
            pub const ALL: &[(Self, &str)] = &[$((Self::$role, $name),)*];
        }
    };
}

roles! {
    Text = "text": "Ordinary text.",
    Dim = "dim": "What matters less.",
    Title = "title": "Headings.",
    Border = "border": "The frame of a pane.",
    Focus = "focus": "The frame of the pane that has the keys.",
    Selected = "selected": "The selected row of the pane that has the keys.",
    Key = "key": "The name of a key.",
    Critical = "critical": "Severity critical.",
    High = "high": "Severity high.",
    Medium = "medium": "Severity medium.",
    Low = "low": "Severity low.",
    Info = "info": "Severity info.",
    Good = "good": "Counted, and nothing wrong.",
    Bad = "bad": "Counted, and wrong.",
    Warn = "warn": "Not known, or not vouched for.",
    Production = "production": "The badge of production.",
    Staging = "staging": "The badge of staging.",
    Development = "development": "The badge of development.",
    Safe = "safe": "The badge of a session that cannot write.",
    Unsafe = "unsafe": "The badge of a session that could write, or of no connection.",
    Gauge = "gauge": "Bars.",
}

impl From<Severity> for Role {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }
}

impl From<Environment> for Role {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Production => Self::Production,
            Environment::Staging => Self::Staging,
            Environment::Development => Self::Development,
        }
    }
}

/// A style for every role.
#[derive(Clone, Debug)]
pub struct Theme {
    styles: Vec<Style>,
}

impl Theme {
    /// The theme with a name; without colour always `mono`.
    ///
    /// # Errors
    /// A usage fault when there is no such theme.
    pub fn named(name: &str, color: bool) -> Result<Self, Fault> {
        let name = if color { name } else { "mono" };
        let Some((_, text)) = THEMES.iter().find(|(known, _)| *known == name) else {
            let known = THEMES.map(|(known, _)| known).join(", ");
            return Err(Fault::new(Kind::Usage, format!("There is no theme called {name}."))
                .hint(format!("Choose one of {known}.")));
        };
        Self::parse(text)
            .map_err(|why| Fault::new(Kind::Usage, format!("The theme {name} is malformed: {why}.")))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut words: BTreeMap<String, String> = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut styles = Vec::with_capacity(Role::ALL.len());
        for (_, name) in Role::ALL {
            let spec = words.remove(*name).ok_or_else(|| format!("the role {name} is missing"))?;
            styles.push(style(&spec)?);
        }
        match words.keys().next() {
            Some(stranger) => Err(format!("there is no role {stranger}")),
            None => Ok(Self { styles }),
        }
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

fn style(spec: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = spec.split_whitespace();
    while let Some(word) = words.next() {
        style = match word {
            "bold" => style.add_modifier(Modifier::BOLD),
            "dim" => style.add_modifier(Modifier::DIM),
            "italic" => style.add_modifier(Modifier::ITALIC),
            "underlined" => style.add_modifier(Modifier::UNDERLINED),
            "reversed" => style.add_modifier(Modifier::REVERSED),
            "on" => style.bg(color(words.next().unwrap_or_default())?),
            word => style.fg(color(word)?),
        };
    }
    Ok(style)
}

fn color(word: &str) -> Result<Color, String> {
    Color::from_str(word).map_err(|_| format!("{word:?} is no colour"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_gives_every_role_a_style_and_nothing_else() {
        for (name, text) in THEMES {
            assert!(Theme::parse(text).is_ok(), "{name}: {:?}", Theme::parse(text).err());
        }
    }

    #[test]
    fn without_colour_the_theme_has_none() {
        let mono = Theme::named("dark", false).expect("mono is there");
        for (role, name) in Role::ALL {
            let style = mono.style(*role);
            assert!(matches!(style.fg, None | Some(Color::Reset)), "{name} has a foreground");
            assert_eq!(style.bg, None, "{name} has a background");
        }
        assert!(mono.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn good_and_bad_are_never_told_apart_by_red_and_green() {
        for (name, _) in THEMES {
            let theme = Theme::named(name, true).expect("a theme");
            for (role, what) in Role::ALL {
                assert_ne!(theme.style(*role).fg, Some(Color::Green), "{name}: {what} is green");
            }
        }
    }

    #[test]
    fn an_unknown_theme_is_refused_with_the_known_ones() {
        let fault = Theme::named("neon", true).expect_err("there is no such theme");
        assert_eq!(fault.hint.as_deref(), Some("Choose one of system, dark, light, mono, okabe."));
    }

    #[test]
    fn a_malformed_theme_says_what_is_wrong() {
        assert_eq!(Theme::parse("text = \"reset\"").err().as_deref(), Some("the role dim is missing"));
        let odd = format!("{}sparkle = \"red\"\n", THEMES[0].1);
        assert_eq!(Theme::parse(&odd).err().as_deref(), Some("there is no role sparkle"));
        assert_eq!(style("bold mauve").err().as_deref(), Some("\"mauve\" is no colour"));
    }
}
