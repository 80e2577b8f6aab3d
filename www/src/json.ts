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
const [QUOTE, BACKSLASH, CURLY, SQUARE] = [0x22, 0x5c, 0x7b, 0x5b];

/** The value that a text is. It is one to its end: nothing is read for it. */
export function jsonRoot(text: string): JsonSpan {
  const start = skipSpace(text, 0);
  return { kind: kindOf(text[start]), start, end: text.trimEnd().length };
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
  const kind = kindOf(text[start]);
  if (kind === 'string') return { kind, start, end: stringEnd(text, start) };
  if (kind === 'object' || kind === 'array') return { kind, start, end: bracketEnd(text, start) };
  ATOM.lastIndex = start;
  return { kind, start, end: start + (ATOM.exec(text)?.[0].length ?? 0) };
}

function kindOf(first: string | undefined): Kind {
  if (first === '"') return 'string';
  if (first === '{') return 'object';
  if (first === '[') return 'array';
  return first === '-' || (first !== undefined && first >= '0' && first <= '9') ? 'number' : 'word';
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
}

function bracketEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    // `{` and `[` are two before their counterparts.
    else if (code === CURLY || code === SQUARE) depth += 1;
    else if (code === CURLY + 2 || code === SQUARE + 2) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  return at + (SPACE.exec(text)?.[0].length ?? 0);
}
