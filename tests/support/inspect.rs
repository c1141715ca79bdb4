//! A check made in this process, through the same door the front ends use.

use std::sync::Arc;
use waif::config::{Config, Env, Given, Resolved, resolve};
use waif::job::{Command, Event, open};
use waif::model::check::Check;
use waif::model::policy::Policy;
use waif::model::scope::Scope;

/// Checks a target with nothing narrowed.
pub fn inspect(target: &str) -> Arc<Check> {
    let given = Given { target: Some(target.into()), ..Given::default() };
    let resolved = resolve(&given, &Config::default(), &Env::real()).expect("a target");
    let Resolved::Target(target) = resolved else { panic!("no target in {target}") };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut desk = open(*target, None);
        let wish = Command::Check { scope: Scope::default(), policy: Policy::default() };
        desk.commands.send(wish).expect("the desk listens");
        let mut check = None;
        while let Some(event) = desk.events.recv().await {
            match event {
                Event::Checked(done) => {
                    check = Some(done);
                    desk.commands.send(Command::Close).expect("the desk listens");
                }
                Event::Failed(fault) => panic!("the check failed: {fault}"),
                Event::Closed => break,
                _ => {}
            }
        }
        check.expect("a finished check")
    })
}
