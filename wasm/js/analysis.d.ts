/** What is found by looking closer: differences, statistics, pictures. A module of its own does it, see `initAnalysis`. */

import type { RunOptions } from './vecvault.js';

/** How a collection of two backups compares. */
export interface CollectionDiff {
  readonly name: string;
  readonly status: 'only_in_a' | 'only_in_b' | 'equal' | 'different';
  /** What it holds in each. */
  readonly a: { readonly count: number; readonly fingerprint: string } | undefined;
  readonly b: { readonly count: number; readonly fingerprint: string } | undefined;
  /** Both have it, and the texts of the configs differ. */
  readonly configChanged: boolean;
  /** Records that only `b` has; of a collection that only one of them has, all of it. */
  readonly added: number;
  /** Records that only `a` has. */
  readonly removed: number;
  /** Records of one id that are not the same to the byte. */
  readonly changed: number;
  readonly unchanged: number;
  /** The first ids of each kind, where the status is `different`. */
  readonly addedIds: readonly string[];
  readonly removedIds: readonly string[];
  readonly changedIds: readonly string[];
}

export interface DiffReport {
  /** The ids of the backups. */
  readonly a: string;
  readonly b: string;
  readonly equal: boolean;
  /** Every collection of either, by name. */
  readonly collections: readonly CollectionDiff[];
}

export interface DiffOptions extends RunOptions {
  /** Up to how many ids of each kind to name in a collection; 100. */
  limit?: number;
}

/** What the records of a collection are like. Nothing in it is NaN; of no records all numbers are 0. */
export interface Statistics {
  readonly count: number;
  readonly dimension: number;
  /** Euclidean norms. Bin `i` of the histogram, of at most 64, begins at `start + i * width` and holds that edge. */
  readonly norms: {
    readonly min: number;
    readonly mean: number;
    readonly max: number;
    readonly histogram: { readonly start: number; readonly width: number; readonly counts: readonly number[] };
  };
  /** Of each position in the vector; the deviation is that of the records as a whole. */
  readonly dimensions: {
    readonly mean: Float64Array;
    readonly deviation: Float64Array;
    readonly min: Float32Array;
    readonly max: Float32Array;
  };
  /** Vectors of a norm below 1e-6; the first 100 positions. */
  readonly nearZero: { readonly count: number; readonly positions: readonly number[] };
  /**
   * Vectors equal to an earlier one, bit for bit; the first 100, each with the position of the earliest before its
   * own. Compared with each other are the first 4,000,000, 24 bytes each.
   */
  readonly duplicates: { readonly count: number; readonly pairs: readonly (readonly [number, number])[]; readonly compared: number };
  /** What stands right under the top of metadata that are an object. */
  readonly metadata: {
    /** Records without metadata. */
    readonly absent: number;
    /** Records whose metadata are no object. */
    readonly notObjects: number;
    /** Those that most records have first; at most 1,000. */
    readonly keys: readonly KeyCoverage[];
    /** How often other keys were met. */
    readonly other: number;
  };
}

export interface KeyCoverage {
  readonly key: string;
  /** How many records have it. */
  readonly count: number;
  readonly types: Readonly<Record<'string' | 'number' | 'boolean' | 'null' | 'object' | 'array', number>>;
}

export interface ProjectionOptions extends RunOptions {
  /** How many records, spread evenly over the collection; 2,000, and fewer where these have over 2^24 numbers. */
  sample?: number;
}

/** A sample of a collection along its first two principal components; index `i` is one record everywhere. */
export interface Projection {
  /** How many records the collection has. */
  readonly total: number;
  /** The positions of the sample in the collection. */
  readonly positions: Float64Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Which share of the sample's variance lies along each. */
  readonly explained: { readonly x: number; readonly y: number };
  readonly ids: readonly string[];
  /** Absent where there are none, and where they have more than 64 KiB. */
  readonly metadataText: readonly (string | undefined)[];
}
