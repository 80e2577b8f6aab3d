/** The two backups that are compared: each from its choice until another takes its place. */
import type { Progress } from 'vecvault';

import { announce } from '../../app/announce.ts';
import { keyOf, type Standing } from '../../app/standing.ts';
import { Store } from '../../app/store.ts';
import { Task } from '../../app/task.ts';
import { call, failureIn } from '../../worker/client.ts';
import type { BackupSource, Failure, OpenedBackup } from '../../worker/protocol.ts';

export type SideName = 'a' | 'b';

interface Chosen {
  readonly source: BackupSource;
  readonly label: string;
  /** Its id, where it is a backup of the server. */
  readonly serverId: string | undefined;
}

export type OpenSide = Chosen & { readonly state: 'open'; readonly backup: OpenedBackup };

export type Side =
  | { readonly state: 'none' }
  | (Chosen & { readonly state: 'opening'; readonly progress: Progress | undefined; readonly stop: AbortController })
  | OpenSide
  | (Chosen & { readonly state: 'failed'; readonly failure: Failure });

export const sides: Readonly<Record<SideName, Store<Side>>> = {
  a: new Store<Side>({ state: 'none' }),
  b: new Store<Side>({ state: 'none' }),
};

/** The records of both, compared. */
export const comparison = new Task('diff');

/** Both, verified one after the other. */
export const verifying: Readonly<Record<SideName, Task<'verify'>>> = { a: new Task('verify'), b: new Task('verify') };

/** What stands behind a side's index: its records were read and are what it says; they are not; or nobody has looked. */
export function proofOf({ source, backup }: OpenSide, known: ReadonlyMap<unknown, Standing>): 'read' | 'damaged' | 'unread' {
  const standing = known.get(keyOf(source));
  if (standing === 'damaged') return 'damaged';
  // Another program's file has no index: opening it has read it through.
  return standing === 'verified' || backup.provenance.kind !== 'indexed' ? 'read' : 'unread';
}

/** Verifies the sides whose records nobody has looked at, one after the other. */
export async function verifySides(wanted: readonly SideName[]): Promise<void> {
  const said: string[] = [];
  for (const which of wanted) {
    const side = sides[which].value;
    if (side.state !== 'open') return;
    await verifying[which].start({ source: side.source, quick: false });
    const now = verifying[which].value;
    if (now.state !== 'done') return;
    said.push(`${which.toUpperCase()}: ${now.value.ok ? 'every byte is as it was written' : 'damaged'}.`);
  }
  announce(said.join(' '));
}

/** What was found out was about two others. */
function resetTasks(): void {
  for (const task of [comparison, verifying.a, verifying.b]) task.reset();
}

/** Opens a backup as one of the two. */
export async function chooseSide(which: SideName, source: BackupSource, serverId?: string): Promise<void> {
  clearSide(which);
  const store = sides[which];
  const stop = new AbortController();
  const chosen = { source, label: typeof source === 'string' ? source : source.name, serverId };
  const show = (progress?: Progress) => (store.value = { ...chosen, state: 'opening', progress, stop });
  const isOurs = () => store.value.state === 'opening' && store.value.stop === stop;
  show();
  try {
    const backup = await call('open', { source }, { signal: stop.signal, onProgress: (progress) => isOurs() && show(progress) });
    if (!isOurs()) return void call('close', { handle: backup.handle }).catch(() => {});
    store.value = { ...chosen, state: 'open', backup };
  } catch (error) {
    if (isOurs()) store.value = { ...chosen, state: 'failed', failure: failureIn(error) };
  }
}

/** Lets go of one. */
export function clearSide(which: SideName): void {
  const before = sides[which].value;
  resetTasks();
  if (before.state === 'opening') before.stop.abort();
  if (before.state === 'open') void call('close', { handle: before.backup.handle }).catch(() => {});
  sides[which].value = { state: 'none' };
}

/** A becomes B, and B becomes A. */
export function swapSides(): void {
  resetTasks();
  const before = sides.a.value;
  // What is still being opened tells its own side of it: both must have come.
  sides.a.value = sides.b.value;
  sides.b.value = before;
}
