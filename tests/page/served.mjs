// What the page is served from: its build under the policy of `vecvault serve`, and elsewhere a host of backups.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, normalize } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/** The policy that the server sends with the page. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self' blob:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The built page on a free port; `policy` may be another one. `requests` tells what was asked for. */
export async function servePage(dist, { policy = POLICY } = {}) {
  const requests = [];
  const server = createServer((request, response) => {
    // Every page asks whether a server of VecVault is behind it; here there is none.
    if (request.url !== '/health') requests.push(request.url);
    answerPage(dist, policy, request, response);
  });
  return { requests, ...(await listening(server)) };
}

/** Answers with a file of the built page, or 404. */
export function answerPage(dist, policy, request, response) {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  const file = `${dist}${path === '/' ? '/index.html' : path}`;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
  const headers = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'x-content-type-options': 'nosniff' };
  if (policy) headers['content-security-policy'] = policy;
  return response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(readFileSync(`${file}.gz`));
}

/** A folder's files on another free port, by ranges and to every page that asks. */
export async function serveFiles(folder) {
  const server = createServer((request, response) => {
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'range', 'access-control-expose-headers': 'content-range, etag' };
    if (request.method === 'OPTIONS') return response.writeHead(204, cors).end();
    const file = `${folder}${normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname))}`;
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (size === undefined || !range) return response.writeHead(404, cors).end();
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), size - 1)];
    response.writeHead(206, { ...cors, 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': end - start + 1, etag: '"1"' });
    createReadStream(file, { start, end }).pipe(response);
  });
  return listening(server);
}

export async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
