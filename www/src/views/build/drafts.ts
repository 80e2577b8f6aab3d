/** What the reader is putting together: it stays while other views are looked at. */
import { Store } from '../../app/store.ts';
import { Task } from '../../app/task.ts';
import { call, failureIn } from '../../worker/client.ts';
import type { CsvColumns, Preview } from '../../worker/building.ts';
import type { Failure } from '../../worker/protocol.ts';

export interface Draft {
  readonly key: number;
  readonly files: readonly File[];
  readonly name: string;
  readonly metric: string;
  readonly preview: Preview | undefined;
  readonly failure: Failure | undefined;
}

export const METRICS = ['cosine', 'euclidean', 'dotproduct'] as const;

export const drafts = new Store<readonly Draft[]>([]);

export const building = new Task('build');

let last = 0;

/** Files become collections: a .npy and JSON lines of the same name one together, any other one for itself. */
export function addFiles(files: readonly File[]): void {
  const rest = [...files];
  while (rest.length > 0) {
    const first = rest.shift() as File;
    const at = rest.findIndex((other) => belong(first, other) || (rest.length === 1 && files.length === 2 && isPair(first, other)));
    const group = at < 0 ? [first] : [first, ...rest.splice(at, 1)];
    last += 1;
    const draft: Draft = { key: last, files: group, name: stem(group[0] as File), metric: 'cosine', preview: undefined, failure: undefined };
    drafts.value = [...drafts.value, draft];
    void look(draft.key);
  }
}

export function removeDraft(key: number): void {
  drafts.value = drafts.value.filter((draft) => draft.key !== key);
}

export function changeDraft(key: number, change: Partial<Pick<Draft, 'name' | 'metric'>>): void {
  drafts.value = drafts.value.map((draft) => (draft.key === key ? { ...draft, ...change } : draft));
}

/** Puts ids and metadata beside a matrix. */
export function addLines(key: number, lines: File): void {
  drafts.value = drafts.value.map((draft) => (draft.key === key ? { ...draft, files: [...draft.files.slice(0, 1), lines], preview: undefined, failure: undefined } : draft));
  void look(key);
}

/** Reads the first rows; with the columns of a CSV as the reader wants them. */
export async function look(key: number, columns?: CsvColumns): Promise<void> {
  const draft = drafts.value.find((each) => each.key === key);
  if (!draft) return;
  const settle = (change: Pick<Draft, 'preview' | 'failure'>) => {
    drafts.value = drafts.value.map((each) => (each.key === key && each.files === draft.files ? { ...each, ...change } : each));
  };
  try {
    settle({ preview: await call('preview', { files: draft.files, columns }), failure: undefined });
  } catch (error) {
    // The last preview stays, so that other columns can be chosen.
    settle({ preview: drafts.value.find((each) => each.key === key)?.preview, failure: failureIn(error) });
  }
}

function isPair(one: File, other: File): boolean {
  return /\.npy$/i.test(one.name) !== /\.npy$/i.test(other.name) && [one, other].some(({ name }) => /\.(jsonl|ndjson|json)$/i.test(name));
}

function belong(one: File, other: File): boolean {
  return isPair(one, other) && stem(one) === stem(other);
}

function stem(file: File): string {
  return file.name.replace(/\.[^.]+$/, '') || file.name;
}
