// A VecVault server in a temporary folder, and the page in front of it as it serves it: same origin, same policy.
import { spawn } from 'node:child_process';
import { createServer, request as ask } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { nativePrograms } from '../wasm/built.mjs';
import { bytesOf } from '../wasm/samples.mjs';
import { dist, packageFolder } from './built.mjs';
import { answerPage, listening, POLICY } from './served.mjs';

const { build } = await import(`${packageFolder}node.js`);

/** The program under test; VECVAULT_BINARY may name another build of it. */
let program;
const binary = () => (program ??= process.env.VECVAULT_BINARY ?? nativePrograms().vecvault);

/**
 * Starts it on a free port. `files` are backups that it finds, by id; `intercept(request, response)` may answer in
 * its place, and says so by `true`.
 */
export async function serveVault({ token, files = {}, intercept, policy = POLICY } = {}) {
  const folder = mkdtempSync(`${tmpdir()}/vecvault-page-server-`);
  const backups = `${folder}/backups`;
  mkdirSync(backups);
  for (const [id, bytes] of Object.entries(files)) writeFileSync(`${backups}/${id}.backup`, bytes);
  const env = { ...process.env, ...(token && { VECVAULT_TOKEN: token }) };
  const child = spawn(binary(), ['serve', '--addr', '127.0.0.1:0', '--data', `${folder}/data`, '--backups', backups, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const upstream = await addressOf(child);
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    if (intercept?.(request, response)) return;
    if (!/^\/(api|health)\b/.test(request.url)) return answerPage(dist, policy, request, response);
    const { hostname, port } = new URL(upstream);
    const onward = ask({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      response.on('close', () => answer.destroy());
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const front = await listening(server);
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const call = async (path, body, more = {}) => {
    const options = { method: body ? 'POST' : 'GET', headers: { ...headers, ...more, ...(body && { 'content-type': 'application/json' }) }, body: body && JSON.stringify(body) };
    const response = await fetch(`${upstream}/api/${path}`, options);
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const close = async () => {
    front.close();
    server.closeAllConnections();
    child.kill('SIGTERM');
    await new Promise((resolve) => (child.exitCode === null ? child.on('exit', resolve) : resolve()));
    rmSync(folder, { recursive: true });
  };
  return { address: front.address, asked, call, close, backups };
}

/** The address that it says it listens on; where it ends before, what it said. */
async function addressOf(child) {
  let said = '';
  return new Promise((resolve, reject) => {
    const look = (text) => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout.setEncoding('utf8').on('data', look);
    child.stderr.setEncoding('utf8').on('data', look);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

/** The bytes of a backup. */
export async function backupBytes(options) {
  return bytesOf(build(options));
}

/** Records without some of them. */
export function without(records, gone) {
  const dimension = records.vectors.length / records.ids.length;
  const kept = records.ids.flatMap((id, at) => (gone.includes(id) ? [] : [at]));
  return {
    ids: kept.map((at) => records.ids[at]),
    vectors: Float32Array.from(kept.flatMap((at) => [...records.vectors.subarray(at * dimension, (at + 1) * dimension)])),
    metadataText: kept.map((at) => records.metadataText[at]),
  };
}
