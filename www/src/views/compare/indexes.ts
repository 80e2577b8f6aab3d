/** What the indexes of two backups tell at once, and what is left to read. */
import type { CollectionSummary, DiffReport } from 'vecvault';

import type { OpenedBackup } from '../../worker/protocol.ts';

export interface CollectionPair {
  readonly name: string;
  readonly status: 'only_in_a' | 'only_in_b' | 'equal' | 'different';
  readonly a: CollectionSummary | undefined;
  readonly b: CollectionSummary | undefined;
}

/** Every collection of either: what differs first, then by name. */
export function pairsOf(a: OpenedBackup, b: OpenedBackup): readonly CollectionPair[] {
  const ofA = new Map(a.collections.map((each) => [each.name, each]));
  const ofB = new Map(b.collections.map((each) => [each.name, each]));
  const pairs = [...new Set([...ofA.keys(), ...ofB.keys()])].map((name) => pairOf(name, ofA.get(name), ofB.get(name)));
  const rank = ({ status }: CollectionPair) => (status === 'equal' ? 1 : 0);
  return pairs.sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}

/** How many bytes the records take that must be looked at, at most. */
export function costOf(pairs: readonly CollectionPair[]): number {
  const differing = pairs.filter(({ status }) => status === 'different');
  return differing.reduce((sum, { a, b }) => sum + (a?.bytes ?? 0) + (b?.bytes ?? 0), 0);
}

/** How many records of one the other lacks, and in which collections. */
export interface Lack {
  readonly records: number;
  readonly collections: readonly { readonly name: string; readonly records: number; readonly whole: boolean }[];
}

/** What `which` lacks that the other has. */
export function lackOf(report: DiffReport, which: 'a' | 'b'): Lack {
  const [key, gone] = which === 'b' ? (['removed', 'only_in_a'] as const) : (['added', 'only_in_b'] as const);
  const collections = report.collections
    .map((each) => ({ name: each.name, records: each[key], whole: each.status === gone }))
    .filter(({ records, whole }) => records > 0 || whole);
  return { records: collections.reduce((sum, { records }) => sum + records, 0), collections };
}

function pairOf(name: string, a: CollectionSummary | undefined, b: CollectionSummary | undefined): CollectionPair {
  if (!a || !b) return { name, status: a ? 'only_in_a' : 'only_in_b', a, b };
  const isEqual = a.count === b.count && a.fingerprint === b.fingerprint && a.configText === b.configText;
  return { name, status: isEqual ? 'equal' : 'different', a, b };
}
