/** Shows a view: fetches its code where that has not come yet, and the file that it looks at. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { hostAnswers } from '../part.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureNote } from '../ui/FailureNote.tsx';
import type { Failure } from '../worker/protocol.ts';
import { serverView, type View } from '../views/index.ts';
import { href } from './route.ts';
import { laterStyles } from './laterStyles.ts';
import { useStore } from './store.ts';
import { keyOf } from './standing.ts';
import { subject } from './subject.ts';
import { FileFrame } from './FileFrame.tsx';

type Query = Readonly<Record<string, string>>;
type PageEntry = Extract<View, { of: 'page' }>;
type BackupEntry = Exclude<View, { of: 'page' }>;

export function PageView({ view, query }: { view: PageEntry; query: Query }) {
  const { Component, failure, tryAgain } = useComponent(view);
  if (failure) return <NotLoaded failure={failure} onAgain={tryAgain} />;
  return Component ? <Component query={query} /> : <Loading />;
}

/** A view of the chosen file, in its frame. */
export function BackupView({ view, query }: { view: BackupEntry; query: Query }) {
  const current = useStore(subject);
  const wanted = query['backup'];
  const isOther = wanted !== undefined && (current.state === 'none' || keyOf(current.source) !== wanted);
  // The server's view opens it, asking for the token where it must.
  if (isOther) return <PageView view={serverView} query={{ open: wanted }} />;
  if (current.state === 'none') return <NothingOpen label={view.label} />;
  return (
    <FileFrame subject={current} current={view.name}>
      <Inside view={view} query={query} />
    </FileFrame>
  );
}

function Inside({ view, query }: { view: BackupEntry; query: Query }) {
  const current = useStore(subject);
  // Each view is mounted with its component alone, so that no state crosses from one to the other.
  if (view.of === 'file' && (current.state === 'open' || current.state === 'failed')) {
    return <LoadedView key={view.name} view={view} props={{ subject: current, query }} />;
  }
  if (view.of === 'backup' && current.state === 'open') {
    return <LoadedView key={view.name} view={view} props={{ backup: current.backup, source: current.source, query }} />;
  }
  return null;
}

function LoadedView({ view, props }: { view: BackupEntry; props: object }) {
  const { Component, failure, tryAgain } = useComponent(view);
  if (failure) return <NotLoaded failure={failure} onAgain={tryAgain} />;
  const Shown = Component as ComponentType<object> | undefined;
  return Shown ? <Shown {...props} /> : <Loading />;
}

function NothingOpen({ label }: { label: string }) {
  const served = useStore(serverView.when);
  return (
    <>
      <h1>{label}</h1>
      <Empty title="No backup is open">
        <p>
          Drop a <code>.backup</code> file here, or <a href={href('')}>choose one</a>
          {served && <>, or one of the <a href={href('server')}>backups of this server</a></>}. Nothing is uploaded.
        </p>
      </Empty>
    </>
  );
}

function NotLoaded({ failure, onAgain }: { failure: Failure; onAgain: () => void }) {
  return (
    <FailureNote title="This part of the page did not load" failure={failure}>
      <p class="actions"><button type="button" onClick={onAgain}>Try again</button></p>
    </FailureNote>
  );
}

function Loading() {
  return <p class="muted" aria-live="polite">Loading…</p>;
}

/** The views that come at once take nothing away that may have the keyboard. */
const focusKept = () => import('./keepFocus.ts').then(({ keepFocus }) => keepFocus());

const components = new Map<string, ComponentType<never>>();

function useComponent<V extends View>(view: V) {
  type Component = V extends { readonly view: infer C } ? C : never;
  const ready = ('view' in view ? view.view : components.get(view.name)) as Component | undefined;
  const [failure, setFailure] = useState<Failure>();
  const [, setLoaded] = useState('');
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (ready || !('load' in view)) return;
    hostAnswers().then(() => Promise.all([view.load(), laterStyles(), focusKept()])).then(
      ([module]) => {
        components.set(view.name, module.default as ComponentType<never>);
        setLoaded(view.name);
      },
      () => setFailure({ code: 'not_loaded', message: 'the server does not answer' }),
    );
  }, [view, tries]);
  return { Component: ready, failure: ready ? undefined : failure, tryAgain: () => setTries(tries + 1) };
}
