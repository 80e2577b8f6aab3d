/** What files are, and their first rows: told before anything is built of them. */
import { jsonChildren, jsonRoot } from '../../../json.ts';
import type { CsvColumns, Preview, PreviewRow } from '../../building.ts';
import type { Takes } from '../../protocol.ts';
import type { Context } from '../context.ts';
import { batchesOf, type Tally } from './columns.ts';
import { csvOf, guessed, lineOf } from './csv.ts';
import { invalid, linesOf, membersOf, stringIn, textOf } from './lines.ts';
import { isNpy, npyHeader } from './npy.ts';

const ROWS = 5;
/** How many numbers of a vector are shown, and how many characters of metadata. */
const NUMBERS = 4;
const CHARACTERS = 200;
/** How many characters tell what a file is. */
const HEAD = 4_096;
/** The documented members of a backup, in any order. */
const BACKUP = /^\{(?=[^]*"collections"\s*:\s*\[)(?=[^]*"data"\s*:\s*\{)/;

export async function preview({ files, columns }: Takes<'preview'>, { signal }: Context): Promise<Preview> {
  const [first, second, ...more] = files;
  if (!first || more.length > 0) throw invalid('choose one file, or a .npy file and its JSON lines');
  if (await isNpy(first)) return ofNpy(first, second);
  if (second) {
    if (await isNpy(second)) return ofNpy(second, first);
    throw invalid(`${first.name} and ${second.name}: neither is a .npy file. Add them one by one, each as a collection`);
  }
  const begins = await begin(first);
  if (BACKUP.test(begins)) throw invalid(`${first.name}: this is a backup already. Open it, or take collections out of it`);
  if (begins.startsWith('[')) throw invalid(`${first.name}: it is one JSON array. Write a record a line: jq -c '.[]' ${first.name}`);
  return begins.startsWith('{') ? ofLines(first, signal) : ofCsv(first, columns, signal);
}

async function ofNpy(vectors: File, lines: File | undefined): Promise<Preview> {
  const header = await npyHeader(vectors);
  const input = { kind: 'npy', vectors, lines } as const;
  const tally: Tally = { rounded: 0, records: 0 };
  const rows: PreviewRow[] = [];
  for await (const { ids, vectors: numbers, metadataText } of batchesOf(input, tally, undefined, ROWS)) {
    for (const [at, id] of ids.entries()) {
      const vector = [...numbers.subarray(at * header.dimension, (at + 1) * header.dimension)];
      rows.push({ id, vector: brief(vector.map(String)), metadata: metadataText?.[at]?.slice(0, CHARACTERS) });
    }
  }
  const rounded = header.bits === 64 ? { some: tally.rounded, of: rows.length * header.dimension } : undefined;
  return { input, dimension: header.dimension, count: header.rows, rows, columns: [], rounded };
}

async function ofLines(file: File, signal: AbortSignal): Promise<Preview> {
  const rows: PreviewRow[] = [];
  let dimension = 0;
  for await (const { number, text } of linesOf(file, signal)) {
    const row = rowOf(text, `${file.name}, line ${number}`);
    dimension ||= row.dimension;
    rows.push(row);
    if (rows.length === ROWS) break;
  }
  return { input: { kind: 'lines', file }, dimension, count: undefined, rows, columns: [], rounded: undefined };
}

async function ofCsv(file: File, wanted: CsvColumns | undefined, signal: AbortSignal): Promise<Preview> {
  const { columns, rows: all } = await csvOf(file, signal);
  const rows: PreviewRow[] = [];
  let chosen = wanted;
  let dimension = 0;
  for await (const row of all) {
    chosen ??= guessed(columns, row.cells);
    // Which columns are meant is for the reader to say: the rows are shown once they have.
    if (chosen.vector.length === 0) break;
    const shown = rowOf(lineOf(row, columns, chosen, file.name), `${file.name}, row ${row.number}`);
    dimension ||= shown.dimension;
    rows.push(shown);
    if (rows.length === ROWS) break;
  }
  if (!chosen) throw invalid(`${file.name}: there are no rows below its header`);
  return { input: { kind: 'csv', file, columns: chosen }, dimension, count: undefined, rows, columns, rounded: undefined };
}

function rowOf(text: string, where: string): PreviewRow & { dimension: number } {
  const members = membersOf(text, where);
  const id = stringIn(members.get('id'));
  const vector = members.get('vector');
  if (id === undefined) throw invalid(`${where}: “id” is not there, or is no text`);
  if (!vector?.startsWith('[')) throw invalid(`${where}: “vector” is not there, or is no list`);
  const numbers = jsonChildren(vector, jsonRoot(vector), Infinity).children.map(({ start, end }) => vector.slice(start, end));
  return { id, vector: brief(numbers), dimension: numbers.length, metadata: members.get('metadata')?.slice(0, CHARACTERS) };
}

function brief(numbers: readonly string[]): string {
  const rest = numbers.length - NUMBERS;
  return `${numbers.slice(0, NUMBERS).join(', ')}${rest > 0 ? `, … ${rest} more` : ''}`;
}

/** The first text of a file, from where it is not blank. */
async function begin(file: File): Promise<string> {
  for await (const text of textOf(file)) if (text.trim() !== '') return text.trimStart().slice(0, HEAD);
  throw invalid(`${file.name}: it is empty`);
}
