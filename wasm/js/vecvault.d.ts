/// <reference lib="esnext.disposable" />
/** Backups of vector collections that prove themselves: built, opened, inspected and verified in JavaScript. */

import type { DiffOptions, DiffReport, Projection, ProjectionOptions, Statistics } from './analysis.js';

export type {
  CollectionDiff, DiffOptions, DiffReport, KeyCoverage, Projection, ProjectionOptions, Statistics,
} from './analysis.js';

/** What a backup can be opened from: bytes, a file, a URL whose server answers ranges, or your own reader. */
export type Source = Blob | ArrayBuffer | ArrayBufferView | string | URL | RangeSource;

/** Bytes that can be read from any offset. */
export interface RangeSource {
  /** The length in bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset` on. */
  read(offset: number, length: number): Promise<ArrayBuffer | ArrayBufferView> | ArrayBuffer | ArrayBufferView;
}

/** How far something has come. */
export interface Progress {
  readonly phase: 'reading' | 'writing';
  readonly records: number;
  readonly totalRecords: number | undefined;
  readonly bytes: number;
  readonly totalBytes: number | undefined;
}

/** What every longer call takes. */
export interface RunOptions {
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Told about once a block of 256 KiB. Where another writer's file is first compared or looked closer at, it is read
   * through once more before that, and the reading is told from its begin to its end twice. What it throws ends the call,
   * which rejects with it.
   */
  onProgress?: (progress: Progress) => void;
}

/** The documented members of a backup, as `GET /api/backups` lists them. */
export interface BackupInfo {
  readonly id: string;
  readonly name: string;
  /** RFC 3339, UTC. */
  readonly date: string;
  /** The exact length of the file in bytes. */
  readonly size: number;
  readonly collections: readonly string[];
}

/** A blob with a backup's key that does not open. */
export interface DamagedBackup {
  readonly id: string;
  readonly size: number;
  readonly damaged: { readonly code: string; readonly message: string };
}

/** Whether a file carries the index and hashes that prove it. */
export type Provenance =
  | { readonly kind: 'indexed'; readonly format: number; readonly creator: string; readonly root: string }
  | { readonly kind: 'foreign' };

/** What is known of a collection without reading its records. */
export interface CollectionSummary {
  readonly name: string;
  /** The config, parsed. */
  readonly config: CollectionConfig;
  /** The config's JSON text as it was written. */
  readonly configText: string;
  readonly count: number;
  /** Equal fingerprints, counts and configs mean equal contents. */
  readonly fingerprint: string;
  /** Whether the records ascend by the bytes of their ids. */
  readonly ordered: boolean;
  /** How many bytes of the file its records take. */
  readonly bytes: number;
}

export interface CollectionConfig {
  readonly dimension: number;
  readonly metric: 'cosine' | 'euclidean' | 'dotproduct' | (string & {});
  readonly [member: string]: unknown;
}

/** One record. Its texts are the JSON that was written, to the byte. */
export interface VectorRecord {
  readonly id: string;
  readonly vector: Float32Array;
  readonly metadataText: string | undefined;
  /** The record's other members, as the text of an object. */
  readonly extraText: string | undefined;
}

/** Records of a collection, in columns. */
export class RecordPage implements Iterable<VectorRecord> {
  private constructor();
  /** The position of the first record in the collection. */
  readonly offset: number;
  /** How many records the collection has. */
  readonly total: number;
  /** How many there are here. */
  readonly length: number;
  readonly dimension: number;
  /** All vectors, one after the other. */
  readonly vectors: Float32Array;
  id(index: number): string;
  /** A view of `vectors`. */
  vector(index: number): Float32Array;
  metadataText(index: number): string | undefined;
  /** Parsed: numbers beyond 2^53 lose digits that `metadataText` keeps. */
  metadata(index: number): unknown;
  extraText(index: number): string | undefined;
  [Symbol.iterator](): Iterator<VectorRecord>;
}

/** Something that is wrong with a file. */
export interface Finding {
  readonly code: string;
  readonly collection: string | null;
  /** The number of the block in the file. */
  readonly block: number | null;
  /** The first byte concerned. */
  readonly offset: number;
  readonly bytes: number | null;
  /** The path to the value, such as `data.docs.vectors[17].id`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  /** Whether the file carries hashes to verify against; another writer's file carries none. */
  readonly verifiable: boolean;
  readonly depth: 'quick' | 'full';
  readonly records: number;
  readonly bytes: number;
  /** As it was come upon, which is about the order of the file; the first 1,000. */
  readonly findings: readonly Finding[];
}

export interface VerifyOptions extends RunOptions {
  /** Only head, tail and index. */
  quick?: boolean;
}

/** What a new backup is called. */
export interface NewBackup {
  /** 1 to 255 bytes. */
  name: string;
  /** A UUID; a new one of version 7 where none is given. */
  id?: string;
  /** Now, where none is given; written in whole seconds. */
  date?: Date | string | number;
}

/** A backup that was opened by its head and its tail; the rest is read when it is asked for. */
export class Backup {
  private constructor();
  readonly info: BackupInfo;
  readonly provenance: Provenance;
  /** In the order of the file. */
  readonly collections: readonly CollectionSummary[];
  /** Collections that another writer's file lists and does not hold. */
  readonly missing: readonly string[];
  /** Up to `limit` (100) records from a position on; past the end there are none. At most 67 million numbers at once. */
  page(collection: string, offset?: number, limit?: number): Promise<RecordPage>;
  record(collection: string, position: number): Promise<VectorRecord | undefined>;
  find(collection: string, id: string): Promise<VectorRecord | undefined>;
  /** All records, proved as they are read: it ends in an error where they are not what the index says. */
  records(collection: string, options?: { signal?: AbortSignal }): AsyncGenerator<RecordPage, void, void>;
  /** A collection as JSON lines, proved as they are read. */
  lines(collection: string, options?: { signal?: AbortSignal }): ReadableStream<Uint8Array>;
  /** Some collections as a backup of their own. */
  extract(collections: string | readonly string[], options?: Partial<NewBackup> & RunOptions): ReadableStream<Uint8Array>;
  /** Damage is told, not thrown. */
  verify(options?: VerifyOptions): Promise<VerifyReport>;
  /**
   * What the records of a collection are like, read and proved once. The first call of this or of `projection`
   * loads another module: see `initAnalysis`.
   */
  statistics(collection: string, options?: RunOptions): Promise<Statistics>;
  /** A picture of a sample of a collection; reads only what holds the sample. */
  projection(collection: string, options?: ProjectionOptions): Promise<Projection>;
  /** Frees the memory at once; otherwise that happens when this object is collected. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Records to build a backup of, in columns. */
export interface Batch {
  ids: readonly string[];
  /** All vectors, one after the other: `ids.length * dimension` numbers. */
  vectors: Float32Array;
  /** JSON values; `undefined` is absent, `null` is null. */
  metadata?: readonly unknown[];
  /** Instead of `metadata`: JSON texts, kept to the byte. */
  metadataText?: readonly (string | undefined)[];
}

export interface CollectionInput {
  name: string;
  /** An object, or its JSON text, which is kept to the byte. */
  config: CollectionConfig | string;
  /** The ids ascend strictly by their UTF-8 bytes: nothing is remembered of them then. */
  ordered?: boolean;
  /** Without them, and without lines, the collection is empty. */
  batches?: Iterable<Batch> | AsyncIterable<Batch>;
  /** Instead of `batches`: JSON lines, `{"id","vector","metadata"}` each. */
  lines?: Blob | ReadableStream<Uint8Array> | ArrayBuffer | ArrayBufferView | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
}

export interface BuildOptions extends NewBackup, RunOptions {
  collections: readonly CollectionInput[];
}

export interface OpenOptions extends RunOptions {
  /** Sent with every request where the source is a URL. */
  headers?: Record<string, string>;
}

/** Opens a backup: reads its head and tail. Another writer's file is read through once. */
export function open(source: Source, options?: OpenOptions): Promise<Backup>;
/** Verifies a file that may be too damaged to open. Damage is told, not thrown. */
export function verifySource(source: Source, options?: VerifyOptions & OpenOptions): Promise<VerifyReport>;
/**
 * What differs between two open backups: what has happened, where `a` is the earlier one. Equal collections are told
 * from the indexes; of others the records are read, where both are ordered without the blocks that both have. The first call
 * loads another module: see `initAnalysis`.
 */
export function diffBackups(a: Backup, b: Backup, options?: DiffOptions): Promise<DiffReport>;
/** Builds a backup as a stream, made as it is read; equal input makes equal bytes on every host. */
export function build(options: BuildOptions): ReadableStream<Uint8Array>;
/** Builds a backup as a `Blob`. */
export function buildBlob(options: BuildOptions): Promise<Blob>;

/** Builds a backup into a store, under `{id}.backup`; gives its info once it is proved and durable. */
export function createBackup(store: BlobStore, options: BuildOptions): Promise<BackupInfo>;
/** Every backup of a store, newest first; damaged ones come last. */
export function listBackups(store: BlobStore): Promise<(BackupInfo | DamagedBackup)[]>;
export function openBackup(store: BlobStore, id: string, options?: RunOptions): Promise<Backup>;
export function verifyBackup(store: BlobStore, id: string, options?: VerifyOptions): Promise<VerifyReport>;
export function deleteBackup(store: BlobStore, id: string): Promise<void>;

/** What a store knows of a blob. */
export interface BlobMeta {
  key: string;
  size: number;
  /** Another one after each `put`. */
  version: string;
  modified?: Date | number;
}

export type BlobBody = Blob | ReadableStream<Uint8Array> | ArrayBuffer | ArrayBufferView | AsyncIterable<Uint8Array>;

/**
 * Where backups are kept. An error may have a `code`: `already_exists`, `corrupt`, `invalid_range`, `no_space`,
 * `not_found`, `permission_denied`, `unavailable` or `version_changed`.
 *
 * - `put` resolves once the whole body is visible and durable. Where the body fails, or `overwrite` is false and
 *   there is a blob already, it rejects and nothing has changed.
 * - `get` gives the bytes of one version, or rejects. With a `version` that is no longer the blob's it rejects with
 *   `version_changed`; with a range past the end with `invalid_range`.
 * - `list` gives blobs in ascending order of their keys, those after `after`.
 */
export interface BlobStore {
  put(key: string, body: ReadableStream<Uint8Array>, options: { overwrite: boolean }): Promise<BlobMeta>;
  get(
    key: string,
    options: { range?: { offset: number; length: number }; version?: string },
  ): Promise<(BlobMeta & { body: BlobBody }) | null>;
  head(key: string): Promise<BlobMeta | null>;
  list(options: { prefix?: string; after?: string; limit?: number }): Promise<{ blobs: BlobMeta[]; more: boolean }>;
  delete(key: string): Promise<boolean>;
}

/** A store that forgets. */
export class MemoryStore implements BlobStore {
  put: BlobStore['put'];
  get: BlobStore['get'];
  head: BlobStore['head'];
  list: BlobStore['list'];
  delete: BlobStore['delete'];
}

/** Backups in the origin private file system of a browser. */
export class OpfsStore implements BlobStore {
  private constructor();
  static available(): Promise<boolean>;
  static open(name?: string): Promise<OpfsStore>;
  close(): void;
  put: BlobStore['put'];
  get: BlobStore['get'];
  head: BlobStore['head'];
  list: BlobStore['list'];
  delete: BlobStore['delete'];
}

/** Backups in IndexedDB, where there is no origin private file system. */
export class IndexedDbStore implements BlobStore {
  private constructor();
  static open(name?: string): Promise<IndexedDbStore>;
  close(): void;
  put: BlobStore['put'];
  get: BlobStore['get'];
  head: BlobStore['head'];
  list: BlobStore['list'];
  delete: BlobStore['delete'];
}

/** Backups in an R2 bucket: the binding of a worker. */
export class R2Store implements BlobStore {
  constructor(bucket: object);
  put: BlobStore['put'];
  get: BlobStore['get'];
  head: BlobStore['head'];
  list: BlobStore['list'];
  delete: BlobStore['delete'];
}

/** What goes wrong. `code` is stable; damaged files give the byte `offset` and the `path` to the value. */
export class VecVaultError extends Error {
  constructor(message: string, details?: { code?: string; cause?: unknown });
  readonly code: string;
  readonly offset?: number;
  readonly path?: string;
  readonly backup?: string;
  readonly collection?: string;
  readonly record?: string;
}

/** A compiled `WebAssembly.Module`, or its bytes. (Types of JavaScript alone do not know the first by its name.) */
type Module = object;

/** Loads `vecvault.wasm`, once. The functions call it by themselves; `vecvault/slim` wants it handed in. */
export function init(wasm?: Module | Response | Promise<Response> | URL | string): Promise<void>;
/** The same at once, from a compiled module or bytes; it throws while `init` is under way. */
export function initSync(wasm: Module): void;
/**
 * The same for `vecvault-analysis.wasm`, which `diffBackups`, `statistics` and `projection` load by themselves when the
 * first of them is called. `vecvault/slim` and edge workers want it handed in before.
 */
export function initAnalysis(wasm?: Module | Response | Promise<Response> | URL | string): Promise<void>;
/**
 * Whether this engine has WebAssembly's SIMD. It then takes `vecvault-simd.wasm` and `vecvault-analysis-simd.wasm`, else
 * those without `-simd`, which do the same at about half the speed. Only those who hand modules in need to ask.
 */
export function hasSimd(): boolean;
/** How much memory the modules have. */
export function memoryBytes(): number;
