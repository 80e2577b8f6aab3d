// The repository's files over HTTP on a free port, with ranges, and under the strictest policy that wasm allows.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, normalize } from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:; object-src 'none'";

/** Serves a folder, some paths as `instead` says; gives the address and what ends it. */
export async function serve(folder, instead = {}) {
  const server = createServer((request, response) => {
    const asked = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const path = instead[asked] ?? asked;
    const file = `${folder}${path}`;
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (path.includes('..') || size === undefined) return response.writeHead(404).end();
    const headers = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY };
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const [start, end] = range ? [Number(range[1]), Math.min(Number(range[2]), size - 1)] : [0, size - 1];
    if (range) headers['content-range'] = `bytes ${start}-${end}/${size}`;
    response.writeHead(range ? 206 : 200, { ...headers, 'content-length': end - start + 1 });
    createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
