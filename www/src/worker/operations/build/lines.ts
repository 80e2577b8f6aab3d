/** JSON lines as they come: a line at a time, with its number, and the members of each as they were written. */
import { VecVaultError } from 'vecvault/slim';

import { jsonChildren, jsonRoot, jsonString } from '../../../json.ts';

export interface Line {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
}

/** No record has a line of so many characters: what has is something else. */
const LONGEST = 64 << 20;

/** The lines of a file that are not blank. */
export async function* linesOf(file: File, signal?: AbortSignal): AsyncGenerator<Line, void, void> {
  // What has come of a line whose end has not.
  let pieces: string[] = [];
  let length = 0;
  let number = 0;
  for await (const chunk of textOf(file)) {
    signal?.throwIfAborted();
    pieces.push(chunk);
    length += chunk.length;
    if (length > LONGEST) throw invalid(`${file.name}, line ${number + 1}: it goes on and on; is there one record a line?`);
    if (!chunk.includes('\n')) continue;
    const lines = pieces.join('').split('\n');
    const rest = lines.pop() ?? '';
    [pieces, length] = [[rest], rest.length];
    for (const text of lines) {
      number += 1;
      if (text.trim() !== '') yield { number, text };
    }
  }
  const last = pieces.join('');
  if (last.trim() !== '') yield { number: number + 1, text: last };
}

/** The text of a file, piece by piece; bytes that are no UTF-8 are refused rather than replaced. */
export async function* textOf(file: Blob): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw invalid('the file is not UTF-8 text');
    }
  };
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      yield decode(value);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The members of an object, each as its text. `where` is said of what is none. */
export function membersOf(text: string, where: string): Map<string, string> {
  try {
    // It proves the text; its values are not used, since they would lose digits.
    JSON.parse(text);
  } catch (error) {
    throw invalid(`${where}: ${error instanceof Error ? error.message : 'no JSON'}`);
  }
  const root = jsonRoot(text);
  if (root.kind !== 'object') throw invalid(`${where}: not an object`);
  const members = new Map<string, string>();
  for (const { key, start, end } of jsonChildren(text, root, Infinity).children) members.set(String(key), text.slice(start, end));
  return members;
}

/** The text that a JSON string is; `undefined` where the JSON is no string. */
export function stringIn(json: string | undefined): string | undefined {
  return json?.startsWith('"') ? jsonString(json, { kind: 'string', start: 0, end: json.length }) : undefined;
}

/** Members as the text of an object; `undefined` where there are none. */
export function objectOf(members: ReadonlyMap<string, string>): string | undefined {
  if (members.size === 0) return undefined;
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** A fault of what the reader gave us. */
export function invalid(message: string): VecVaultError {
  return new VecVaultError(message, { code: 'invalid_input' });
}
