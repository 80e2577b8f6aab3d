import { Analysed } from './analysed.js';
import { raced, watchOf } from './bridge.js';
import { closed, guarded, guardedSync, invalid, isHalved } from './errors.js';
import { requestOf } from './build.js';
import { compare } from './diff.js';
import { native, release } from './native.js';
import { projectionOf } from './projection.js';
import { RecordPage } from './records.js';
import { statisticsOf } from './statistics.js';
import { streamOf } from './streams.js';

/** An open backup in the module that analyses. */
let analysedOf;

/** A backup that was opened by its head and its tail; the rest is read when it is asked for. */
export class Backup {
  #handle;
  #place;
  #analysed;

  static {
    analysedOf = (backup) => backup.#analysed;
  }

  /** Made by `open` and `openBackup`: out of what the core has of it, and its place, `[bridge, key, id]`. */
  constructor(handle, place) {
    this.#handle = handle;
    this.#place = place;
    const summary = handle.summary();
    this.#analysed = new Analysed(place, summary);
    const { info, provenance, missing, collections } = JSON.parse(summary);
    /** Id, name, date, size and names of collections, as `GET /api/backups` lists them. */
    this.info = info;
    /** Whether it is `indexed` (then with format, creator and root hash) or another writer's, `foreign`. */
    this.provenance = provenance;
    /** What is known of each collection, in the order of the file. */
    this.collections = collections;
    /** Collections that a foreign file lists and does not hold. */
    this.missing = missing;
  }

  /** Up to `limit` records from a position on, 100 where it is not said; past the end there are none. */
  async page(collection, offset = 0, limit = 100) {
    if (!isCount(offset) || !isCount(limit)) throw invalid('offset and limit are whole numbers from 0 on');
    const page = await guarded(() => this.#open.page(String(collection), offset, Math.min(limit, 1e6)));
    return RecordPage.from(page);
  }

  /** The record at a position; `undefined` past the end. */
  async record(collection, position) {
    const page = await this.page(collection, position, 1);
    return page.length === 0 ? undefined : [...page][0];
  }

  /** The record of an id; `undefined` where there is none. */
  async find(collection, id) {
    if (isHalved(String(id))) return undefined;
    const found = await guarded(() => this.#open.find(String(collection), String(id)));
    return found && [...RecordPage.from(found)][0];
  }

  /**
   * All records of a collection, page by page and proved as they are read: the iteration ends in an error
   * where hash, order, count or fingerprint is not what the index says.
   */
  async *records(collection, { signal } = {}) {
    const reader = guardedSync(() => this.#open.records(String(collection)));
    try {
      for (;;) {
        signal?.throwIfAborted();
        const records = await raced(signal, guarded(() => reader.next()));
        if (records === undefined) return;
        yield RecordPage.from(records);
      }
    } finally {
      release(reader);
    }
  }

  /** A collection as JSON lines, `{"id","vector","metadata"}` each, proved as they are read. */
  lines(collection, { signal } = {}) {
    const reader = guardedSync(() => this.#open.records(String(collection)));
    const next = async () => {
      signal?.throwIfAborted();
      return raced(signal, guarded(() => reader.nextLines()));
    };
    return streamOf(next, () => release(reader));
  }

  /**
   * Some collections, or one, as a backup of their own: a stream of its bytes. It has a new id and the date
   * of now unless they are given; the name of this backup unless another is.
   */
  extract(collections, { id, name = this.info.name, date, ...watched } = {}) {
    const names = [collections].flat().map(String);
    return outputStream(watched, (watch) => this.#open.extract(names, requestOf({ id, name, date }), watch));
  }

  /** Verifies the file: all of it, or with `quick` its head, tail and index. Damage is told, not thrown. */
  verify(options) {
    return verify(...this.#place, options);
  }

  /** What the records of a collection are like: read and proved once, in memory that does not grow with it. */
  async statistics(collection, options) {
    return statisticsOf(this.#analysed, String(collection), options);
  }

  /** A picture of a sample of a collection: its first two principal components. */
  async projection(collection, options) {
    return projectionOf(this.#analysed, String(collection), options);
  }

  /** Frees the memory at once; otherwise that happens when this object is collected. */
  close() {
    if (this.#handle) release(this.#handle);
    this.#handle = undefined;
    this.#analysed.close();
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.close();
  }

  get #open() {
    if (!this.#handle) throw closed();
    return this.#handle;
  }
}

/** Compares two open backups. Records are read where the indexes do not tell. */
export async function diffBackups(a, b, options) {
  if (!(a instanceof Backup && b instanceof Backup)) throw invalid('a and b: open backups');
  return compare([a, analysedOf(a)], [b, analysedOf(b)], options);
}

/** Verifies the blob of a key in a store as the core sees it. */
export async function verify(bridge, key, id, { quick = false, ...watched } = {}) {
  watched.signal?.throwIfAborted();
  const watch = watchOf(watched);
  return JSON.parse(await watch.over(() => native().verifyBackup(bridge, key, id, quick, watch)));
}

/** The bytes of a backup that is being made. */
export function outputStream(watched, begin) {
  const watch = watchOf(watched);
  const output = guardedSync(() => begin(watch));
  const next = async () => {
    watched.signal?.throwIfAborted();
    const chunk = await watch.over(() => output.next());
    if (chunk === undefined) release(output);
    return chunk;
  };
  return streamOf(next, () => release(output));
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}
