/**
 * What the page and its worker say to each other.
 *
 * The page calls an operation with a number of its own; the worker answers any number of times with progress and
 * once with a result or a failure. A call is cancelled by its number. Files cross as handles, never as bytes;
 * columns of numbers are transferred. To add an operation: a line in `Operations` here and its function in
 * `operations/`.
 */
import type { BackupInfo, CollectionSummary, DiffReport, Progress, Provenance, Statistics, VerifyReport } from 'vecvault';

import type { BuildCollection, Built, CsvColumns, Preview } from './building.ts';

/** Where a backup is read from: a file of this machine or of the server, or an address whose server answers ranges. */
export type BackupSource = File | RemoteFile | string;

/** A file of the page's own server, which gives it by ranges to who may read it. It is named and sized like a `File`. */
export interface RemoteFile {
  /** Its backup's id. */
  readonly id: string;
  readonly url: string;
  /** What the server wants to be shown. */
  readonly headers: Readonly<Record<string, string>>;
  readonly name: string;
  readonly size: number;
}

/** Where something is saved: in a file that the reader has chosen; where the browser cannot do so, in a Blob. */
export type Destination = FileSystemFileHandle | undefined;

/** What was saved. */
export interface Saved {
  readonly bytes: number;
  /** Where there was no file to write to: what is to be offered as a download. */
  readonly blob: Blob | undefined;
}

/** A backup that the worker holds open. */
export type Handle = number;

/** What is known of a backup once it is open. */
export interface OpenedBackup {
  readonly handle: Handle;
  readonly info: BackupInfo;
  readonly provenance: Provenance;
  readonly collections: readonly CollectionSummary[];
  readonly missing: readonly string[];
}

/** Every operation of the worker: what it takes and what it gives. */
export interface Operations {
  /** Loads the core, so that the first file opens at once. */
  warm: { takes: Record<string, never>; gives: { memoryBytes: number } };
  /** Reads head and tail; another writer's file is read through, with progress. */
  open: { takes: { source: BackupSource }; gives: OpenedBackup };
  /** Lets go of an open backup. */
  close: { takes: { handle: Handle }; gives: void };
  /** A page of records in brief; with `filter`, those of the page whose id or metadata have the text in them. */
  page: { takes: Place & { offset: number; limit: number; filter: string }; gives: RecordRows };
  /** The record at a position; `undefined` past the end. */
  record: { takes: Place & { position: number }; gives: FullRecord | undefined };
  /** The record of an id. */
  find: { takes: Place & { id: string }; gives: FullRecord | undefined };
  /** The position of the first record, of those from one to before another, whose id or metadata have a text in them. */
  search: { takes: Place & { from: number; to: number; text: string }; gives: number | undefined };
  /** Verifies a file, whether it opens or not. Damage is told, not thrown. */
  verify: { takes: { source: BackupSource; quick: boolean }; gives: VerifyReport };
  /** Reads a collection and says what its records are like. */
  statistics: { takes: Place; gives: Statistics };
  /** Draws a sample of a collection. */
  projection: { takes: Place & { sample: number }; gives: Picture };
  /** Saves a file of the server. */
  download: { takes: { source: RemoteFile; to: Destination }; gives: Saved };
  /** Saves some collections as a backup of their own, or one as JSON lines. */
  extract: { takes: Extraction; gives: Saved };
  /** Compares two open backups; equal collections are told from the indexes. */
  diff: { takes: { a: Handle; b: Handle; limit: number }; gives: DiffReport };
  /** The first rows of files to build of, and what the files are. */
  preview: { takes: { files: readonly File[]; columns: CsvColumns | undefined }; gives: Preview };
  /** Builds a backup of files, and saves it. */
  build: { takes: { name: string; collections: readonly BuildCollection[]; to: Destination }; gives: Built };
}

/** What to take out of an open backup. */
export interface Extraction {
  readonly handle: Handle;
  readonly collections: readonly string[];
  readonly as: 'backup' | 'lines';
  /** Of the new backup. */
  readonly name: string;
  readonly to: Destination;
}

/** A collection of an open backup. */
export interface Place {
  readonly handle: Handle;
  readonly collection: string;
}

/** A record in a list: its metadata are cut to what a line shows. */
export interface RecordRow {
  readonly position: number;
  readonly id: string;
  /** Of the metadata's JSON text; `undefined` where the record has none. */
  readonly excerpt: string | undefined;
}

export interface RecordRows {
  /** How many records the page has, filtered or not. */
  readonly length: number;
  readonly rows: readonly RecordRow[];
}

/** A record in full. Its texts are the JSON that was written, to the byte. */
export interface FullRecord {
  readonly id: string;
  readonly vector: Float32Array;
  readonly metadataText: string | undefined;
  readonly extraText: string | undefined;
}

/** A sample of a collection in two dimensions, a member of each array a record. */
export interface Picture {
  /** How many records the collection has. */
  readonly total: number;
  readonly positions: Float64Array;
  readonly ids: readonly string[];
  /** `x, y` of each. */
  readonly points: Float32Array;
  /** Which share of the sample's variance lies along each axis. */
  readonly explained: { readonly x: number; readonly y: number };
  /** What the records can be told apart by; the most telling first. */
  readonly fields: readonly PictureField[];
}

/** A key right under the top of the metadata, and its value in each record as JSON text. */
export interface PictureField {
  readonly key: string;
  readonly values: readonly (string | undefined)[];
}

export type Operation = keyof Operations;
export type Takes<O extends Operation> = Operations[O]['takes'];
export type Gives<O extends Operation> = Operations[O]['gives'];

/** What went wrong, as it crosses: the members of a `VecVaultError`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly offset?: number;
  readonly path?: string;
  readonly collection?: string;
  readonly record?: string;
  /** What to do about it, where whoever failed knows. */
  readonly todo?: string | undefined;
}

export type ToWorker =
  | { readonly call: number; readonly operation: Operation; readonly takes: unknown }
  | { readonly cancel: number };

export type FromWorker =
  | { readonly call: number; readonly progress: Progress }
  | { readonly call: number; readonly gives: unknown }
  | { readonly call: number; readonly failure: Failure };
