/** Every operation by its name. What is rarely called may be imported when it is. */
import type { Gives, Operation, Takes } from '../protocol.ts';
import type { Context } from './context.ts';
import { close, open, warm } from './backups.ts';
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
  download: async (takes, context) => (await import('./download.ts')).download(takes, context),
  extract: async (takes, context) => (await import('./extract.ts')).extract(takes, context),
  diff: async (takes, context) => (await import('./diff.ts')).diff(takes, context),
  preview: async (takes, context) => (await import('./build/preview.ts')).preview(takes, context),
  build: async (takes, context) => (await import('./build/build.ts')).build(takes, context),
  statistics: async (takes, context) => (await import('./analysis.ts')).statistics(takes, context),
  projection: async (takes, context) => (await import('./analysis.ts')).projection(takes, context),
};
