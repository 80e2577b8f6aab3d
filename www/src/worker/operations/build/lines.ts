/** JSON lines as they come: a line at a time, with its number, and the members of each as they were written. */
import { VecVaultError } from 'vecvault/slim';

import { jsonChildren, jsonRoot, jsonString } from '../../../json.ts';

export interface Line {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
}

/** The lines of a file that are not blank. */
export async function* linesOf(file: Blob, signal?: AbortSignal): AsyncGenerator<Line, void, void> {
  let rest = '';
  let number = 0;
  for await (const chunk of textOf(file)) {
    signal?.throwIfAborted();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number += 1;
      if (text.trim() !== '') yield { number, text };
    }
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest };
}

/** The text of a file, piece by piece; bytes that are no UTF-8 are refused rather than replaced. */
export async function* textOf(file: Blob): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new VecVaultError('the file is not UTF-8 text', { code: 'invalid_input' });
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
    throw new VecVaultError(`${where}: ${error instanceof Error ? error.message : 'no JSON'}`, { code: 'invalid_input' });
  }
  const root = jsonRoot(text);
  if (root.kind !== 'object') throw new VecVaultError(`${where}: not an object`, { code: 'invalid_input' });
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
