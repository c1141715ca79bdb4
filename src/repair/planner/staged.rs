//! What concerns every plan on every engine: that something is staged, and that the window is still open.

use super::draft::Draft;
use crate::model::plan::refusal::Why;
use crate::model::text::visible;

/// Looks at what was staged and when it must have ended.
pub(super) fn look(draft: &mut Draft<'_>) {
    window(draft);
    if draft.request.actions.is_empty() {
        draft.refuse(Why::Subject, None, "Nothing is staged.", "Stage an action, for instance with --stage.");
    }
}

fn window(draft: &mut Draft<'_>) {
    let Some(end) = draft.request.parameters.window_end.clone() else { return };
    // The server's clock judges the run, so it judges the plan; a file has no clock of its own.
    let now = draft.survey.ground.now.as_deref().unwrap_or(draft.setting.now);
    match (end.parse::<jiff::Timestamp>(), now.parse::<jiff::Timestamp>()) {
        (Ok(end), Ok(now)) if end > now => {}
        (Ok(end), Ok(_)) => {
            draft.refuse(
                Why::Window,
                None,
                format!("The window ended at {end}: it is over."),
                "Plan with a later --window-end.",
            );
        }
        _ => {
            let sentence = format!("{} is no time a window could end at.", visible(&end));
            draft.refuse(Why::Window, None, sentence, "Write it as 2026-01-31T04:00:00Z.");
        }
    }
}
