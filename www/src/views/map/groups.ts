/** Points by the values of a metadata key: some groups of equal values, or a scale of numbers. */

import type { PictureField as Field } from '../../worker/protocol.ts';

export interface Groups {
  readonly kind: 'groups';
  /** What each group is called; the last may be the rest. */
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  /** How many of them are values; after these come other values and none. */
  readonly named: number;
  /** The group of each point. */
  readonly of: readonly number[];
}

export interface Scale {
  readonly kind: 'scale';
  readonly least: number;
  readonly greatest: number;
  /** Each point's place from 0 to 1; `undefined` where it has no number. */
  readonly of: readonly (number | undefined)[];
}

export type Colouring = Groups | Scale;

/** How many groups have a colour of their own. */
export const GROUPS = 7;

/** How the points are told apart by a key. Without one they are all alike. */
export function colouringBy(field: Field | undefined, count: number): Colouring {
  if (!field) return { kind: 'groups', names: [], sizes: [], named: 1, of: new Array<number>(count).fill(0) };
  const times = new Map<string, number>();
  for (const value of field.values) if (value !== undefined) times.set(value, (times.get(value) ?? 0) + 1);
  return (times.size > GROUPS && scaleOf(field)) || groupsOf(field, times);
}

function scaleOf({ values }: Field): Scale | undefined {
  const numbers = values.map((value) => (value === undefined || !/^[-\d]/.test(value) ? undefined : Number(value)));
  const known = numbers.filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  // Mostly numbers, or it is no scale.
  if (known.length < 0.9 * values.filter((value) => value !== undefined).length) return undefined;
  const least = known.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = known.reduce((a, b) => Math.max(a, b), -Infinity);
  const place = (value: number | undefined) => (value === undefined || !Number.isFinite(value) ? undefined : (value - least) / (greatest - least || 1));
  return { kind: 'scale', least, greatest, of: numbers.map(place) };
}

const REST = 'other values';
const NONE = 'none';

function groupsOf({ values }: Field, times: ReadonlyMap<string, number>): Groups {
  const common = [...times].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([value]) => value);
  const named = common.slice(0, GROUPS);
  const numberOf = new Map(named.map((value, at) => [value, at]));
  const hasRest = common.length > named.length;
  const names = [...named.map(readable), ...(hasRest ? [REST] : []), ...(values.includes(undefined) ? [NONE] : [])];
  const of = values.map((value) => (value === undefined ? names.length - 1 : (numberOf.get(value) ?? named.length)));
  const sizes = names.map((_, at) => of.reduce((sum, group) => (group === at ? sum + 1 : sum), 0));
  return { kind: 'groups', names, sizes, named: named.length, of };
}

/** A string without its quotes; all else as it was written. */
export function readable(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
