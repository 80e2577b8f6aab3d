// The files that the page is shown, made anew for each run of the tests.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { bytesOf, random } from '../wasm/samples.mjs';
import { packageFolder, root } from './built.mjs';

const { build } = await import(`${packageFolder}node.js`);

const newest = (ending) => readdirSync(`${root}tests/golden`).filter((name) => /^format-/.test(name) && name.endsWith(ending)).sort().at(-1);
/** The golden backup of the newest format, and what it holds. */
export const golden = `${root}tests/golden/${newest('.backup')}`;
export const goldenSummary = JSON.parse(readFileSync(`${root}tests/golden/${newest('.summary.json')}`, 'utf8'));
export const foreign = `${root}tests/golden/vectorizer-3.5.backup`;
export const NAME = 'nightly';
const TOPICS = ['billing', 'search', 'security'];

/** The topic of a record. */
const topicOf = (at) => (Math.imul(at, 2654435761) >>> 16) % TOPICS.length;

/** Records in `TOPICS.length` clusters, every eleventh without metadata, with integers that doubles cannot hold. */
export function articles(count, dimension, prefix = 'article') {
  const next = random(7);
  const vectors = new Float32Array(count * dimension);
  for (let at = 0; at < vectors.length; at += 1) {
    const topic = topicOf(Math.floor(at / dimension));
    vectors[at] = Math.sin((topic + 1) * ((at % dimension) + 1)) * 0.2 + (next() - 0.5) * 0.1;
  }
  const ids = Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(6, '0')}`);
  const metadataText = ids.map((id, at) => {
    if (at % 11 === 5) return undefined;
    return `{"topic":"${TOPICS[topicOf(at)]}","account":${9007199254740993n + BigInt(at)},"tokens":${100 + at},"nested":{"tags":["a",null,-0.0,{"deep":1e400}],"line":"first\\nsecond"}}`;
  });
  return { ids, vectors, metadataText };
}

/** A copy with another digit in the first number of the first vector, which is JSON as good as before. */
export function anotherDigit(bytes) {
  const text = Buffer.from(bytes).toString('latin1');
  const at = /"vector":\[-?\d\.\d/.exec(text);
  const copy = Buffer.from(bytes);
  const place = at.index + at[0].length - 1;
  copy[place] = copy[place] === 0x31 ? 0x32 : 0x31;
  return copy;
}

/** Writes a temporary folder of files; `remove` takes it away. */
export async function makeFiles() {
  const folder = mkdtempSync(`${tmpdir()}/vecvault-page-`);
  const collection = (name, count, dimension) => ({ name, config: { dimension, metric: 'cosine' }, ordered: true, batches: [articles(count, dimension, name)] });
  const collections = [collection('articles', 3_000, 96), collection('images', 700, 128), { name: 'empty', config: { dimension: 4, metric: 'euclidean' } }];
  const bytes = await bytesOf(build({ name: NAME, date: '2024-01-15T10:30:00Z', collections }));
  const whole = `${folder}/nightly.backup`;
  const digit = `${folder}/digit.backup`;
  const damaged = `${folder}/damaged.backup`;
  writeFileSync(whole, bytes);
  writeFileSync(digit, anotherDigit(bytes));
  // Two blocks of the first collection, far enough apart.
  for (const share of [0.2, 0.6]) bytes[Math.floor(bytes.length * share)] ^= 1;
  writeFileSync(damaged, bytes);
  const cut = `${folder}/cut.backup`;
  writeFileSync(cut, readFileSync(golden).subarray(0, 40_000));
  const letter = `${folder}/letter.backup`;
  writeFileSync(letter, 'Dear Sir or Madam');
  return { folder, whole, digit, damaged, cut, letter, remove: () => rmSync(folder, { recursive: true }) };
}
