// Records that every host makes alike: from a seed, with the values that formats get wrong among them.

const SPECIAL = [0, -0, 1, -1, 1e-45, -1e-45, 1.1754942e-38, 3.4028235e38, -3.4028235e38, 1e16, 1e-7, 0.1, 16777216];

/** A generator of numbers in [0, 1). */
export function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000;
  };
}

/** `count` records in columns, their ids ascending; `metadataText` has integers that doubles cannot hold. */
export function sample(count, dimension, { seed = 1, first = 0, special = true } = {}) {
  const next = random(seed + first);
  const vectors = new Float32Array(count * dimension);
  for (let at = 0; at < vectors.length; at += 1) vectors[at] = (next() + next() + next() + next() - 2) * 0.05;
  if (special) vectors.set(SPECIAL.slice(0, vectors.length));
  const ids = Array.from({ length: count }, (_, at) => `vec_${String(first + at).padStart(9, '0')}`);
  const metadataText = ids.map((id, at) => {
    if (at % 7 === 3) return undefined;
    return `{"text":"line ${at} é𝄞 \\u00e9","source":"file.md","n":${9007199254740993n + BigInt(at)}, "x": -0.0}`;
  });
  return { ids, vectors, metadataText };
}

/** The same as JSON lines. */
export function* lines({ ids, vectors, metadataText }) {
  const dimension = vectors.length / ids.length;
  for (const [at, id] of ids.entries()) {
    const numbers = Array.from(vectors.subarray(at * dimension, (at + 1) * dimension), (x) => (Object.is(x, -0) ? '-0.0' : String(x)));
    const metadata = metadataText[at] === undefined ? '' : `,"metadata":${metadataText[at]}`;
    yield `{"id":${JSON.stringify(id)},"vector":[${numbers.join(',')}]${metadata}}\n`;
  }
}

export const ID = '0190b5a0-0000-7000-8000-000000000001';
export const DATE = '2024-01-15T10:30:00Z';
export const NAME = 'both "sides" é';

/** Options of `build` for one collection `docs`. */
export function backupOf(records, options = {}) {
  const dimension = records.vectors.length / records.ids.length;
  return {
    id: ID,
    name: NAME,
    date: DATE,
    collections: [{ name: 'docs', config: `{"dimension":${dimension},"metric":"cosine"}`, batches: [records] }],
    ...options,
  };
}

/** The bytes of a stream. */
export async function bytesOf(stream) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
