//! import: JSON lines become a live collection.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vecvault::lines::{Batches, ImportError, ImportRequest, import};
use vecvault_core::{CollectionName, Metric};

use super::context::Context;
use super::document::Document;
use super::exit::{Exit, Failure, Outcome};
use super::remote::records;
use super::terminal::{count, plain};

/// Make a live collection of JSON lines
///
/// A line is one record: {"id": "a", "vector": [0.1, 0.2], "metadata": {…}}. The file may be of any size.
/// The first record sets the dimension. Metadata are kept to the byte. All records are staged, read back
/// and compared before the collection appears: a bad line changes nothing, and is named.
///
/// Through a server the records are inserted into a new collection, which others see while it fills, and then
/// read back and compared. It is deleted again if the import fails, unless others have written to it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: zcat docs.jsonl.gz | vecvault import docs - --metric cosine")]
pub(crate) struct Import {
    /// The collection to make
    #[arg(value_parser = CollectionName::parse)]
    collection: CollectionName,

    /// The file of JSON lines; `-` is stdin
    file: PathBuf,

    /// How distance is measured
    #[arg(long, default_value = "cosine", value_parser = ["cosine", "euclidean", "dotproduct"])]
    metric: String,

    /// Replace the collection if it exists
    #[arg(long)]
    replace: bool,
}

#[derive(Deserialize)]
struct ImportView {
    name: String,
    count: u64,
    fingerprint: String,
    replaced: bool,
}

impl Import {
    pub(crate) async fn run(self, context: &Context) -> Outcome {
        let Self { collection: name, file, metric, replace } = self;
        let (lines, bytes) = open(&file)?;
        let request = ImportRequest { name, metric: Metric::parse(&metric), replace, bytes };
        let report = match context.remote() {
            Some(_) if replace => {
                return Err(Failure::usage(
                    "--replace: through a server a collection cannot be replaced at one moment",
                ));
            }
            Some(server) => records::import(server, request, Batches::read(lines), &*context.bar()).await?,
            None => {
                let collections = context.collections()?;
                let bar = context.bar();
                import(&collections, request, lines, &*bar).await.map_err(|error| failure(error, &file))?
            }
        };
        let shown = context.show(&Document::of(&report)?, render);
        shown.map_err(|failure| failure.although("the records were imported and proved"))?;
        Ok(Exit::Ok)
    }
}

/// The failure of an import, with what helps to mend it.
fn failure(error: ImportError, file: &Path) -> Failure {
    let hint = match &error {
        ImportError::Exists { .. } => "; --replace replaces it".to_owned(),
        ImportError::Refused(refusal) => refusal.record().map(|id| lines_of(id, file)).unwrap_or_default(),
        _ => String::new(),
    };
    let failure = Failure::from(error);
    Failure { message: format!("{}{hint}", failure.message), ..failure }
}

/// On which lines a record's id stands, where the file can be read again.
fn lines_of(id: &str, file: &Path) -> String {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    let Some(file) = File::open(file).ok().filter(|file| file.metadata().is_ok_and(|m| m.is_file())) else {
        return String::new();
    };
    let has_id = |line: &[u8]| serde_json::from_slice::<Line<'_>>(line).is_ok_and(|line| line.id == id);
    let lines = BufReader::new(file).split(b'\n').map_while(Result::ok).zip(1_u64..);
    let found: Vec<_> = lines.filter(|(line, _)| has_id(line)).map(|(_, number)| number).take(2).collect();
    match found[..] {
        [first, second] => format!(", on lines {first} and {second}"),
        _ => String::new(),
    }
}

/// The lines and, of a file, their length.
fn open(path: &Path) -> Outcome<(Box<dyn Read + Send>, Option<u64>)> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let failed = |error: io::Error| Failure::io(path.display(), &error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    Ok((Box::new(file), metadata.is_file().then_some(metadata.len())))
}

fn render(report: &ImportView) -> String {
    let ImportView { name, count: records, fingerprint, replaced } = report;
    let what = if *replaced { "Replaced" } else { "Created" };
    format!("{what} {}: {} records, fingerprint {}\n", plain(name), count(*records), plain(fingerprint))
}
