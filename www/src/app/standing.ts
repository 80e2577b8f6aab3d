/**
 * What is known of backups by now: that every byte was compared, or that damage was met. Any call that meets it tells;
 * so does the server, of its own backups.
 */
import { watchCalls } from '../worker/client.ts';
import type { BackupSource, Handle } from '../worker/protocol.ts';
import { isNoBackup } from '../ui/advice.ts';
import { Store } from './store.ts';

export type Standing = 'verified' | 'damaged';

/** By `keyOf`. */
export const standings = new Store<ReadonlyMap<unknown, Standing>>(new Map());

/** What a source is known by: the server's backups by their ids, however often they are opened. */
export function keyOf(source: BackupSource): unknown {
  return typeof source === 'string' || source instanceof File ? source : source.id;
}

/** The latest word counts: a file may have been put right. */
export function note(key: unknown, standing: Standing): void {
  if (standings.value.get(key) === standing) return;
  standings.value = new Map(standings.value).set(key, standing);
}

/** What was known of it is of another file now. */
export function forget(key: unknown): void {
  const rest = new Map(standings.value);
  if (rest.delete(key)) standings.value = rest;
}

const sources = new Map<Handle, BackupSource>();

watchCalls(({ operation, takes, gives, failure }) => {
  if (operation === 'open' && gives) sources.set(gives.handle, takes.source);
  if (operation === 'close') sources.delete(takes.handle);
  if (operation === 'verify' && gives) {
    // What is no backup at all was never whole.
    if (!gives.ok) gives.findings.every(isNoBackup) || note(keyOf(takes.source), 'damaged');
    else if (gives.verifiable && gives.depth === 'full') note(keyOf(takes.source), 'verified');
  }
  // Only what is wrong in the bytes of an open file has a place there.
  const source = failure?.offset !== undefined && 'handle' in takes ? sources.get(takes.handle) : undefined;
  if (source !== undefined) note(keyOf(source), 'damaged');
});
