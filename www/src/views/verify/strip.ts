/** The file as a strip of cells, each a range of its bytes, and what lies in each. */
import type { Finding } from 'vecvault';

import type { OpenedBackup } from '../../worker/protocol.ts';

export interface Cell {
  readonly start: number;
  readonly end: number;
  readonly findings: readonly Finding[];
}

/** A collection's place, as shares of the file. */
export interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** `count` cells of a file of `size` bytes. Findings behind the end belong to the last. */
export function cellsOf(size: number, findings: readonly Finding[], count: number): readonly Cell[] {
  const whole = Math.max(1, size);
  const number = Math.min(count, whole);
  const cells = Array.from({ length: number }, (_, at) => ({
    start: Math.floor((at * whole) / number),
    end: Math.floor(((at + 1) * whole) / number),
    findings: [] as Finding[],
  }));
  const cellAt = (offset: number) => Math.min(number - 1, Math.floor((Math.min(offset, whole - 1) * number) / whole));
  for (const finding of findings) {
    const last = cellAt(finding.offset + Math.max(0, (finding.bytes ?? 1) - 1));
    for (let at = cellAt(finding.offset); at <= last; at += 1) cells[at]?.findings.push(finding);
  }
  return cells;
}

/**
 * Where the collections lie: one after the other, in the order of the file. What stands between two is a few
 * dozen bytes and not drawn; the rest, head and index, is shared by size.
 */
export function stretchesOf({ info, collections }: OpenedBackup): readonly Stretch[] {
  const text = new TextEncoder();
  const length = (value: string) => text.encode(value).length;
  const names = info.collections.map((name) => JSON.stringify(name)).join(',');
  let at = length(`{"id":"${info.id}","name":${JSON.stringify(info.name)},"date":"${info.date}","collections":[${names}],"data":{`);
  return collections.map(({ name, configText, bytes }, index) => {
    at += length(`${index === 0 ? '' : ','}\n${JSON.stringify(name)}:{"config":${configText},"vectors":[`);
    const from = at / info.size;
    at += bytes;
    const to = at / info.size;
    at += 2;
    return { name, from, to };
  });
}
