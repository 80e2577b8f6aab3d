import { alreadyExists, checkedRange, pieces, versionChanged } from './contract.js';

/** A store that forgets: for tests, and as the shortest example of one. */
export class MemoryStore {
  #blobs = new Map();
  #writes = 0;

  async put(key, body, { overwrite }) {
    const parts = [];
    for await (const piece of pieces(body, 1 << 16)) parts.push(piece);
    if (!overwrite && this.#blobs.has(key)) throw alreadyExists();
    this.#writes += 1;
    const blob = { key, bytes: new Blob(parts), version: String(this.#writes), modified: new Date() };
    this.#blobs.set(key, blob);
    return metaOf(blob);
  }

  async get(key, { range, version } = {}) {
    const blob = this.#blobs.get(key);
    if (!blob) return null;
    if (version !== undefined && blob.version !== version) throw versionChanged();
    const { offset, length } = checkedRange(blob.bytes.size, range);
    return { ...metaOf(blob), body: blob.bytes.slice(offset, offset + length) };
  }

  async head(key) {
    const blob = this.#blobs.get(key);
    return blob ? metaOf(blob) : null;
  }

  async list({ prefix = '', after, limit = 1000 }) {
    const keys = [...this.#blobs.keys()].sort().filter((key) => key.startsWith(prefix));
    const rest = after === undefined ? keys : keys.filter((key) => key > after);
    return { blobs: rest.slice(0, limit).map((key) => metaOf(this.#blobs.get(key))), more: rest.length > limit };
  }

  async delete(key) {
    return this.#blobs.delete(key);
  }
}

function metaOf({ key, bytes, version, modified }) {
  return { key, size: bytes.size, version, modified };
}
