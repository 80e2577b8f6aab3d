/** What the server answers: https://…/api/openapi.json describes the same. */

/** A backup in the list. */
export interface ServerBackup {
  readonly id: string;
  readonly name: string;
  readonly date: string;
  readonly size: number;
  readonly collections: readonly string[];
}

/** A file that is named as a backup and does not open. */
/** A file that does not open: damaged, of a later version (`unsupported_format`), or not to be read. */
export interface ServerDamaged {
  readonly id: string;
  readonly size: number;
  readonly error: string;
  readonly error_type: string;
}

export interface BackupList {
  readonly backups: readonly ServerBackup[];
  readonly damaged?: readonly ServerDamaged[];
}

/** A live collection. */
export interface LiveCollection {
  readonly name: string;
  readonly dimension: number;
  readonly metric: string;
  readonly vector_count: number;
}

/** What a restore would do. */
export interface RestorePlan {
  readonly id: string;
  readonly steps: readonly RestoreStep[];
  /** Why it would be refused. */
  readonly conflicts: readonly string[];
}

export interface RestoreStep {
  readonly name: string;
  readonly restored_as: string;
  readonly action: 'create' | 'replace' | 'same';
  readonly count: number;
  readonly live: { readonly count: number } | null;
  readonly config_changes: readonly string[];
}

export type JobState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';

export interface JobProgress {
  readonly phase: string;
  readonly records: number;
  readonly total_records: number | null;
  readonly bytes: number;
  readonly total_bytes: number | null;
}

interface JobOf<K extends string, R, T> {
  readonly id: string;
  readonly kind: K;
  readonly state: JobState;
  readonly started: string;
  readonly finished: string | null;
  readonly request: R;
  readonly progress: JobProgress | null;
  readonly result: T | null;
  readonly error: ErrorEnvelope | null;
}

/** Work that goes on without us. */
export type Job =
  | JobOf<'create', { readonly name: string; readonly collections?: readonly string[] | null }, ServerBackup & { readonly contents?: readonly Counted[] }>
  | JobOf<'restore', RestoreRequest, { readonly restored?: readonly (Counted & { readonly restored_as: string })[] }>
  | JobOf<'verify', { readonly backup_id: string; readonly depth?: 'quick' | 'full' }, VerifyResult>;

export interface RestoreRequest {
  readonly backup_id: string;
  /** Absent: all. */
  readonly collections?: readonly string[];
}

interface Counted {
  readonly name: string;
  readonly count: number;
}

export interface VerifyResult {
  readonly ok: boolean;
  readonly verifiable: boolean;
  readonly records: number;
  readonly findings: readonly { readonly collection: string | null; readonly message: string; readonly offset: number }[];
}

export interface ErrorEnvelope {
  readonly error_type: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly status_code: number;
}
