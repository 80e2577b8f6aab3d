//! Every byte of an indexed file, past any damage: what is sound goes on being checked.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Finding, VerifyDepth, VerifyReport};
use crate::blob::{BlobMeta, BlobStore};
use crate::error::Result;
use crate::format::glue::{CLOSE_COLLECTION, EDGE};
use crate::format::index::BlockEntry;
use crate::format::layout::Layout;
use crate::format::limits::BLOCKS_PER_PAGE;
use crate::format::run::{BLOCKS_PER_RUN, DecodedRun, RunText, decode};
use crate::format::unique::UniqueIds;
use crate::format::writer::before_block;
use crate::format::{FormatError, FormatErrorKind};
use crate::host::{Host, Phase, Progress, Running};
use crate::inspect::{PieceReader, check_bytes, check_ending, check_head, in_collection, load_page};
use crate::model::{CollectionProof, RecordBatch};

/// A check of one file.
pub(super) struct IndexedCheck<'a> {
    store: Arc<dyn BlobStore>,
    meta: BlobMeta,
    layout: Layout,
    host: Host,
    report: &'a mut VerifyReport,
    pieces: Option<PieceReader>,
    /// The page that is at hand; `None` in it where it is damaged.
    page: Option<(usize, Option<Vec<BlockEntry>>)>,
    spare: Vec<RecordBatch>,
}

/// A run that is being decoded.
type DecodeJob = Running<DecodedRun>;

/// What has been seen of the collection that is being checked.
struct Seen {
    collection: usize,
    proof: CollectionProof,
    unique: UniqueIds,
    /// A block was damaged or unknown, so that the proof cannot come out.
    incomplete: bool,
    /// The numbers of the blocks of each run.
    running: VecDeque<(Vec<u64>, DecodeJob)>,
    /// Records up to what is being read.
    records: u64,
}

impl<'a> IndexedCheck<'a> {
    pub(super) fn new(
        store: Arc<dyn BlobStore>,
        meta: BlobMeta,
        layout: Layout,
        host: Host,
        report: &'a mut VerifyReport,
    ) -> Self {
        Self { store, meta, layout, host, report, pieces: None, page: None, spare: Vec::new() }
    }

    /// Reads the head and the index, and in a full check everything else.
    pub(super) async fn run(mut self) -> Result<()> {
        if let Err(error) = check_head(&*self.store, &self.meta, &self.layout).await {
            self.report.find_damage(error)?;
        }
        if self.report.depth == VerifyDepth::Quick {
            for page in 0..self.layout.page_count() {
                self.report.bytes += self.layout.root.pages[page].bytes;
                self.load(page).await?;
                self.host.check_cancelled()?;
            }
            return Ok(());
        }
        self.report.bytes = self.meta.size;
        for collection in 0..self.layout.root.collections.len() {
            self.collection(collection).await?;
        }
        self.pieces = None;
        let damaged_pages = self.report.findings.iter().any(|finding| finding.code == PAGE_DAMAGED);
        match check_ending(&*self.store, &self.meta, &self.layout).await {
            // A damaged page has been found already, when its blocks were looked for.
            Err(error) if error.damage().is_some() && damaged_pages => Ok(()),
            Err(error) => self.report.find_damage(error),
            Ok(()) => Ok(()),
        }
    }

    async fn collection(&mut self, number: usize) -> Result<()> {
        let collection = &self.layout.root.collections[number];
        let (ordered, blocks, proof) = (collection.ordered, collection.blocks, collection.proof);
        let (start, opening) = self.layout.opening(number);
        let end = collection.end;
        let first = self.layout.first_blocks[number];
        self.glue(number, start, &opening).await?;
        let mut seen = Seen {
            collection: number,
            proof: CollectionProof::EMPTY,
            unique: UniqueIds::new(ordered),
            incomplete: false,
            running: VecDeque::new(),
            records: 0,
        };
        let mut numbers = (first..first + blocks).peekable();
        while numbers.peek().is_some() {
            self.start_run(&mut seen, &mut numbers, first).await?;
            if seen.running.len() > self.host.window() {
                self.finish_run(&mut seen).await?;
            }
        }
        while !seen.running.is_empty() {
            self.finish_run(&mut seen).await?;
        }
        let edge = if blocks > 0 { EDGE } else { b"" };
        self.glue(number, end - edge.len() as u64, &[edge, CLOSE_COLLECTION].concat()).await?;
        if !seen.incomplete && seen.proof != proof {
            let message = format!("the records come to {}; the index says {proof}", seen.proof);
            self.find(number, &FormatError::new(FormatErrorKind::ProofMismatch, start, message));
        }
        Ok(())
    }

    /// Reads the next blocks and hands them to the workers.
    async fn start_run(
        &mut self,
        seen: &mut Seen,
        numbers: &mut impl Iterator<Item = u64>,
        first_of_collection: u64,
    ) -> Result<()> {
        let (mut run, mut blocks, first) = (RunText::new(), Vec::new(), seen.records);
        for block in numbers.take(BLOCKS_PER_RUN) {
            let Some(entry) = self.entry(block).await? else {
                seen.incomplete = true;
                continue;
            };
            let before = before_block(block == first_of_collection);
            self.glue(seen.collection, entry.offset - before.len() as u64, before).await?;
            let text = self.take(entry.offset, entry.bytes as usize).await?;
            seen.records += entry.records;
            run.push((text, entry));
            blocks.push(block);
        }
        if run.is_empty() {
            return Ok(());
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        batch.reset(self.layout.root.collections[seen.collection].config.dimension());
        seen.running.push_back((blocks, self.host.spawn(move || decode(run, first, batch))));
        Ok(())
    }

    /// Takes the oldest run back from the workers.
    async fn finish_run(&mut self, seen: &mut Seen) -> Result<()> {
        let Some((blocks, job)) = seen.running.pop_front() else { return Ok(()) };
        let run = job.await?;
        let mut end = 0;
        for (block, decoded) in blocks.into_iter().zip(run.blocks(&mut seen.unique)) {
            end = decoded.entry.end();
            let wrong = match decoded.proof {
                Ok(proof) => {
                    seen.proof = seen.proof.plus(proof);
                    self.report.records += proof.count;
                    decoded.not_unique
                }
                Err(error) => {
                    seen.incomplete = true;
                    Some(error)
                }
            };
            if let Some(error) = wrong {
                let name = &self.layout.root.collections[seen.collection].name;
                self.report.find(Finding::of_block(error, name, block, decoded.entry));
            }
        }
        self.spare.push(run.batch);
        self.host.report(Progress {
            phase: Phase::Reading,
            records: self.report.records,
            total_records: Some(self.layout.root.collections.iter().map(|c| c.proof.count).sum()),
            bytes: end,
            total_bytes: Some(self.meta.size),
        })
    }

    /// The entry of a block; `None` where its page is damaged.
    async fn entry(&mut self, block: u64) -> Result<Option<BlockEntry>> {
        let number = (block / BLOCKS_PER_PAGE as u64) as usize;
        if self.page.as_ref().is_none_or(|(page, _)| *page != number) {
            self.load(number).await?;
        }
        let entries = self.page.as_ref().and_then(|(_, entries)| entries.as_ref());
        Ok(entries.map(|entries| entries[(block % BLOCKS_PER_PAGE as u64) as usize].clone()))
    }

    async fn load(&mut self, page: usize) -> Result<()> {
        let entries = match load_page(&*self.store, &self.meta, &self.layout, page).await {
            Ok(entries) => Some(entries),
            Err(error) => {
                let Some(damage) = error.damage() else { return Err(error) };
                let entry = &self.layout.root.pages[page];
                let (offset, bytes) = (entry.offset, Some(entry.bytes));
                self.report.find(Finding { code: PAGE_DAMAGED, offset, bytes, ..Finding::of(damage) });
                None
            }
        };
        self.page = Some((page, entries));
        Ok(())
    }

    /// Checks canonical bytes.
    async fn glue(&mut self, collection: usize, offset: u64, canonical: &[u8]) -> Result<()> {
        let found = self.take(offset, canonical.len()).await?;
        if let Err(error) = check_bytes(&found, canonical, offset) {
            self.find(collection, &error);
        }
        Ok(())
    }

    fn find(&mut self, collection: usize, error: &FormatError) {
        let name = &self.layout.root.collections[collection].name;
        let finding = Finding {
            collection: Some(name.to_string()),
            ..Finding::of(&in_collection(error.clone(), name))
        };
        self.report.find(finding);
    }

    /// Bytes of the file: the next ones of one long read, which begins anew where unknown blocks were
    /// left out.
    async fn take(&mut self, offset: u64, bytes: usize) -> Result<bytes::Bytes> {
        let pieces = match self.pieces.take().filter(|pieces| pieces.offset() == offset) {
            Some(pieces) => self.pieces.insert(pieces),
            None => {
                let range = offset..self.layout.data_end;
                self.pieces.insert(PieceReader::begin(&*self.store, &self.meta, range).await?)
            }
        };
        Ok(pieces.take(bytes).await?)
    }
}

/// The code of a finding about a page of the index: the blocks that it describes could not be looked at.
const PAGE_DAMAGED: &str = "page_damaged";
