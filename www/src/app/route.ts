/**
 * Where the page is: `#/view?key=value`. A hash works on every host and below any path; the back button and
 * links work as people expect.
 */
import { Store } from './store.ts';

export interface Route {
  /** A view's name; empty for the first one. */
  readonly view: string;
  readonly query: Readonly<Record<string, string>>;
}

export const route = new Store<Route>(read());
window.addEventListener('hashchange', () => (route.value = read()));

function read(): Route {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { view: path, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The views that are not of the open backup: what is added to `VIEWS` as a page has its name here. */
export const PAGES = ['', 'server', 'compare', 'build'] as const;

let named: string | undefined;

/** From now on the addresses of a backup's views name this one, of the server: a reload and a link find it again. */
export function nameBackup(id: string | undefined): void {
  named = id;
}

/** The address of a view, for links; members that are undefined are left out. */
export function href(view: string, query: Record<string, string | number | undefined> = {}): string {
  const backup = (PAGES as readonly string[]).includes(view) ? undefined : named;
  const given = Object.entries({ backup, ...query }).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return `#/${view}${search ? `?${search}` : ''}`;
}

/** Goes to a view; with `replace`, the back button skips where we were. */
export function go(view: string, query?: Record<string, string | number | undefined>, { replace = false } = {}): void {
  const target = href(view, query);
  if (target === location.hash) return;
  if (replace) history.replaceState(null, '', target);
  else location.hash = target;
  route.value = read();
}
