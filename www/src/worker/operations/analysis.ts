/** What a collection is like, in numbers and as a picture. */
import type { Statistics } from 'vecvault';

import { jsonChildren, jsonRoot } from '../../json.ts';
import type { Picture, PictureField, Takes } from '../protocol.ts';
import { backupOf } from './backups.ts';
import type { Context } from './context.ts';
import { loadAnalysis } from './modules.ts';

/** How many keys the points can be told apart by, and how long their values may be. */
const KEYS = 100;
const VALUE = 200;

export async function statistics({ handle, collection }: Takes<'statistics'>, { signal, onProgress }: Context): Promise<Statistics> {
  await loadAnalysis();
  return backupOf(handle).statistics(collection, { signal, onProgress });
}

export async function projection({ handle, collection, sample }: Takes<'projection'>, { signal, onProgress, transfer }: Context): Promise<Picture> {
  await loadAnalysis();
  const found = await backupOf(handle).projection(collection, { sample, signal, onProgress });
  const { total, positions, x, y, explained, ids, metadataText } = found;
  const points = new Float32Array(2 * ids.length);
  const fields = new Fields(ids.length);
  for (let at = 0; at < ids.length; at += 1) {
    points[2 * at] = x[at] ?? 0;
    points[2 * at + 1] = y[at] ?? 0;
    fields.add(at, metadataText[at]);
  }
  transfer(points.buffer, positions.buffer);
  return { total, positions, ids, points, explained, fields: fields.useful() };
}

/** The members right under the top of each record's metadata, by key. */
class Fields {
  readonly #count: number;
  readonly #values = new Map<string, (string | undefined)[]>();

  constructor(count: number) {
    this.#count = count;
  }

  add(at: number, text: string | undefined): void {
    if (text === undefined) return;
    const root = jsonRoot(text);
    if (root.kind !== 'object') return;
    for (const { key, kind, start, end } of jsonChildren(text, root, KEYS).children) {
      if (kind === 'object' || kind === 'array' || end - start > VALUE) continue;
      let values = this.#values.get(String(key));
      if (!values && this.#values.size < KEYS) {
        values = new Array<string | undefined>(this.#count).fill(undefined);
        this.#values.set(String(key), values);
      }
      if (values) values[at] = text.slice(start, end);
    }
  }

  /** Those that tell points apart; first those of few and short values. */
  useful(): PictureField[] {
    const fields = [...this.#values].map(([key, values]) => {
      const different = new Set(values);
      return { key, values, different: different.size, length: [...different].reduce((sum, value) => sum + (value?.length ?? 0), 0) };
    });
    const telling = fields.filter(({ different }) => different > 1);
    const sorted = telling.sort((a, b) => a.different - b.different || a.length - b.length || (a.key < b.key ? -1 : 1));
    return sorted.map(({ key, values }) => ({ key, values }));
  }
}
