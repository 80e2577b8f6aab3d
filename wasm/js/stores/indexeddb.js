import { Catalog, abandoned, complete, done, writing } from './catalog.js';
import { checkedRange, pieces, versionChanged } from './contract.js';

/** How many bytes a row holds. */
const PIECE = 1 << 20;

/** Backups in IndexedDB, for browsers without an origin private file system. */
export class IndexedDbStore {
  #name;
  #catalog;

  constructor(name, catalog) {
    this.#name = name;
    this.#catalog = catalog;
  }

  /** Opens the store of a name, and sweeps what interrupted writes have left. */
  static async open(name = 'vecvault') {
    const store = new IndexedDbStore(name, await Catalog.open(`${name}-indexeddb`, ['pieces']));
    await store.#sweep();
    return store;
  }

  /** Lets the database go. */
  close() {
    this.#catalog.close();
  }

  async put(key, body, { overwrite }) {
    const version = crypto.randomUUID();
    return writing(this.#name, version, async () => {
      try {
        let size = 0;
        for await (const piece of pieces(body, PIECE)) {
          const transaction = this.#catalog.begin('pieces');
          transaction.objectStore('pieces').put(piece, [version, size / PIECE]);
          await complete(transaction);
          size += piece.length;
        }
        const row = { key, size, version, modified: new Date() };
        const old = await this.#catalog.commit(row, overwrite);
        if (old) await this.#drop(old.version);
        return row;
      } catch (error) {
        await this.#drop(version);
        throw error;
      }
    });
  }

  async get(key, { range, version } = {}) {
    const row = await this.#catalog.get(key);
    if (!row) return null;
    if (version !== undefined && row.version !== version) throw versionChanged();
    return { ...row, body: this.#read(row, checkedRange(row.size, range)) };
  }

  async head(key) {
    return (await this.#catalog.get(key)) ?? null;
  }

  async list(options) {
    return this.#catalog.list(options);
  }

  async delete(key) {
    const old = await this.#catalog.remove(key);
    if (old) await this.#drop(old.version);
    return old !== undefined;
  }

  async *#read({ version }, { offset, length }) {
    const end = offset + length;
    for (let at = offset; at < end; ) {
      const number = Math.floor(at / PIECE);
      const piece = await done(this.#catalog.table('pieces').get([version, number]));
      if (!piece) throw versionChanged();
      const start = number * PIECE;
      const part = piece.subarray(at - start, Math.min(end - start, PIECE));
      at += part.length;
      yield part;
    }
  }

  async #drop(version) {
    const transaction = this.#catalog.begin('pieces');
    transaction.objectStore('pieces').delete(IDBKeyRange.bound([version], [version, []]));
    await complete(transaction);
  }

  async #sweep() {
    const keys = await done(this.#catalog.table('pieces').getAllKeys());
    const known = await this.#catalog.versions();
    const unknown = [...new Set(keys.map(([version]) => version))].filter((version) => !known.has(version));
    for (const version of await abandoned(this.#name, unknown)) await this.#drop(version);
  }
}
