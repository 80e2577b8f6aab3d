import { VecVaultError } from '../errors.js';
import { alreadyExists, checkedRange, pieces, versionChanged } from './contract.js';

/** The size of a part: R2 wants them alike and of 5 MiB or more, and a worker has 128 MB in all. */
const PART = 8 << 20;
/** Longer than any upload: a claim of this age was left by one that was interrupted. */
const CLAIM_LIVES = 24 * 60 * 60 * 1000;
/** What claims are kept under; it is no key of a backup. */
const CLAIMS = '.claims/';

/** Backups in an R2 bucket, the binding of a worker. What is larger than a part is uploaded in parts. */
export class R2Store {
  #bucket;

  constructor(bucket) {
    this.#bucket = bucket;
  }

  async put(key, body, { overwrite }) {
    const parts = pieces(body, PART);
    try {
      const first = await parts.next();
      const second = first.done ? first : await parts.next();
      const upload = () => {
        if (second.done) return this.#putWhole(key, first.value ?? new Uint8Array(), overwrite);
        return this.#putParts(key, [first.value, second.value], parts);
      };
      return overwrite ? await upload() : await this.#claimed(key, upload);
    } finally {
      await parts.return();
    }
  }

  async get(key, { range, version } = {}) {
    const known = version === undefined ? await this.head(key) : { version, ...knownOf(version) };
    if (!known) return null;
    const { offset, length } = checkedRange(known.size, range);
    // R2 has no empty ranges; a blob's state is told by its head then.
    const onlyIf = { etagMatches: knownOf(known.version).etag };
    const asked = length === 0 ? this.#bucket.head(key) : this.#bucket.get(key, { range: { offset, length }, onlyIf });
    const found = await asked;
    if (!found) return null;
    const meta = metaOf(found);
    const whole = length === 0 || found.body !== undefined;
    if (whole && meta.version === known.version) return { ...meta, body: length === 0 ? new Uint8Array() : found.body };
    await found.body?.cancel();
    throw versionChanged();
  }

  async head(key) {
    const found = await this.#bucket.head(key);
    return found && metaOf(found);
  }

  async list({ prefix = '', after, limit = 1000 }) {
    const blobs = [];
    let cursor;
    let more = true;
    while (more && blobs.length < limit) {
      const most = Math.min(limit - blobs.length, 1000);
      const page = await this.#bucket.list({ prefix, startAfter: cursor ? undefined : after, cursor, limit: most });
      blobs.push(...page.objects.filter(({ key }) => !key.startsWith(CLAIMS)).map(metaOf));
      more = page.truncated;
      cursor = page.cursor;
    }
    return { blobs, more };
  }

  async delete(key) {
    if ((await this.#bucket.head(key)) === null) return false;
    await this.#bucket.delete(key);
    return true;
  }

  /** One call, and R2 itself refuses to replace what is there. */
  async #putWhole(key, bytes, overwrite) {
    const onlyIf = overwrite ? undefined : new Headers({ 'if-none-match': '*' });
    const made = await this.#bucket.put(key, bytes, { onlyIf });
    if (made === null) throw alreadyExists();
    return metaOf(made);
  }

  async #putParts(key, first, rest) {
    const upload = await this.#bucket.createMultipartUpload(key);
    try {
      const done = [];
      for (const part of first) done.push(await upload.uploadPart(done.length + 1, part));
      for await (const part of rest) done.push(await upload.uploadPart(done.length + 1, part));
      return metaOf(await upload.complete(done));
    } catch (error) {
      // What cannot be aborted either, the bucket's own rules remove.
      await upload.abort().catch(() => {});
      throw error;
    }
  }

  /**
   * An upload in parts cannot be told to replace nothing. So who creates makes a small object first, the claim, of which
   * R2 lets one writer make one; who uploads in one call too, since he would not see the parts of another.
   */
  async #claimed(key, upload) {
    const claim = `${CLAIMS}${key}`;
    const create = { onlyIf: new Headers({ 'if-none-match': '*' }) };
    if ((await this.#bucket.put(claim, '', create)) === null) {
      const held = await this.#bucket.head(claim);
      if (held && Date.now() - held.uploaded.getTime() < CLAIM_LIVES) {
        throw new VecVaultError('another upload is under way', { code: 'already_exists' });
      }
      if (held) await this.#bucket.delete(claim);
      return this.#claimed(key, upload);
    }
    try {
      if ((await this.#bucket.head(key)) !== null) throw alreadyExists();
      return await upload();
    } finally {
      await this.#bucket.delete(claim);
    }
  }
}

/** What a version says of its blob, so that a read needs no other call first. */
function knownOf(version) {
  const [, etag, size] = version.split(' ');
  return { etag, size: Number(size) };
}

function metaOf({ key, size, version, etag, uploaded }) {
  return { key, size, version: `${version} ${etag} ${size}`, modified: uploaded };
}
