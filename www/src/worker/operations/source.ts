import type { Source } from 'vecvault';

import type { BackupSource } from '../protocol.ts';

/** A source as the package takes it, and what is sent with every request for it. */
export function sourceOf(source: BackupSource): { source: Source; options: { headers?: Record<string, string> } } {
  if (typeof source === 'string' || source instanceof Blob) return { source, options: {} };
  return { source: source.url, options: { headers: { ...source.headers } } };
}
