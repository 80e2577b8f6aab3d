//! A running server, its requests and what they cost it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::proc_stat::{ProcStat, cpu_of_threads, peak};
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
    /// Starts one on the site's backups and a data directory of this name.
    pub(super) fn start(site: &Site, data: &str) -> Result<Self> {
        Self::of(&site.vecvault(data))
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

    /// One request that takes long, and its reply. Peak and CPU time are the server's.
    pub(super) fn post(&self, path: &str, body: &str) -> Result<(Figures, String)> {
        let pid = self.child.id();
        let request = ureq::post(format!("{}{path}", self.url)).header("Content-Type", "application/json");
        let (start, cpu) = (Instant::now(), ProcStat::of(pid)?.cpu);
        let reply = request.send(body)?.into_body().read_to_string()?;
        let wall = start.elapsed().as_secs_f64();
        let cpu = ProcStat::of(pid)?.cpu - cpu;
        Ok((Figures { wall, cpu, peak: peak(&pid.to_string()) }, reply))
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
        let cpu = cpu_of_threads(self.child.id())?;
        let start = Instant::now();
        for _ in 0..times {
            get()?;
        }
        let each = |seconds: f64| seconds / f64::from(times);
        let wall = each(start.elapsed().as_secs_f64());
        Ok(Figures { wall, cpu: each(cpu_of_threads(self.child.id())? - cpu), peak: None })
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
