//! jobs: what a server does, or has done, by itself.

use clap::Subcommand;
use serde::Deserialize;

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::remote::segment;
use super::terminal::{Table, count, plain, size};

/// List a server's jobs, newest first; show or cancel one
///
/// A create, restore or verify that was sent with `Prefer: respond-async` is a job: it goes on when its caller
/// leaves, and how it ended is kept. Goes through a server (--server).
#[derive(Debug, clap::Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show one job: how far it has come, or how it ended
    Show {
        /// The job's id, as `vecvault jobs` prints it
        id: String,
    },
    /// Ask a job to end; what it did is undone
    Cancel {
        /// The job's id, as `vecvault jobs` prints it
        id: String,
    },
}

#[derive(Deserialize)]
struct JobsView {
    jobs: Vec<JobView>,
}

#[derive(Deserialize)]
struct JobView {
    id: String,
    kind: String,
    state: String,
    started: String,
    finished: Option<String>,
    progress: Option<ProgressView>,
    error: Option<ErrorView>,
}

#[derive(Deserialize)]
struct ProgressView {
    phase: String,
    records: u64,
    total_records: Option<u64>,
    bytes: u64,
    total_bytes: Option<u64>,
}

#[derive(Deserialize)]
struct ErrorView {
    message: String,
}

impl Jobs {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let server =
            context.remote().ok_or_else(|| Failure::usage("jobs are a server's: name it with --server"))?;
        let document = match self.action {
            None => {
                let document = server.get("jobs").await?;
                context.show(&document, render_all)?;
                return Ok(Exit::Ok);
            }
            Some(Action::Show { id }) => server.get(&format!("jobs/{}", segment(&id))).await?,
            Some(Action::Cancel { id }) => {
                server.post_text(&format!("jobs/{}/cancel", segment(&id)), "{}".into()).await?
            }
        };
        show(context, &document)
    }
}

fn show(context: &Context, document: &Document) -> Outcome {
    context.show(document, render)?;
    Ok(Exit::Ok)
}

fn render_all(reply: &JobsView) -> String {
    if reply.jobs.is_empty() {
        return "No jobs yet.\n".into();
    }
    let mut table = Table::new(&["ID", "KIND", "STATE", "STARTED", "FINISHED", "PROGRESS"]);
    for job in &reply.jobs {
        let finished = job.finished.as_deref().unwrap_or("-");
        table.row([&job.id, &job.kind, &job.state, &job.started, finished, &job.how_far()]);
    }
    table.render()
}

fn render(job: &JobView) -> String {
    let mut text = format!(
        "job       {}\nkind      {}\nstate     {}\nstarted   {}\nfinished  {}\nprogress  {}\n",
        plain(&job.id),
        plain(&job.kind),
        plain(&job.state),
        plain(&job.started),
        plain(job.finished.as_deref().unwrap_or("-")),
        plain(&job.how_far()),
    );
    if let Some(error) = &job.error {
        text.push_str(&format!("error     {}\n", plain(&error.message)));
    }
    text
}

impl JobView {
    /// How far it has come, in a few words.
    fn how_far(&self) -> String {
        let Some(ProgressView { phase, records, total_records, bytes, total_bytes }) = &self.progress else {
            return "-".into();
        };
        let of = |total: Option<String>| total.map_or_else(String::new, |total| format!(" of {total}"));
        let records = format!("{}{} records", count(*records), of(total_records.map(count)));
        let bytes = match bytes {
            0 => String::new(),
            bytes => format!(", {}{}", size(*bytes), of(total_bytes.map(size))),
        };
        format!("{phase}: {records}{bytes}")
    }
}
