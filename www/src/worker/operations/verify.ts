import { verifySource } from 'vecvault/slim';
import type { VerifyReport } from 'vecvault';

import type { Takes } from '../protocol.ts';
import { warm } from './backups.ts';
import type { Context } from './context.ts';

export async function verify({ source, quick }: Takes<'verify'>, { signal, onProgress }: Context): Promise<VerifyReport> {
  await warm();
  return verifySource(source, { quick, signal, onProgress });
}
