// What the tests run on: the package, its twin with the conformance suite, and the native programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const cache = `${root}tests/.cache/`;
export const packageFolder = `${root}wasm/pkg/`;
export const conformanceFolder = `${cache}wasm-conformance/`;
export const long = process.env.VECVAULT_LONG === '1';

/** Whether the package has its module with threads: it is made by Debian's Rust alone. */
export const hasThreads = () => existsSync(`${packageFolder}vecvault-threads.wasm`);

/** The package in Node: where VECVAULT_THREADS says how many, with so many threads. */
export async function importPackage() {
  const threads = process.env.VECVAULT_THREADS;
  if (!threads) return import(`${packageFolder}node.js`);
  const vecvault = await import(`${packageFolder}threads.js`);
  await vecvault.startThreads(Number(threads));
  return vecvault;
}

/** Runs a program of the machine; its output is shown where it fails. */
export function tool(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.status}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

export function buildAll() {
  installPackages();
  const show = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  execFileSync('cargo', ['xtask', 'wasm'], show);
  const conformance = ['--out', conformanceFolder, '--part', 'vecvault', '--feature', 'conformance', '--build-in', 'wasm-conformance'];
  execFileSync('cargo', ['xtask', 'wasm', ...conformance], show);
  execFileSync('cargo', ['build', '--quiet', ...NATIVE], show);
}

const NATIVE = ['--package', 'vecvault', '--package', 'vecvault-tests', '--bin', 'vecvault', '--example', 'make_backup'];

/** The programs of the other side, as `cargo` built them. */
export function nativePrograms() {
  const lines = tool('cargo', ['build', '--quiet', '--message-format=json', ...NATIVE]).split('\n').filter(Boolean);
  const artifacts = lines.map((line) => JSON.parse(line)).filter((message) => message.executable);
  return Object.fromEntries(artifacts.map((artifact) => [artifact.target.name, artifact.executable]));
}

/** Installs what the lock file says, where it has changed. */
export function installPackages() {
  const locked = readFileSync(`${root}tests/package-lock.json`, 'utf8');
  const installed = `${root}tests/node_modules/.installed-for`;
  if (existsSync(installed) && readFileSync(installed, 'utf8') === locked) return;
  const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', npm, { cwd: `${root}tests`, stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(installed, locked);
}
