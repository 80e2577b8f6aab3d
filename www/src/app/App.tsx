/** The shell: header, navigation, the view that the address names, and the place to drop a file. */
import { useCallback, useEffect, useRef } from 'preact/hooks';

import { VIEWS, type View } from '../views/index.ts';
import { BackupView, PageView } from './ViewHost.tsx';
import { dragging, useDrop } from './drop.ts';
import { href, route } from './route.ts';
import { Store, useStore } from './store.ts';
import { openSubject, subject } from './subject.ts';
import { ThemeToggle } from './ThemeToggle.tsx';

export function App() {
  const { view: name, query } = useStore(route);
  const isDragging = useStore(dragging);
  const main = useRef<HTMLElement>(null);
  const view = VIEWS.find((each) => each.name === name) ?? VIEWS.find((each) => each.name === '');
  useDrop(useCallback((files) => void (files[0] && openSubject(files[0])), []));
  useViewChange(name, main);
  if (!view) return null;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <Header current={view.of === 'page' ? view.name : 'overview'} />
      <main id="main" ref={main} tabIndex={-1}>
        {view.of === 'page' ? <PageView view={view} query={query} /> : <BackupView view={view} query={query} />}
      </main>
      {isDragging && (
        <div class="drop-anywhere" aria-hidden="true">
          <p>Drop to open</p>
        </div>
      )}
    </>
  );
}

function Header({ current }: { current: string }) {
  const { state } = useStore(subject);
  const pages = VIEWS.filter((view) => view.of === 'page');
  return (
    <header class="page-header">
      <a class="wordmark" href={href('')}>
        <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
          <rect x="1" y="2" width="14" height="12" rx="2.5" fill="currentColor" />
          <path d="M4.5 5.5 8 11l3.5-5.5" fill="none" stroke="var(--paper)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
        VecVault
      </a>
      <nav aria-label="Page" class="page-nav">
        {pages.map((view) => <PageLink key={view.name} view={view} current={current} />)}
        {state !== 'none' && (
          <a href={href('overview')} aria-current={current === 'overview' ? 'page' : undefined}>
            Inspect
          </a>
        )}
      </nav>
      <ThemeToggle />
    </header>
  );
}

const ALWAYS = new Store(true);

function PageLink({ view: { name, label, when = ALWAYS }, current }: { view: View; current: string }) {
  if (!useStore(when)) return null;
  return <a href={href(name)} aria-current={name === current ? 'page' : undefined}>{label}</a>;
}

/** Where the view changes, its title is the document's and the keyboard begins at its top. */
function useViewChange(name: string, main: { current: HTMLElement | null }): void {
  const isFirst = useRef(true);
  useEffect(() => {
    const view = VIEWS.find((each) => each.name === name);
    document.title = view && name ? `${view.label} · VecVault` : 'VecVault';
    if (!isFirst.current) {
      // Tabs of a file keep the focus that they have.
      if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [name]);
}
