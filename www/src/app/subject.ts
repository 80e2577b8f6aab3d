/** The backup that is looked at: one at a time, from the moment it is chosen until it is closed. */
import type { Progress } from 'vecvault';

import { call, failureIn } from '../worker/client.ts';
import type { BackupSource, Failure, OpenedBackup } from '../worker/protocol.ts';
import { go, nameBackup } from './route.ts';
import { Store } from './store.ts';

interface Chosen {
  readonly source: BackupSource;
  /** The file's name, or the address. */
  readonly label: string;
}

export type Subject =
  | { readonly state: 'none' }
  | (Chosen & { readonly state: 'opening'; readonly progress: Progress | undefined; readonly cancel: () => void })
  | (Chosen & { readonly state: 'open'; readonly backup: OpenedBackup })
  | (Chosen & { readonly state: 'failed'; readonly failure: Failure });

export const subject = new Store<Subject>({ state: 'none' });

/** Opens a backup in place of the one that is open, and goes to its overview or stays. */
export async function openSubject(source: BackupSource, { stay = false } = {}): Promise<void> {
  closeSubject();
  const label = typeof source === 'string' ? source : source.name;
  const stop = new AbortController();
  performance.mark('open-begins');
  const cancel = () => {
    stop.abort();
    subject.value = { state: 'none' };
  };
  const isOurs = () => !stop.signal.aborted && subject.value.state === 'opening' && subject.value.cancel === cancel;
  const show = (progress?: Progress) => (subject.value = { state: 'opening', source, label, progress, cancel });
  show();
  nameBackup(typeof source === 'object' && 'id' in source ? source.id : undefined);
  if (!stay) go('overview');
  try {
    const onProgress = (progress: Progress) => isOurs() && show(progress);
    const backup = await call('open', { source }, { signal: stop.signal, onProgress });
    if (!isOurs()) return void call('close', { handle: backup.handle });
    performance.measure('open', 'open-begins');
    subject.value = { state: 'open', source, label, backup };
  } catch (error) {
    if (isOurs()) subject.value = { state: 'failed', source, label, failure: failureIn(error) };
  }
}

/** Closes it; what it was opened from is left alone. */
export function closeSubject(): void {
  const before = subject.value;
  if (before.state === 'opening') before.cancel();
  if (before.state === 'open') void call('close', { handle: before.backup.handle }).catch(() => {});
  subject.value = { state: 'none' };
  nameBackup(undefined);
}
