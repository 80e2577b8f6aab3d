/**
 * JSON read where it stands: a value is a range of its text, and its children are found when they are asked for.
 * So a number has the digits that were written, and a text of megabytes costs what is looked at.
 *
 * The text has been checked by the core. Where it is none all the same, the children that can be told come and
 * the rest is one child with the rest of the text.
 */

export type Kind = 'object' | 'array' | 'string' | 'number' | 'word';

/** A value: where it stands in its text. */
export interface JsonSpan {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
}

/** A member of an object or an element of an array. */
export interface JsonChild extends JsonSpan {
  /** The member's name, or the element's number. */
  readonly key: string | number;
}

/** Some of a value's children; `next` is where to go on for more. */
export interface JsonChildren {
  readonly children: readonly JsonChild[];
  readonly next: number | undefined;
}

const SPACE = /[\t\n\r ]*/y;
const ATOM = /[^\s,:\]}"[{]+/y;
const BRACKETS = /["{}[\]]/g;

/** The value that a text is. */
export function jsonRoot(text: string): JsonSpan {
  return spanAt(text, skipSpace(text, 0));
}

/** Up to `limit` children of an object or array, from its first on or from `next` of the answer before. */
export function jsonChildren(text: string, parent: JsonSpan, limit: number, from?: number, index = 0): JsonChildren {
  const children: JsonChild[] = [];
  let at = skipSpace(text, from ?? parent.start + 1);
  while (at < parent.end - 1) {
    if (children.length === limit) return { children, next: at };
    let key: string | number = index + children.length;
    if (parent.kind === 'object') {
      const name = spanAt(text, at);
      key = jsonString(text, name);
      at = skipSpace(text, skipSpace(text, name.end) + 1);
    }
    const value = spanAt(text, at);
    if (value.end <= at) break;
    children.push({ ...value, key });
    at = skipSpace(text, value.end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return { children, next: undefined };
}

/** The text of a string value, its escapes read. */
export function jsonString(text: string, { start, end }: JsonSpan): string {
  const raw = text.slice(start, end);
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw;
  }
}

function spanAt(text: string, start: number): JsonSpan {
  const first = text[start];
  if (first === '"') return { kind: 'string', start, end: stringEnd(text, start) };
  if (first === '{') return { kind: 'object', start, end: bracketEnd(text, start) };
  if (first === '[') return { kind: 'array', start, end: bracketEnd(text, start) };
  ATOM.lastIndex = start;
  const length = ATOM.exec(text)?.[0].length ?? 0;
  const isNumber = first === '-' || (first !== undefined && first >= '0' && first <= '9');
  return { kind: isNumber ? 'number' : 'word', start, end: start + length };
}

function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}

function bracketEnd(text: string, start: number): number {
  let depth = 0;
  BRACKETS.lastIndex = start;
  for (let found = BRACKETS.exec(text); found; found = BRACKETS.exec(text)) {
    if (found[0] === '"') BRACKETS.lastIndex = stringEnd(text, found.index);
    else depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    if (depth === 0) return found.index + 1;
  }
  return text.length;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  return at + (SPACE.exec(text)?.[0].length ?? 0);
}
