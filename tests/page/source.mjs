// A module of the page by itself, for tests that need no browser.
import { createRequire } from 'node:module';

import { cache, packageFolder, root } from './built.mjs';

/** What `www/src/{path}` exports. */
export async function sourceOf(path) {
  const { buildSync } = createRequire(`${root}tests/`)('esbuild');
  const built = buildSync({
    entryPoints: [`${root}www/src/${path}`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    alias: { 'vecvault/slim': `${packageFolder}index.js` },
    nodePaths: [`${cache}page-packages/node_modules`],
  });
  return import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].text).toString('base64')}`);
}

/** Bytes as a file that comes in pieces of so many. */
export function fileInPieces(name, bytes, size) {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
        controller.close();
      },
    });
  return { name, size: bytes.length, stream };
}
