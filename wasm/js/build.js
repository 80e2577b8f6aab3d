import { raced } from './bridge.js';
import { invalid, isHalved, wellFormed } from './errors.js';
import { native } from './native.js';
import { outputStream } from './backup.js';
import { asBytes, isBytes, readerOf, streamOf } from './streams.js';

/** How many numbers cross at once: a few blocks' worth. */
const NUMBERS = 1 << 17;

/**
 * Builds a backup: a stream of its bytes, made as it is read from what the collections' batches give. Equal
 * input makes equal bytes here and on a server.
 */
export function build(options) {
  return outputStream(options, (watch) => native().buildBackup(collectionsOf(options), requestOf(options), watch));
}

/** Id, name and date of a new backup, as the core takes them. */
export function requestOf({ id, name, date }) {
  const { Request } = native();
  const [title, time] = [wellFormed(String(name ?? ''), 'name'), date == null ? undefined : Number(new Date(date))];
  return new Request(title, id === undefined ? undefined : String(id), time);
}

/** The collections of a backup to build, as the core reads them. */
export function collectionsOf({ collections, signal }) {
  if (!Array.isArray(collections)) throw invalid('collections: an array');
  const all = new (native().Collections)();
  for (const { name, config, ordered = false, lines, batches } of collections) {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    const feed = lines == null ? columnsFeed(batches ?? [], text) : readerOf(lines);
    const told = { next: () => raced(signal, feed.next()), cancel: () => feed.cancel() };
    all.add(wellFormed(String(name), 'name'), String(text), Boolean(ordered), told);
  }
  return all;
}

/** Batches as columns of a size that suits the core. */
function columnsFeed(batches, config) {
  const iterator = columns(batches, config);
  return {
    async next() {
      const { value, done } = await iterator.next();
      return done ? undefined : value;
    },
    cancel() {
      // Whatever it answers: nobody waits for it.
      iterator.return().catch(() => {});
    },
  };
}

async function* columns(batches, config) {
  // The core has read the config by now.
  const { dimension } = JSON.parse(config);
  const most = Math.max(1, Math.floor(NUMBERS / dimension));
  for await (const batch of batches) {
    const { ids, vectors, metadata, metadataText } = checked(batch, dimension);
    for (let start = 0; start < ids.length; start += most) {
      const end = Math.min(ids.length, start + most);
      const texts = metadataText ?? metadata?.slice(start, end).map(textOf);
      yield {
        vectors: vectors.subarray(start * dimension, end * dimension),
        ...column('ids', 'idEnds', ids.slice(start, end)),
        ...column('metadata', 'metadataEnds', texts && metadataText ? texts.slice(start, end) : texts, end - start),
      };
    }
  }
}

const utf8 = new TextEncoder();

/** Texts end to end, encoded at once, and where each ends in the string that they were. */
function column(name, endsName, texts, length = texts.length) {
  const ends = new Uint32Array(length);
  let at = 0;
  for (let index = 0; texts && index < length; index += 1) {
    at += texts[index]?.length ?? 0;
    ends[index] = at;
  }
  const joined = texts?.join('') ?? '';
  if (isHalved(joined)) texts.forEach((text) => wellFormed(text, name));
  return { [name]: utf8.encode(joined), [endsName]: ends };
}

/** `undefined` is absent and `null` is JSON's null. */
function textOf(value) {
  const text = value === undefined ? '' : JSON.stringify(value);
  if (text === undefined) throw invalid(`metadata: a ${typeof value} is no JSON`);
  return text;
}

function checked(batch, dimension) {
  const { ids, vectors, metadata, metadataText } = batch;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw invalid('ids: an array of strings');
  if (metadataText?.some?.((text) => text != null && typeof text !== 'string')) throw invalid('metadataText: texts of JSON');
  if (!(vectors instanceof Float32Array)) throw invalid('vectors: a Float32Array');
  if (vectors.length !== ids.length * dimension) {
    throw invalid(`vectors: ${vectors.length} numbers for ${ids.length} records of dimension ${dimension}`);
  }
  for (const [name, texts] of Object.entries({ metadata, metadataText })) {
    if (texts !== undefined && (!Array.isArray(texts) || texts.length !== ids.length)) {
      throw invalid(`${name}: an array of as many values as there are ids`);
    }
  }
  return batch;
}
