import { Catalog, CatalogStore, complete, done, sweep } from './catalog.js';
import { pieces, versionChanged } from './contract.js';

/** How many bytes a row holds. */
const PIECE = 1 << 20;

/** Backups in IndexedDB, for browsers without an origin private file system. */
export class IndexedDbStore extends CatalogStore {
  /** Opens the store of a name, and sweeps what interrupted writes have left. */
  static async open(name = 'vecvault') {
    const catalog = await Catalog.open(`${name}-indexeddb`, ['pieces']);
    const bytes = new Pieces(catalog);
    await sweep(name, catalog, bytes);
    return new IndexedDbStore(name, catalog, bytes);
  }
}

/** Bytes as rows of a MiB, in the catalog's database. */
class Pieces {
  #catalog;

  constructor(catalog) {
    this.#catalog = catalog;
  }

  /** Writes a version and makes it durable; gives its size. */
  async write(version, body) {
    let size = 0;
    for await (const piece of pieces(body, PIECE)) {
      const transaction = this.#catalog.begin('pieces');
      transaction.objectStore('pieces').put(piece, [version, size / PIECE]);
      await complete(transaction);
      size += piece.length;
    }
    return size;
  }

  async *read(version, { offset, length }) {
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

  async drop(version) {
    const transaction = this.#catalog.begin('pieces');
    transaction.objectStore('pieces').delete(IDBKeyRange.bound([version], [version, []]));
    await complete(transaction);
  }

  async versions() {
    const keys = await done(this.#catalog.table('pieces').getAllKeys());
    return new Set(keys.map(([version]) => version));
  }
}
