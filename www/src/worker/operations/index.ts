/** Every operation by its name. What is rarely called may be imported when it is. */
import { part } from '../../part.ts';
import type { Gives, Operation, Takes } from '../protocol.ts';
import type { Context } from './context.ts';
import { close, open, warm } from './backups.ts';
import { find, page, record, search } from './records.ts';
import { verify } from './verify.ts';

type Perform<O extends Operation> = (takes: Takes<O>, context: Context) => Promise<Gives<O>> | Gives<O>;

const parts = {
  analysis: part(() => import('./analysis.ts')),
  build: part(() => import('./build/build.ts')),
  diff: part(() => import('./diff.ts')),
  download: part(() => import('./download.ts')),
  extract: part(() => import('./extract.ts')),
  preview: part(() => import('./build/preview.ts')),
};

export const operations: { readonly [O in Operation]: Perform<O> } = {
  warm,
  open,
  close,
  page,
  record,
  find,
  search,
  verify,
  download: async (takes, context) => (await parts.download()).download(takes, context),
  extract: async (takes, context) => (await parts.extract()).extract(takes, context),
  diff: async (takes, context) => (await parts.diff()).diff(takes, context),
  preview: async (takes, context) => (await parts.preview()).preview(takes, context),
  build: async (takes, context) => (await parts.build()).build(takes, context),
  statistics: async (takes, context) => (await parts.analysis()).statistics(takes, context),
  projection: async (takes, context) => (await parts.analysis()).projection(takes, context),
};
