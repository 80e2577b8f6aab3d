import { VecVaultError } from '../errors.js';
import { Catalog, CatalogStore, sweep } from './catalog.js';
import { pieces, versionChanged } from './contract.js';

/** How much is written at once. */
const PIECE = 1 << 20;

/** Backups in the origin private file system, where it belongs to this site alone and can hold gigabytes. */
export class OpfsStore extends CatalogStore {
  /** Whether this browser has what it takes, where it is asked: on a page, or in a worker. */
  static async available() {
    try {
      await navigator.storage.getDirectory();
      const file = FileSystemFileHandle.prototype;
      return 'createSyncAccessHandle' in file || 'createWritable' in file;
    } catch {
      return false;
    }
  }

  /** Opens the store of a name, and sweeps what interrupted writes have left. */
  static async open(name = 'vecvault') {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(name, { create: true });
    const [catalog, files] = [await Catalog.open(`${name}-opfs`), new Files(folder)];
    await sweep(name, catalog, files);
    return new OpfsStore(name, catalog, files);
  }
}

/** Bytes as a file a version, in a folder of their own. */
class Files {
  #folder;

  constructor(folder) {
    this.#folder = folder;
  }

  /** Writes a version and makes it durable; gives its size. */
  async write(version, body) {
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

  /** A part of a version; where it has gone since its row was read, it has been replaced or deleted. */
  async read(version, { offset, length }) {
    try {
      const file = await (await this.#folder.getFileHandle(version)).getFile();
      return file.slice(offset, offset + length);
    } catch (error) {
      throw error.name === 'NotFoundError' ? versionChanged() : error;
    }
  }

  async drop(version) {
    try {
      await this.#folder.removeEntry(version);
    } catch (error) {
      // What is gone is gone; what is still being read goes with the next sweep.
      if (!['NotFoundError', 'NoModificationAllowedError'].includes(error.name)) throw error;
    }
  }

  async versions() {
    const names = [];
    for await (const name of this.#folder.keys()) names.push(name);
    return names;
  }
}

/** In workers: quick, and with a flush. */
async function syncSink(handle) {
  const access = await handle.createSyncAccessHandle();
  let at = 0;
  return {
    write(piece) {
      const written = access.write(piece, { at });
      if (written !== piece.length) throw new VecVaultError('the browser wrote only a part', { code: 'no_space' });
      at += written;
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
