/**
 * Every view of the page. To add one: a folder here with a component as its default export, a line in `VIEWS`, and
 * its style sheet in `styles/later.css`.
 *
 * Views that are not needed first are imported when they are gone to.
 */
import type { ComponentType } from 'preact';

import type { OpenedBackup } from '../worker/protocol.ts';
import type { PAGES } from '../app/route.ts';
import type { Store } from '../app/store.ts';
import type { Subject } from '../app/subject.ts';
import { isServed } from '../server/session.ts';
import Open from './open/Open.tsx';
import Overview from './overview/Overview.tsx';

/** What a view of the open backup is given. */
export interface BackupViewProps {
  readonly backup: OpenedBackup;
  readonly source: Extract<Subject, { state: 'open' }>['source'];
  readonly query: Readonly<Record<string, string>>;
}

/** What a view of the file is given, whether it opens or not. */
export interface FileViewProps {
  readonly subject: Exclude<Subject, { state: 'none' | 'opening' }>;
  readonly query: Readonly<Record<string, string>>;
}

/** What a view that needs no open backup is given. */
export interface PageViewProps {
  readonly query: Readonly<Record<string, string>>;
}

/** A component, or how to get it. */
type Loaded<P> = { readonly view: ComponentType<P> } | { readonly load: () => Promise<{ default: ComponentType<P> }> };

interface Entry {
  /** Its address. */
  readonly name: string;
  readonly label: string;
  /** Whether navigation names it; where this is absent, always. */
  readonly when?: Store<boolean>;
}

/** A view and where it hangs: in the page's own navigation, or in that of the open file. */
export type View = Entry & (
  | ({ readonly of: 'page'; readonly name: (typeof PAGES)[number] } & Loaded<PageViewProps>)
  | ({ readonly of: 'backup' } & Loaded<BackupViewProps>)
  | ({ readonly of: 'file' } & Loaded<FileViewProps>)
);

export const serverView = { name: 'server', label: 'Server', of: 'page', when: isServed, load: () => import('./server/Server.tsx') } as const;

export const VIEWS: readonly View[] = [
  serverView,
  { name: '', label: 'Open', of: 'page', view: Open },
  { name: 'compare', label: 'Compare', of: 'page', load: () => import('./compare/Compare.tsx') },
  { name: 'build', label: 'Build', of: 'page', load: () => import('./build/Build.tsx') },
  { name: 'overview', label: 'Overview', of: 'backup', view: Overview },
  { name: 'records', label: 'Records', of: 'backup', load: () => import('./records/Records.tsx') },
  { name: 'extract', label: 'Extract', of: 'backup', load: () => import('./extract/Extract.tsx') },
  { name: 'verify', label: 'Verify', of: 'file', load: () => import('./verify/Verify.tsx') },
  { name: 'statistics', label: 'Statistics', of: 'backup', load: () => import('./statistics/Statistics.tsx') },
  { name: 'map', label: 'Map', of: 'backup', load: () => import('./map/Map.tsx') },
];
