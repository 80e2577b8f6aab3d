/** Every operation by its name. What is rarely called may be imported when it is. */
import type { Gives, Operation, Takes } from '../protocol.ts';
import type { Context } from './context.ts';
import { close, open, warm } from './backups.ts';
import { diff } from './diff.ts';
import { download } from './download.ts';
import { extract } from './extract.ts';
import { find, page, record, search } from './records.ts';
import { verify } from './verify.ts';

type Perform<O extends Operation> = (takes: Takes<O>, context: Context) => Promise<Gives<O>> | Gives<O>;

export const operations: { readonly [O in Operation]: Perform<O> } = {
  warm,
  open,
  close,
  page,
  record,
  find,
  search,
  verify,
  download,
  extract,
  diff,
  preview: async (takes, context) => (await import('./build/preview.ts')).preview(takes, context),
  build: async (takes, context) => (await import('./build/build.ts')).build(takes, context),
};
