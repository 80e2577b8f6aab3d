//! `serve --sample`: real vectors to try everything on, and what to type next.

use std::io::Cursor;

use vecvault::collections::Collections;
use vecvault::lines::{ImportError, ImportRequest, import};
use vecvault_core::{CollectionName, Metric, Silent};

use crate::cli::exit::{Failure, Outcome};

/// The sample's collections; `native/sample/README.md` says where they come from.
const SAMPLE: [(&str, &str); 2] = [
    ("docs", include_str!("../../../sample/docs.jsonl")),
    ("code", include_str!("../../../sample/code.jsonl")),
];

/// Loads what is not there yet; gives a line about each collection.
pub(super) async fn load(collections: &Collections) -> Outcome<Vec<String>> {
    let mut done = Vec::new();
    for (name, lines) in SAMPLE {
        let request = ImportRequest {
            name: CollectionName::parse(name).map_err(vecvault_core::Error::from)?,
            metric: Metric::Cosine,
            replace: false,
            bytes: Some(lines.len() as u64),
        };
        done.push(match import(collections, request, Cursor::new(lines), &Silent).await {
            Ok(report) => format!("sample: {name} has {} records", report.proof.count),
            Err(ImportError::Exists { .. }) => format!("sample: {name} exists and stays as it is"),
            Err(error) => return Err(Failure::from(error)),
        });
    }
    Ok(done)
}

/// What to try next, ready to be pasted.
pub(super) fn next_steps(url: &str) -> String {
    format!(
        r#"Try, in another terminal:

  # what is there to back up
  curl {url}/api/collections

  # back it up; the reply has the backup's id
  curl -X POST {url}/api/backups/create -H "Content-Type: application/json" \
    -d '{{"name": "my_first_backup", "collections": ["docs", "code"]}}'

  # list the backups
  curl {url}/api/backups

  # wreck a collection
  curl -X DELETE {url}/api/collections/docs

  # get every bit back: put the id in the place of BACKUP_ID
  curl -X POST {url}/api/backups/restore -H "Content-Type: application/json" \
    -d '{{"backup_id": "BACKUP_ID"}}'
"#
    )
}
