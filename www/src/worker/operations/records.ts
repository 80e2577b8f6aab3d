/** Records of an open backup, as much of them as is shown. */
import type { RecordPage, VectorRecord } from 'vecvault';

import type { FullRecord, RecordRow, RecordRows, Takes } from '../protocol.ts';
import { backupOf } from './backups.ts';
import type { Context } from './context.ts';

/** How many characters of metadata a row has. */
const EXCERPT = 240;
/** How many characters before what was looked for. */
const BEFORE = 40;
/** How many records a search looks at between two words of progress. */
const SEARCHED_AT_ONCE = 500;

export async function page({ handle, collection, offset, limit, filter }: Takes<'page'>): Promise<RecordRows> {
  const records = await backupOf(handle).page(collection, offset, limit);
  const rows = Array.from({ length: records.length }, (_, index) => rowOf(records, index, filter));
  return { length: records.length, rows: rows.filter((row) => row !== undefined) };
}

export async function record({ handle, collection, position }: Takes<'record'>, context: Context): Promise<FullRecord | undefined> {
  return full(await backupOf(handle).record(collection, position), context);
}

export async function find({ handle, collection, id }: Takes<'find'>, context: Context): Promise<FullRecord | undefined> {
  return full(await backupOf(handle).find(collection, id), context);
}

export async function search({ handle, collection, from, to, text }: Takes<'search'>, { signal, onProgress }: Context): Promise<number | undefined> {
  const backup = backupOf(handle);
  for (let offset = from; offset < to; offset += SEARCHED_AT_ONCE) {
    signal.throwIfAborted();
    const records = await backup.page(collection, offset, Math.min(SEARCHED_AT_ONCE, to - offset));
    for (let index = 0; index < records.length; index += 1) if (rowOf(records, index, text)) return offset + index;
    onProgress({ phase: 'reading', records: offset + records.length - from, totalRecords: to - from, bytes: 0, totalBytes: undefined });
  }
  return undefined;
}

/** A record in brief; `undefined` where the text is not in it. */
function rowOf(records: RecordPage, index: number, text: string): RecordRow | undefined {
  const id = records.id(index);
  const metadata = records.metadataText(index);
  const row = { position: records.offset + index, id };
  if (text === '') return { ...row, excerpt: metadata?.slice(0, EXCERPT) };
  const sought = text.toLowerCase();
  const at = metadata === undefined ? -1 : metadata.toLowerCase().indexOf(sought);
  if (at < 0 && !id.toLowerCase().includes(sought)) return undefined;
  const start = at > EXCERPT - BEFORE ? at - BEFORE : 0;
  return { ...row, excerpt: metadata && `${start > 0 ? '…' : ''}${metadata.slice(start, start + EXCERPT)}` };
}

function full(found: VectorRecord | undefined, { transfer }: Context): FullRecord | undefined {
  if (!found) return undefined;
  const { id, metadataText, extraText } = found;
  // A copy: it is a view of its page.
  const vector = found.vector.slice();
  transfer(vector.buffer);
  return { id, vector, metadataText, extraText };
}
