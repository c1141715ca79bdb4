//! The terminal's clipboard: what goes there, how much it takes, and what is said of it. A terminal never answers whether
//! it took a text, so nothing here says that it did.

use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::theme::Role;
use crate::tui::widget::figure::count;

/// Bytes a terminal takes by OSC 52 for certain: many stop at 100,000 of base64, which is three quarters of that in text.
pub const MOST: usize = 74_000;

/// Sends a text to the clipboard and says so; when it is too long, says that and sends nothing.
pub fn copy(app: &mut App, what: &str, text: String) -> Vec<Effect> {
    let letters = count(text.chars().count() as u64);
    if text.len() > MOST {
        let most = count(MOST as u64);
        app.say(
            format!(
                "Too long to copy: {letters} characters, and terminals take {most} bytes. w writes a file."
            ),
            Role::Warn,
        );
        return Vec::new();
    }
    app.say(format!("Copied {what}: {letters} characters, if the terminal allows OSC 52."), Role::Dim);
    vec![Effect::Copy(text)]
}
