//! A running server, its requests and what they cost it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::site::Site;
use crate::Result;
use crate::process::{Figures, Program};

/// Stops when dropped.
pub(super) struct Server {
    child: Child,
    url: String,
}

#[derive(Deserialize)]
struct Listening {
    url: String,
}

impl Server {
    /// Starts one on the site's data and backups.
    pub(super) fn start(site: &Site) -> Result<Self> {
        Self::of(&site.vecvault("data"))
    }

    /// Starts one; the program has its directories.
    pub(super) fn of(vecvault: &Program) -> Result<Self> {
        let serve = vecvault.clone().args(["serve", "--addr", "127.0.0.1:0"]);
        let mut child = serve.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.as_mut() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let mut server = Self { child, url: String::new() };
        server.url = serde_json::from_str::<Listening>(&line)?.url;
        Ok(server)
    }

    /// Wall time of a request, its reply read to the end: the mean of many, after one more. The CPU time is the
    /// server's.
    pub(super) fn get(&self, path: &str, times: u32) -> Result<Figures> {
        let agent = ureq::Agent::new_with_defaults();
        let url = format!("{}{path}", self.url);
        let get = || -> Result<()> {
            let mut body = Vec::new();
            agent.get(&url).call()?.into_body().into_reader().read_to_end(&mut body)?;
            Ok(())
        };
        get()?;
        let cpu = cpu_of(self.child.id())?;
        let start = Instant::now();
        for _ in 0..times {
            get()?;
        }
        let each = |seconds: f64| seconds / f64::from(times);
        let wall = each(start.elapsed().as_secs_f64());
        Ok(Figures { wall, cpu: each(cpu_of(self.child.id())? - cpu), peak: None })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // One that has ended already is what is wanted.
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// CPU seconds of a process so far, all its threads that run.
fn cpu_of(pid: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        nanoseconds += text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanoseconds * 1e-9)
}
