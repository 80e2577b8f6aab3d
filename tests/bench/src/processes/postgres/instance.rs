//! A Postgres of our own: on a socket in a directory of its own, no port, stopped when dropped.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

use crate::Result;
use crate::process::Program;
use crate::processes::proc_stat::ProcStat;
use crate::processes::site::Site;

/// As fast as it can be set without giving up durability.
const SETTINGS: [&str; 8] = [
    "listen_addresses=",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "shared_buffers=512MB",
    "maintenance_work_mem=256MB",
    "autovacuum=off",
    "logging_collector=off",
];
const SUPERUSER: &str = "postgres";

pub(super) struct Instance {
    programs: PathBuf,
    sockets: TempDir,
    child: Child,
}

impl Instance {
    pub(super) fn start(site: &Site) -> Result<Self> {
        let programs = site.python("postgres_programs.py").run().map_err(|_| "not installed")?;
        let programs = PathBuf::from(programs.trim());
        let account = if getuid().is_root() { Some(nobody()?) } else { None };
        let data = site.path("postgres");
        let sockets = tempfile::tempdir()?;
        fs::create_dir(&data)?;
        if let Some((user, group)) = account {
            chown(&data, Some(user), Some(group))?;
            chown(sockets.path(), Some(user), Some(group))?;
        }
        let as_user = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(&data).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            if let Some((user, group)) = account {
                command.uid(user).gid(group);
            }
            command
        };
        let mut initdb = as_user("initdb");
        initdb.args(["-U", SUPERUSER, "-A", "trust", "--no-locale", "-E", "UTF8", "-D"]).arg(&data);
        if !initdb.status().map_err(|error| format!("initdb does not start: {error}"))?.success() {
            return Err("initdb fails".into());
        }
        let mut postgres = as_user("postgres");
        postgres.arg("-D").arg(&data).arg("-k").arg(sockets.path());
        postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let child = postgres.spawn()?;
        let instance = Self { programs, sockets, child };
        instance.await_start()?;
        Ok(instance)
    }

    /// A client program that knows where the server is.
    pub(super) fn client(&self, name: &str) -> Program {
        let program = Program::new(self.programs.join(name));
        program.env("PGHOST", self.sockets.path()).env("PGUSER", SUPERUSER)
    }

    /// CPU seconds so far of the server, its processes and those that have ended.
    pub(super) fn cpu(&self) -> Result<f64> {
        let own = self.child.id();
        let mut seconds = 0.0;
        for entry in fs::read_dir("/proc")? {
            let Some(stat) = ProcStat::read(&entry?.path()) else { continue };
            if stat.pid == own {
                seconds += stat.cpu + stat.cpu_of_ended_children;
            } else if stat.parent == own {
                seconds += stat.cpu;
            }
        }
        Ok(seconds)
    }

    fn await_start(&self) -> Result<()> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let start = Instant::now();
        let query = self.client("psql").args(["-X", "-d", "postgres", "-c", "SELECT 1"]);
        while query.run().is_err() {
            if start.elapsed() > PATIENCE {
                return Err("postgres does not start".into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Fast shutdown; one that has ended already is what is wanted.
            let _ = kill_process(pid, Signal::INT);
        }
        let _ = self.child.wait();
    }
}

/// User and group of the account that has no rights: Postgres refuses to run as root.
fn nobody() -> Result<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let account = accounts.lines().find(|line| line.starts_with("nobody:")).ok_or("no account nobody")?;
    let number = |field| account.split(':').nth(field).and_then(|text| text.parse().ok());
    number(2).zip(number(3)).ok_or_else(|| "no account nobody".into())
}
