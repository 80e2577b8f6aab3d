/** The two backups that are compared: each from its choice until another takes its place. */
import type { Progress } from 'vecvault';

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
  comparison.reset();
  if (before.state === 'opening') before.stop.abort();
  if (before.state === 'open') void call('close', { handle: before.backup.handle }).catch(() => {});
  sides[which].value = { state: 'none' };
}

/** A becomes B, and B becomes A. */
export function swapSides(): void {
  comparison.reset();
  const before = sides.a.value;
  // What is still being opened tells its own side of it: both must have come.
  sides.a.value = sides.b.value;
  sides.b.value = before;
}
