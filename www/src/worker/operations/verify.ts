import { verifySource } from 'vecvault/slim';
import type { VerifyReport } from 'vecvault';

import type { Takes } from '../protocol.ts';
import { warm } from './backups.ts';
import type { Context } from './context.ts';
import { sourceOf } from './source.ts';

export async function verify({ source, quick }: Takes<'verify'>, { signal, onProgress }: Context): Promise<VerifyReport> {
  await warm();
  const from = sourceOf(source);
  return verifySource(from.source, { ...from.options, quick, signal, onProgress });
}
