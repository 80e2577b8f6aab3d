import { alreadyExists, checkedRange, versionChanged } from './contract.js';

/**
 * A browser's store: a catalog in IndexedDB, and bytes that lie elsewhere. The catalog has of each blob its size, version
 * and time. A blob is visible from the moment its row is; its bytes are kept under the version, and are there by then.
 *
 * `bytes` writes, reads and drops those of a version, and tells the versions that it has any of.
 */
export class CatalogStore {
  #name;
  #catalog;
  #bytes;

  constructor(name, catalog, bytes) {
    this.#name = name;
    this.#catalog = catalog;
    this.#bytes = bytes;
  }

  /** Lets the database go. */
  close() {
    this.#catalog.close();
  }

  async put(key, body, { overwrite }) {
    const version = crypto.randomUUID();
    const work = () => this.#put(key, body, overwrite, version);
    // Held as long as bytes are written, so that another page's sweep lets them be. It goes with the page.
    return locks() ? locks().request(lockName(this.#name, version), work) : work();
  }

  async get(key, { range, version } = {}) {
    const row = await this.#catalog.get(key);
    if (!row) return null;
    if (version !== undefined && row.version !== version) throw versionChanged();
    return { ...row, body: await this.#bytes.read(row.version, checkedRange(row.size, range)) };
  }

  async head(key) {
    return (await this.#catalog.get(key)) ?? null;
  }

  async list(options) {
    return this.#catalog.list(options);
  }

  async delete(key) {
    const old = await this.#catalog.remove(key);
    if (old) await this.#bytes.drop(old.version);
    return old !== undefined;
  }

  async #put(key, body, overwrite, version) {
    let [row, old] = [];
    try {
      row = { key, size: await this.#bytes.write(version, body), version, modified: new Date() };
      old = await this.#catalog.commit(row, overwrite);
    } catch (error) {
      await this.#bytes.drop(version).catch(() => {});
      throw error;
    }
    // It is there, and what it replaced is not any more: where that cannot be dropped, the next sweep does it.
    if (old) await this.#bytes.drop(old.version).catch(() => {});
    return row;
  }
}

/** Drops what interrupted writes have left in the store of a name. */
export async function sweep(name, catalog, bytes) {
  // In this order: who has written lets the lock go after the row is there.
  const versions = await bytes.versions();
  const { held = [] } = (await locks()?.query()) ?? {};
  const locked = new Set(held.map((lock) => lock.name));
  const known = await catalog.versions();
  for (const version of versions) {
    if (!locked.has(lockName(name, version)) && !known.has(version)) await bytes.drop(version);
  }
}

/** The locks that all pages of a site see; old browsers have none. */
function locks() {
  return globalThis.navigator?.locks;
}

function lockName(store, version) {
  return `${store}/${version}`;
}

/** The table of blobs, in a database. */
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
    return done(this.table('blobs').get(key));
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
    const rows = await done(this.table('blobs').getAll(keys, Math.min(limit, 0xfffffffe) + 1));
    return { blobs: rows.slice(0, limit), more: rows.length > limit };
  }

  /** The versions that some row names. */
  async versions() {
    const rows = await done(this.table('blobs').getAll());
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
  });
}
