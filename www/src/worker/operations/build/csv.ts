/** CSV as rows, and rows as JSON lines: so that the core reads every number from the digits that were written. */
import type { CsvColumns } from '../../building.ts';
import { invalid, textOf } from './lines.ts';

/** How many characters are parsed at once. */
const PIECE = 1 << 20;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const JSON_NUMBERS = /^\[\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*(?:,\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*)*\]$/;

export interface Row {
  /** Of rows below the header, from 1 on. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** The names of a file's columns, and its rows. */
export async function csvOf(file: File, signal?: AbortSignal): Promise<{ columns: readonly string[]; rows: AsyncGenerator<Row, void, void> }> {
  const pieces = parsed(file, signal);
  const { value: first } = await pieces.next();
  const columns = first?.[0]?.map((name) => name.trim()) ?? [];
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (columns.length < 2) throw invalid(`${file.name}: the first row names ${columns.length} columns; is it a CSV with a header?`);
  if (twice !== undefined) throw invalid(`${file.name}: two columns are named “${twice}”`);
  async function* rows() {
    let number = 0;
    for (let piece = first?.slice(1); piece; piece = (await pieces.next()).value ?? undefined) {
      for (const cells of piece) {
        number += 1;
        if (cells.length !== columns.length) throw invalid(`${file.name}, row ${number}: ${cells.length} cells where the header has ${columns.length}`);
        yield { number, cells };
      }
    }
  }
  return { columns, rows: rows() };
}

async function* parsed(file: File, signal?: AbortSignal): AsyncGenerator<string[][], void, void> {
  const { default: Papa } = await import('papaparse').catch(() => {
    throw invalid('what reads CSV did not load: reload the page when its server answers');
  });
  let [delimiter, newline] = ['', ''];
  let row = 0;
  for await (const text of wholeRows(file)) {
    signal?.throwIfAborted();
    const { data, errors, meta } = Papa.parse(text, { delimiter, newline, skipEmptyLines: 'greedy' });
    const bad = errors.find(({ type }) => type === 'Quotes');
    if (bad) throw invalid(`${file.name}, about row ${row + (bad.row ?? 0)}: ${bad.message}`);
    // They were guessed from the first piece and are the same in all others.
    ({ delimiter, linebreak: newline } = meta);
    row += data.length;
    yield data;
  }
}

/** The text in pieces that end where a row does: at a line break with an even number of quotes before it. */
async function* wholeRows(file: File): AsyncGenerator<string, void, void> {
  let text = '';
  let scanned = 0;
  let quotes = 0;
  let end = 0;
  for await (const chunk of textOf(file)) {
    text += chunk;
    for (; scanned < text.length; scanned += 1) {
      const code = text.charCodeAt(scanned);
      if (code === 34) quotes += 1;
      else if (code === 10 && quotes % 2 === 0) end = scanned + 1;
    }
    if (end < PIECE) continue;
    yield text.slice(0, end);
    text = text.slice(end);
    scanned -= end;
    end = 0;
  }
  if (text !== '') yield text;
}

/** Which columns are what, from their names and the first row. */
export function guessed(columns: readonly string[], first: readonly string[]): CsvColumns {
  const cell = (name: string) => first[columns.indexOf(name)]?.trim() ?? '';
  const named = (names: readonly string[]) => columns.find((name) => names.includes(name.toLowerCase()));
  const lists = columns.filter((name) => /^[[({]?\s*[-+.\d][^a-df-z]*[\s,;]/i.test(cell(name)) && numbersIn(cell(name)) !== undefined);
  const list = lists.find((name) => /vector|embedding|values/i.test(name)) ?? lists[0];
  const metadata = columns.find((name) => /^(metadata|payload)$/i.test(name) && cell(name).startsWith('{'));
  return {
    id: named(['id', '_id', 'uuid', 'key', 'vec_id', 'vector_id']),
    vector: list === undefined ? numbered(columns, cell) : [list],
    metadata,
    textOnly: false,
  };
}

/** The longest run of neighbours with a number each whose names are alike but for a number at their end. */
function numbered(columns: readonly string[], cell: (name: string) => string): readonly string[] {
  let longest: readonly string[] = [];
  let run: string[] = [];
  let stem: string | undefined;
  for (const name of columns) {
    const [, here] = /^(.*?)[\s_.[-]*\d+\]?$/.exec(name) ?? [];
    const fits = here !== undefined && NUMBER.test(cell(name));
    run = fits && here === stem ? [...run, name] : fits ? [name] : [];
    stem = fits ? here : undefined;
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** A row as one JSON line. */
export function lineOf({ number, cells }: Row, columns: readonly string[], chosen: CsvColumns, fileName: string): string {
  const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
  const where = (name: string) => `${fileName}, row ${number}, column “${name}”`;
  const id = chosen.id === undefined ? numberedId(number - 1) : cell(chosen.id);
  if (id === '') throw invalid(`${where(chosen.id ?? '')}: the id is empty`);
  const vector = vectorOf(chosen.vector, cell, where);
  const metadata = metadataOf(columns, chosen, cell, where);
  return `{"id":${JSON.stringify(id)},"vector":${vector}${metadata === undefined ? '' : `,"metadata":${metadata}`}}\n`;
}

/** The id of a row that has none; they ascend. */
export function numberedId(row: number): string {
  return `row-${String(row).padStart(9, '0')}`;
}

type Cell = (name: string) => string;

function vectorOf(names: readonly string[], cell: Cell, where: Cell): string {
  const [only] = names;
  if (names.length === 1 && only !== undefined) {
    const numbers = numbersIn(cell(only));
    if (numbers === undefined) throw invalid(`${where(only)}: “${excerpt(cell(only))}” is no list of numbers`);
    return numbers;
  }
  const numbers = names.map((name) => {
    const number = numberIn(cell(name).trim());
    if (number === undefined) throw invalid(`${where(name)}: “${excerpt(cell(name))}” is no number`);
    return number;
  });
  return `[${numbers.join(',')}]`;
}

function metadataOf(columns: readonly string[], chosen: CsvColumns, cell: Cell, where: Cell): string | undefined {
  if (chosen.metadata !== undefined) {
    const text = cell(chosen.metadata).trim();
    if (text !== '') proveJson(text, where(chosen.metadata));
    return text === '' ? undefined : text.replace(/[\r\n]+/g, ' ');
  }
  const used = new Set([chosen.id, ...chosen.vector]);
  const members = columns.filter((name) => !used.has(name) && cell(name) !== '');
  if (members.length === 0) return undefined;
  return `{${members.map((name) => `${JSON.stringify(name)}:${valueOf(cell(name), chosen.textOnly)}`).join(',')}}`;
}

/** A cell as JSON. Its digits are kept; what is written as no JSON number is, such as 007, stays a text. */
function valueOf(text: string, textOnly: boolean): string {
  return !textOnly && (JSON_NUMBER.test(text) || text === 'true' || text === 'false') ? text : JSON.stringify(text);
}

/** A list of numbers as a JSON array: in brackets or not, with commas, semicolons or spaces between them. */
export function numbersIn(cell: string): string | undefined {
  const text = cell.trim();
  if (JSON_NUMBERS.test(text)) return text.replace(/\s+/g, '');
  const inner = text.replace(/^[[({]/, '').replace(/[\])}]$/, '').trim();
  if (inner === '') return undefined;
  const numbers = inner.split(/\s*[,;]\s*|\s+/).map(numberIn);
  return numbers.every((number) => number !== undefined) ? `[${numbers.join(',')}]` : undefined;
}

/** A number as JSON spells it: `+.5` is 0.5, and its digits are kept. */
function numberIn(text: string): string | undefined {
  if (JSON_NUMBER.test(text)) return text;
  if (!NUMBER.test(text)) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = ''] = /^([+-]?)(\d*)\.?(\d*)(.*)$/.exec(text) ?? [];
  return `${sign === '-' ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction && `.${fraction}`}${exponent}`;
}

function proveJson(text: string, where: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalid(`${where}: ${error instanceof Error ? error.message : 'no JSON'}`);
  }
}

function excerpt(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
