/**
 * What the page and its worker say to each other.
 *
 * The page calls an operation with a number of its own; the worker answers any number of times with progress and
 * once with a result or a failure. A call is cancelled by its number. Files cross as handles, never as bytes;
 * columns of numbers are transferred. To add an operation: a line in `Operations` here and its function in
 * `operations/`.
 */
import type { BackupInfo, CollectionSummary, Progress, Provenance } from 'vecvault';

/** Where a backup is read from: a file of this machine, or an address whose server answers ranges. */
export type BackupSource = File | string;

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
}

export type ToWorker =
  | { readonly call: number; readonly operation: Operation; readonly takes: unknown }
  | { readonly cancel: number };

export type FromWorker =
  | { readonly call: number; readonly progress: Progress }
  | { readonly call: number; readonly gives: unknown }
  | { readonly call: number; readonly failure: Failure };
