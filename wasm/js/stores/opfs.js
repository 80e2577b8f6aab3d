import { Catalog, abandoned, writing } from './catalog.js';
import { checkedRange, pieces, versionChanged } from './contract.js';

/** How much is written at once. */
const PIECE = 1 << 20;

/**
 * Backups in the origin private file system, where it belongs to this site alone and can hold gigabytes. The
 * bytes are files of its own; a catalog in IndexedDB makes them visible at one moment.
 */
export class OpfsStore {
  #name;
  #catalog;
  #folder;

  constructor(name, catalog, folder) {
    this.#name = name;
    this.#catalog = catalog;
    this.#folder = folder;
  }

  /** Whether this browser has what it takes. */
  static async available() {
    try {
      await navigator.storage.getDirectory();
      return true;
    } catch {
      return false;
    }
  }

  /** Opens the store of a name, and sweeps what interrupted writes have left. */
  static async open(name = 'vecvault') {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(name, { create: true });
    const store = new OpfsStore(name, await Catalog.open(`${name}-opfs`), folder);
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
        const size = await this.#write(version, body);
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
    const { offset, length } = checkedRange(row.size, range);
    const file = await this.#file(row);
    return { ...row, body: file.slice(offset, offset + length) };
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

  /** The bytes of a row; where they have gone since the row was read, it has been replaced or deleted. */
  async #file(row) {
    try {
      return await (await this.#folder.getFileHandle(row.version)).getFile();
    } catch (error) {
      if (error.name === 'NotFoundError') throw versionChanged();
      throw error;
    }
  }

  /** Writes a file and makes it durable; gives its size. */
  async #write(version, body) {
    const handle = await this.#folder.getFileHandle(version, { create: true });
    const sink = handle.createSyncAccessHandle ? await syncSink(handle) : await streamSink(handle);
    let size = 0;
    try {
      for await (const piece of pieces(body, PIECE)) {
        await sink.write(piece);
        size += piece.length;
      }
    } catch (error) {
      await sink.abort();
      throw error;
    }
    await sink.close();
    return size;
  }

  async #drop(version) {
    try {
      await this.#folder.removeEntry(version);
    } catch (error) {
      // What is gone is gone; what is still being read goes with the next sweep.
      if (!['NotFoundError', 'NoModificationAllowedError'].includes(error.name)) throw error;
    }
  }

  async #sweep() {
    const files = [];
    for await (const name of this.#folder.keys()) files.push(name);
    const known = await this.#catalog.versions();
    const unknown = files.filter((name) => !known.has(name));
    for (const name of await abandoned(this.#name, unknown)) await this.#drop(name);
  }
}

/** In workers: quick, and with a flush. */
async function syncSink(handle) {
  const access = await handle.createSyncAccessHandle();
  let at = 0;
  return {
    write(piece) {
      at += access.write(piece, { at });
    },
    close() {
      access.flush();
      access.close();
    },
    abort: () => access.close(),
  };
}

/** On pages. */
async function streamSink(handle) {
  const writable = await handle.createWritable();
  return {
    write: (piece) => writable.write(piece),
    close: () => writable.close(),
    abort: () => writable.abort().catch(() => {}),
  };
}
