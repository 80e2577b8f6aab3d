import { openIn, raced, watchOf } from './bridge.js';
import { VecVaultError, closed } from './errors.js';
import { analysis, release } from './native.js';

/**
 * An open backup in the module that analyses. It is opened there too when that is first wanted: of an indexed file that
 * reads head and tail once more, another writer's is read through once more.
 */
export class Analysed {
  #place;
  #summary;
  #handle;
  #opening;
  #closed = false;

  /** Of a backup at a place, `[bridge, key, id]`, with what the core says of it. */
  constructor(place, summary) {
    this.#place = place;
    this.#summary = summary;
  }

  /** What that module has of it; {@link open} has been awaited. */
  get handle() {
    if (!this.#handle) throw closed();
    return this.#handle;
  }

  /** Opens it there, once for all who wait for it, who are told how far it has come. It ends when nobody waits any more. */
  async open({ signal, onProgress } = {}) {
    signal?.throwIfAborted();
    if (this.#closed) throw closed();
    if (this.#handle) return;
    const opening = (this.#opening ??= this.#begin());
    const watch = watchOf({ signal, onProgress });
    opening.waiting.add(watch);
    try {
      await watch.over(() => opening.done);
    } finally {
      opening.waiting.delete(watch);
      if (opening.waiting.size === 0) {
        opening.stop.abort();
        if (this.#opening === opening) this.#opening = undefined;
      }
    }
  }

  #begin() {
    const stop = new AbortController();
    const waiting = new Set();
    const onProgress = (progress) => waiting.forEach((watch) => watch.tell(progress));
    const done = raced(stop.signal, this.#openThere({ signal: stop.signal, onProgress }));
    // Whoever waits is told; that nobody does is no unhandled rejection.
    done.catch(() => {});
    return { waiting, stop, done };
  }

  async #openThere(watched) {
    await analysis.load();
    watched.signal.throwIfAborted();
    const handle = await openIn(analysis, this.#place, watched);
    const same = handle.summary() === this.#summary;
    if (same && !watched.signal.aborted) this.#handle = handle;
    else release(handle);
    if (!same) throw new VecVaultError('the backup was replaced since it was opened', { code: 'version_changed' });
  }

  /** Frees what that module has of it. */
  close() {
    this.#closed = true;
    this.#opening?.stop.abort(closed());
    if (this.#handle) release(this.#handle);
    this.#handle = undefined;
  }
}
