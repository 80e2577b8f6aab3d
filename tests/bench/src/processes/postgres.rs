//! Postgres with pgvector, as its dumps and loads of the same records.

mod instance;

use std::path::Path;

use super::create::removing;
use super::site::Site;
use crate::Result;
use crate::process::{Figures, Program, Rival};
use instance::Instance;

const TABLE: &str = "CREATE TABLE docs (id text PRIMARY KEY, embedding vector(384) NOT NULL, metadata json)";

/// How records leave and enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Stored,
    Gzip,
    Binary,
}

const WAYS: [Way; 3] = [Way::Stored, Way::Gzip, Way::Binary];

impl Way {
    fn dump_name(self) -> &'static str {
        match self {
            Self::Stored => "pg_dump -Z0",
            Self::Gzip => "pg_dump, compressed as by default",
            Self::Binary => "binary COPY TO + fsync",
        }
    }

    fn load_name(self) -> &'static str {
        match self {
            Self::Stored => "pg_restore of -Z0",
            Self::Gzip => "pg_restore, compressed",
            Self::Binary => "binary COPY FROM",
        }
    }
}

/// A server of our own, with a database `bench` that holds the site's records in a table `docs`.
pub(super) struct Postgres {
    instance: Instance,
}

impl Postgres {
    /// Starts one and fills it; an error where it is not installed or does not run here.
    pub(super) fn start(site: &Site) -> Result<Self> {
        let postgres = Self { instance: Instance::start(site)? };
        postgres.client("createdb").arg("bench").run()?;
        let fill = postgres.sql("bench").args(["-c", "CREATE EXTENSION vector", "-c", TABLE]);
        fill.args(["-c", "COPY docs FROM STDIN"])
            .run_on(&Program::tool("copy-rows")?.arg(site.records.to_string()))?;
        postgres.sql("bench").args(["-c", "VACUUM ANALYZE docs", "-c", "CHECKPOINT"]).run()?;
        let count = postgres.sql("bench").args(["-At", "-c", "SELECT count(*) FROM docs"]).run()?;
        if count.trim() != site.records.to_string() {
            return Err(format!("Postgres has {} records", count.trim()).into());
        }
        Ok(postgres)
    }

    /// Its ways to write the table to a file.
    pub(super) fn dumps<'a>(&'a self, site: &'a Site, out: &'a Path) -> Vec<Rival<'a>> {
        let rival = |way: Way| {
            let program = self.dump(way, out);
            removing(way.dump_name(), out, move || self.measure(site, &program))
        };
        WAYS.map(rival).into()
    }

    /// Its ways to read such files into an empty database.
    pub(super) fn restores<'a>(&'a self, site: &'a Site) -> Result<Vec<Rival<'a>>> {
        let mut rivals = Vec::new();
        for way in WAYS {
            let file = site.path(&format!("postgres-{way:?}"));
            self.dump(way, &file).run()?;
            let load = self.load(way, &file);
            rivals.push(Rival::new(way.load_name(), move || {
                self.client("createdb").arg("restored").run()?;
                let figures = self.measure(site, &load);
                self.client("dropdb").arg("restored").run()?;
                figures
            }));
        }
        Ok(rivals)
    }

    fn dump(&self, way: Way, file: &Path) -> Program {
        let dump = self.client("pg_dump").args(["-Fc", "-d", "bench", "-f"]).arg(file);
        match way {
            Way::Stored => dump.arg("-Z0"),
            Way::Gzip => dump,
            Way::Binary => {
                let copy = format!("\\copy docs to '{}' with (format binary)", file.display());
                self.sql("bench").args(["-c", &copy]).then_sync(file)
            }
        }
    }

    fn load(&self, way: Way, file: &Path) -> Program {
        if way != Way::Binary {
            return self.client("pg_restore").args(["--exit-on-error", "-1", "-d", "restored"]).arg(file);
        }
        let copy = format!("\\copy docs from '{}' with (format binary)", file.display());
        self.sql("restored").args(["-1", "-c", "CREATE EXTENSION vector", "-c", TABLE, "-c", &copy])
    }

    /// Wall time of the client, CPU time of it and of the server.
    fn measure(&self, site: &Site, program: &Program) -> Result<Figures> {
        let before = self.instance.cpu()?;
        let (figures, _) = site.measure(program)?;
        Ok(Figures { cpu: figures.cpu + self.instance.cpu()? - before, ..figures })
    }

    fn client(&self, name: &str) -> Program {
        self.instance.client(name)
    }

    fn sql(&self, database: &str) -> Program {
        self.client("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database])
    }
}
