import { alreadyExists } from './contract.js';

/**
 * What a browser's store keeps in IndexedDB: of each blob its size, version and time. A blob is visible from
 * the moment its row is; the bytes lie elsewhere, under the version, and are there by then.
 */
export class Catalog {
  #database;

  constructor(database) {
    this.#database = database;
  }

  /** Opens the database of a name, with more tables of that names where they are wanted. */
  static async open(name, tables = []) {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
      for (const table of ['blobs', ...tables]) opening.result.createObjectStore(table);
    };
    const database = await done(opening);
    // Another page that wants to delete the database shall not wait for this one.
    database.onversionchange = () => database.close();
    return new Catalog(database);
  }

  close() {
    this.#database.close();
  }

  async get(key) {
    return done(this.#database.transaction('blobs').objectStore('blobs').get(key));
  }

  /** Makes a blob the one of its key, at one moment; gives the row that it replaces. */
  async commit(row, overwrite) {
    const transaction = this.begin('blobs');
    const blobs = transaction.objectStore('blobs');
    const old = await done(blobs.get(row.key));
    if (old && !overwrite) {
      transaction.abort();
      throw alreadyExists();
    }
    blobs.put(row, row.key);
    await complete(transaction);
    return old;
  }

  /** Removes a blob's row and gives it. */
  async remove(key) {
    const transaction = this.begin('blobs');
    const blobs = transaction.objectStore('blobs');
    const old = await done(blobs.get(key));
    if (old) blobs.delete(key);
    await complete(transaction);
    return old;
  }

  async list({ prefix = '', after, limit = 1000 }) {
    const first = after !== undefined && after >= prefix ? after : prefix;
    const keys = IDBKeyRange.bound(first, `${prefix}\uffff`, first === after, false);
    const blobs = this.#database.transaction('blobs').objectStore('blobs');
    const rows = await done(blobs.getAll(keys, Math.min(limit, 0xfffffffe) + 1));
    return { blobs: rows.slice(0, limit), more: rows.length > limit };
  }

  /** The versions that some row names. */
  async versions() {
    const rows = await done(this.#database.transaction('blobs').objectStore('blobs').getAll());
    return new Set(rows.map((row) => row.version));
  }

  /** Begins to write durably. */
  begin(...tables) {
    return this.#database.transaction(tables, 'readwrite', { durability: 'strict' });
  }

  /** Begins to read. */
  table(name) {
    return this.#database.transaction(name).objectStore(name);
  }
}

/** The result of a request. */
export function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The end of a transaction. */
export function complete(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

/**
 * Holds a lock on bytes that are being written, so that another page's sweep lets them be; `work` runs under it.
 * The lock goes with the page.
 */
export function writing(store, version, work) {
  if (!globalThis.navigator?.locks) return work();
  return navigator.locks.request(lockName(store, version), work);
}

/** Those of `versions` that nobody is writing. */
export async function abandoned(store, versions) {
  if (!globalThis.navigator?.locks) return versions;
  const { held } = await navigator.locks.query();
  const names = new Set(held.map((lock) => lock.name));
  return versions.filter((version) => !names.has(lockName(store, version)));
}

function lockName(store, version) {
  return `${store}/${version}`;
}
