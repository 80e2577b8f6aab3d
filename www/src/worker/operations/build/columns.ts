/** A matrix, and JSON lines with ids and metadata beside it, as batches of columns. */
import type { Batch } from 'vecvault';

import type { Input } from '../../building.ts';
import { numberedId } from './csv.ts';
import { invalid, linesOf, membersOf, objectOf, stringIn, type Line } from './lines.ts';
import { npyHeader, npyRows } from './npy.ts';

type NpyInput = Extract<Input, { kind: 'npy' }>;

/** How many numbers a batch has, about. */
const NUMBERS = 1 << 20;

/** What is told of the numbers on the way. */
export interface Tally {
  /** How many 64-bit numbers were rounded. */
  rounded: number;
  records: number;
}

/** The rows from one on, up to another. */
export async function* batchesOf({ vectors: file, lines }: NpyInput, tally: Tally, signal?: AbortSignal, most = Infinity): AsyncGenerator<Batch, void, void> {
  const header = await npyHeader(file);
  const rows = Math.min(header.rows, most);
  const atOnce = Math.max(1, Math.floor(NUMBERS / header.dimension));
  const beside = lines && linesOf(lines, signal);
  for (let from = 0; from < rows; from += atOnce) {
    signal?.throwIfAborted();
    const to = Math.min(rows, from + atOnce);
    const { vectors, rounded } = await npyRows(file, header, from, to);
    const ids: string[] = [];
    const metadataText: (string | undefined)[] = [];
    for (let row = from; row < to; row += 1) {
      const line = await beside?.next();
      if (line?.done) throw invalid(`${lines?.name}: ${row} lines where ${file.name} has ${header.rows} rows`);
      const named = line?.value ? describedBy(line.value, lines?.name ?? '') : { id: numberedId(row), metadata: undefined };
      ids.push(named.id);
      metadataText.push(named.metadata);
    }
    tally.rounded += rounded;
    tally.records += ids.length;
    yield { ids, vectors, metadataText };
  }
  if (rows < header.rows) return void (await beside?.return());
  const over = await beside?.next();
  if (over && !over.done) throw invalid(`${lines?.name}: more lines than the ${header.rows} rows of ${file.name}`);
}

/** The id and the metadata that a line gives: its `metadata`, or else all other members of it. */
function describedBy({ number, text }: Line, fileName: string): { id: string; metadata: string | undefined } {
  const where = `${fileName}, line ${number}`;
  const members = membersOf(text, where);
  const id = stringIn(members.get('id'));
  if (id === undefined) throw invalid(`${where}: “id” is not there, or is no text`);
  if (members.has('vector')) throw invalid(`${where}: it has a vector of its own, and so has the .npy file. Choose one of the two files`);
  members.delete('id');
  return { id, metadata: members.get('metadata')?.trim() ?? objectOf(members) };
}
