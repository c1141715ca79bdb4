//! What can be taken away from Plan and Run: the plan as a file that `waif run` takes, as text, as Markdown; the SQL of a
//! step; the log of a run.

use crate::job::plan_file;
use crate::report::Paper;
use crate::report::plan::{markdown, text};
use crate::tui::app::App;
use crate::tui::mend::planning;
use crate::tui::screen::plan::{Row, selected};
use crate::tui::screen::run;
use crate::tui::take::choices::{Choice, Choices, Text};
use crate::tui::take::command;

fn choice(label: impl Into<String>, file: (&'static str, &'static str), text: Text) -> Choice {
    Choice { label: label.into(), file, text }
}

/// What can be taken from the plan in front.
pub fn here(app: &App) -> Option<Choices> {
    let plan = planning::current(app)?;
    let file = plan_file::write(plan).map_or_else(|fault| Text::None(fault.to_string()), Text::Ready);
    let printed = |print: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut out = Vec::new();
        match print(&mut out).map(|()| String::from_utf8(out)) {
            Ok(Ok(text)) => Text::Ready(text),
            _ => Text::None("it could not be printed".to_owned()),
        }
    };
    let mut all = vec![
        choice("the plan file, which waif run takes", ("plan", "json"), file),
        choice(
            "the plan as text",
            ("plan", "txt"),
            printed(&|out| text(plan, &Paper { color: false, width: 100 }, out)),
        ),
        choice("the plan as Markdown", ("plan", "md"), printed(&|out| markdown(plan, out))),
    ];
    if let Some(Row::Step(at)) = selected(app)
        && let Some(step) = plan.steps.get(at)
    {
        let sql = format!("{}\n", step.sql.join("\n"));
        all.push(choice(format!("SQL of step {}", step.id), ("step", "sql"), Text::Ready(sql)));
    }
    if let Some(Row::Refusal(at)) = selected(app)
        && let Some(remedy) = plan.refusals.get(at).and_then(|refusal| refusal.remedy.clone())
    {
        all.insert(0, choice("what to do about it", ("remedy", "sql"), Text::Ready(format!("{remedy}\n"))));
    }
    Some(Choices { title: "plan".to_owned(), all, about: None })
}

/// What can be taken from the run in front, or from the selected one.
pub fn run(app: &App) -> Option<Choices> {
    if let Some(run) = run::selected(app) {
        let resume = command::resume(&app.facts.address, &run.id) + "\n";
        let all = vec![
            choice("the number of the run", ("run", "txt"), Text::Ready(run.id.clone())),
            choice("the command that goes on with it", ("resume", "sh"), Text::Ready(resume)),
            choice("its plan file", ("plan", "json"), Text::Ready(run.plan.clone())),
        ];
        return Some(Choices { title: run.id.clone(), all, about: None });
    }
    let going = app.mend.going.as_ref()?;
    let when = |at| app.mend.zoned(at).strftime("%Y-%m-%d %H:%M:%S%:z").to_string();
    let lines = going.log.iter().map(|(at, text)| format!("{}  {text}\n", when(*at)));
    let title = going.id.clone().unwrap_or_else(|| "run".to_owned());
    let all = vec![choice("the log of the run", ("run", "txt"), Text::Ready(lines.collect()))];
    Some(Choices { title, all, about: None })
}
