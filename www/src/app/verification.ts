/** The verification of the chosen file. It goes on while other views are looked at, and ends with the file. */
import type { Progress, VerifyReport } from 'vecvault';

import { call, failureIn } from '../worker/client.ts';
import type { BackupSource, Failure } from '../worker/protocol.ts';
import { Store } from './store.ts';
import { subject, type Subject } from './subject.ts';

export type Verification =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly quick: boolean; readonly progress: Progress | undefined; readonly cancel: () => void }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'done'; readonly report: VerifyReport; readonly seconds: number };

export const verification = new Store<Verification>({ state: 'none' });

let of: BackupSource | undefined;
subject.subscribe(() => {
  const source = sourceOf(subject.value);
  if (source === of) return;
  of = source;
  if (verification.value.state === 'running') verification.value.cancel();
  verification.value = { state: 'none' };
});

/** Verifies the file; with `quick` its head, tail and index alone. */
export async function verify(source: BackupSource, quick: boolean): Promise<void> {
  of = source;
  const stop = new AbortController();
  const began = performance.now();
  const cancel = () => {
    stop.abort();
    verification.value = { state: 'cancelled' };
  };
  const show = (progress?: Progress) => (verification.value = { state: 'running', quick, progress, cancel });
  show();
  try {
    const onProgress = (progress: Progress) => stop.signal.aborted || show(progress);
    const report = await call('verify', { source, quick }, { signal: stop.signal, onProgress });
    verification.value = { state: 'done', report, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    if (!stop.signal.aborted) verification.value = { state: 'failed', failure: failureIn(error) };
  }
}

function sourceOf(value: Subject): BackupSource | undefined {
  return value.state === 'none' ? undefined : value.source;
}
