/** Builds a backup of files and saves it. The package proves what it writes; here it is opened once more. */
import { build as buildBackup, open, VecVaultError } from 'vecvault/slim';
import type { CollectionInput } from 'vecvault';

import type { BuildCollection, Built } from '../../building.ts';
import type { Takes } from '../../protocol.ts';
import { warm } from '../backups.ts';
import type { Context } from '../context.ts';
import { save } from '../save.ts';
import { batchesOf, type Tally } from './columns.ts';
import { csvOf, lineOf } from './csv.ts';
import { npyHeader } from './npy.ts';

/** What is said where records were promised to ascend by their ids and do not. */
const NOT_ASCENDING = 'invalid_request';
/** What a 32-bit float takes as text, with the comma after it. */
const CHARACTERS = 11;

export async function build(takes: Takes<'build'>, context: Context): Promise<Built> {
  await warm();
  try {
    // Where the ids ascend, the backup says so: comparing and finding are quicker then.
    return await attempt(takes, context, true);
  } catch (error) {
    if (!(error instanceof VecVaultError) || error.code !== NOT_ASCENDING || context.signal.aborted) throw error;
    return attempt(takes, context, false);
  }
}

async function attempt({ name, collections, to }: Takes<'build'>, { signal, onProgress }: Context, ordered: boolean): Promise<Built> {
  const tally: Tally = { rounded: 0, records: 0 };
  const sizes = await Promise.all(collections.map(({ input }) => sizeOf(input)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const inputs = await Promise.all(collections.map((collection) => inputOf(collection, tally, signal, ordered)));
  const stream = buildBackup({ name, collections: inputs, signal, onProgress: (progress) => onProgress({ ...progress, totalBytes: Math.max(total, progress.bytes) }) });
  const saved = await save(stream, to, signal);
  const backup = await open(saved.blob ?? (await (to as FileSystemFileHandle).getFile()));
  try {
    const records = backup.collections.reduce((sum, { count }) => sum + count, 0);
    return { ...saved, id: backup.info.id, records, rounded: tally.rounded };
  } finally {
    backup.close();
  }
}

async function inputOf({ name, metric, dimension, input }: BuildCollection, tally: Tally, signal: AbortSignal, ordered: boolean): Promise<CollectionInput> {
  const common = { name, config: { dimension, metric }, ordered };
  if (input.kind === 'lines') return { ...common, lines: await withoutMark(input.file) };
  if (input.kind === 'csv') return { ...common, lines: csvLines(input, signal) };
  return { ...common, batches: batchesOf(input, tally, signal) };
}

/** A file without the byte order mark that some programs begin text with. */
async function withoutMark(file: File): Promise<Blob> {
  const [a, b, c] = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  return a === 0xef && b === 0xbb && c === 0xbf ? file.slice(3) : file;
}

async function* csvLines({ file, columns: chosen }: Extract<BuildCollection['input'], { kind: 'csv' }>, signal: AbortSignal): AsyncGenerator<string, void, void> {
  const { columns, rows } = await csvOf(file, signal);
  let lines: string[] = [];
  let length = 0;
  for await (const row of rows) {
    const line = lineOf(row, columns, chosen, file.name);
    lines.push(line);
    length += line.length;
    if (length < 1 << 18) continue;
    yield lines.join('');
    [lines, length] = [[], 0];
  }
  if (lines.length > 0) yield lines.join('');
}

/** About how many bytes of the backup an input makes: text is about as long there, and numbers become text. */
async function sizeOf(input: BuildCollection['input']): Promise<number> {
  if (input.kind !== 'npy') return input.file.size;
  const { rows, dimension } = await npyHeader(input.vectors);
  return rows * dimension * CHARACTERS + (input.lines?.size ?? 0);
}
