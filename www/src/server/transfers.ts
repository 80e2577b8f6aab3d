/** Files on their way to or from the server. One at a time each way; they go on while other views are looked at. */
import type { Progress } from 'vecvault';

import { announce } from '../app/announce.ts';
import { chooseDestination, fileName, offer } from '../app/save.ts';
import { forget } from '../app/standing.ts';
import { Store } from '../app/store.ts';
import { remoteFile, uploadBackup } from './api.ts';
import { ended } from './jobs.ts';
import type { ServerBackup } from './types.ts';
import { call, failureIn } from '../worker/client.ts';
import type { Failure } from '../worker/protocol.ts';

export interface Transfer {
  readonly doing: 'Uploading' | 'Downloading';
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: Progress | undefined;
  readonly failure?: Failure;
  readonly cancel: () => void;
}

export const transfer = new Store<Transfer | undefined>(undefined);

/** Sends a file to be a backup of the server. */
export async function upload(file: File): Promise<void> {
  await run('Uploading', file.name, async (signal, tell) => {
    const { id } = await uploadBackup(file, { signal, onProgress: (sent) => tell(progressOf(sent, file.size)) });
    // One of this id may have been there, and known to be damaged.
    forget(id);
    ended.value += 1;
  });
}

/** Saves a backup of the server on this machine. */
export async function download(backup: Pick<ServerBackup, 'id' | 'name' | 'size'>): Promise<void> {
  // By its name, where that can be a file's as it is.
  const named = fileName(backup.name, '.backup');
  const name = named === `${backup.name}.backup` ? named : fileName(backup.id, '.backup');
  const to = await chooseDestination(name);
  if (to === null) return;
  await run('Downloading', backup.name, async (signal, tell) => {
    const saved = await call('download', { source: remoteFile(backup), to }, { signal, onProgress: tell });
    offer(saved, name);
  });
}

async function run(doing: Transfer['doing'], name: string, work: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<void>) {
  transfer.value?.cancel();
  const stop = new AbortController();
  const common = { doing, name, cancel: () => stop.abort() };
  let ours: Transfer = { ...common, state: 'running', progress: undefined };
  const show = (next: Transfer) => {
    // Another one may have taken its place.
    if (transfer.value === ours) transfer.value = ours = next;
  };
  transfer.value = ours;
  try {
    await work(stop.signal, (progress) => show({ ...common, state: 'running', progress }));
    show({ ...common, state: 'done', progress: undefined });
    announce(doing === 'Uploading' ? `${name} was uploaded, and every byte of it proved.` : `${name} was downloaded.`);
  } catch (error) {
    const failure = failureIn(error);
    show({ ...common, state: failure.code === 'cancelled' ? 'cancelled' : 'failed', progress: undefined, failure });
  }
}

function progressOf(sent: number, total: number): Progress {
  return { phase: 'writing', records: 0, totalRecords: undefined, bytes: Math.min(sent, total), totalBytes: total };
}
