//! `restore --dry-run`: shows what a restore would do. The plan is the library's, made here or by the server.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use vecvault_core::RestoreRequest;

use crate::cli::context::Context;
use crate::cli::document::Document;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::terminal::{Table, count, plain};

#[derive(Deserialize)]
struct PlanView {
    steps: Vec<StepView>,
    conflicts: Vec<String>,
}

#[derive(Deserialize)]
struct StepView {
    name: String,
    restored_as: String,
    action: String,
    count: u64,
    live: Option<LiveView>,
    config_changes: Vec<String>,
}

#[derive(Deserialize)]
struct LiveView {
    count: u64,
}

/// Shows the plan of a restore; `body` is the request for a server. Conflicts make the exit code that of a
/// conflict.
pub(super) async fn run(context: &Context, request: RestoreRequest, mut body: Value) -> Outcome {
    let document = match context.remote() {
        Some(server) => {
            body["dry_run"] = true.into();
            server.post("backups/restore", &body).await?
        }
        None => {
            let vault = context.vault(context.open_to_read()?, context.collections()?)?;
            Document::of(&vault.plan_restore(&request, context.bar()).await?)?
        }
    };
    context.show(&document, render)?;
    let conflicts = document.view::<PlanView>()?.conflicts;
    Ok(if conflicts.is_empty() { Exit::Ok } else { Exit::Conflict })
}

fn render(plan: &PlanView) -> String {
    let mut table = Table::new(&["COLLECTION", "AS", "ACTION", ">LIVE", ">BACKUP", "CONFIG"]);
    for step in &plan.steps {
        let live = step.live.as_ref().map_or("-".to_owned(), |live| count(live.count));
        let config = step.config_changes.join(", ");
        table.row([&step.name, &step.restored_as, &step.action, &live, &count(step.count), &config]);
    }
    let mut text = table.render();
    for conflict in &plan.conflicts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "CONFLICT  {}", plain(conflict));
    }
    text.push_str("Nothing was changed, and no records were read: verify tells whether they are whole.\n");
    text
}
