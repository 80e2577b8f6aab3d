import { jsonChildren, jsonRoot } from '../../json.ts';
import type { FullRecord } from '../../worker/protocol.ts';

/** How many members are compared: what has more is not read by anyone. */
const MOST = 200;

export interface Member {
  readonly key: string;
  /** As it was written. */
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** The members of both records' metadata, and of what else they have; those that differ come first. */
export function membersOf(a: FullRecord | undefined, b: FullRecord | undefined): readonly Member[] {
  const [ofA, ofB] = [textsOf(a), textsOf(b)];
  const keys = [...new Set([...ofA.keys(), ...ofB.keys()])];
  const members = keys.map((key) => ({ key, a: ofA.get(key), b: ofB.get(key) }));
  const rank = (member: Member) => (member.a === member.b ? 1 : 0);
  return members.sort((one, other) => rank(one) - rank(other));
}

function textsOf(record: FullRecord | undefined): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [text, prefix] of [[record?.metadataText, ''], [record?.extraText, 'outside metadata: ']] as const) {
    if (text === undefined) continue;
    const root = jsonRoot(text);
    if (root.kind !== 'object') texts.set(`${prefix}value`, text);
    else for (const { key, start, end } of jsonChildren(text, root, MOST).children) texts.set(`${prefix}${key}`, text.slice(start, end));
  }
  return texts;
}

/** Where two vectors differ in a bit, and by how much at most. */
export function vectorDifference(a: Float32Array, b: Float32Array): { positions: readonly number[]; most: number } {
  const positions: number[] = [];
  let most = 0;
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [one, other] = [a[at] ?? 0, b[at] ?? 0];
    if (Object.is(one, other)) continue;
    positions.push(at);
    most = Math.max(most, Math.abs(one - other));
  }
  return { positions, most };
}
