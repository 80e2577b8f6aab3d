// What these tests run on: the built page.
import { execFileSync } from 'node:child_process';

import { installPackages, root } from '../wasm/built.mjs';

export { cache, long, packageFolder, root } from '../wasm/built.mjs';
export const dist = `${root}www/dist/`;
/** Where the screenshots are kept. */
export const pictures = `${root}tests/.cache/page/`;

export function buildPage() {
  installPackages();
  execFileSync('cargo', ['xtask', 'page'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
