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

/** The address of a view, for links; members that are undefined are left out. */
export function href(view: string, query: Record<string, string | number | undefined> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return `#/${view}${search ? `?${search}` : ''}`;
}

/** Goes to a view; with `replace`, the back button skips where we were. */
export function go(view: string, query?: Record<string, string | number | undefined>, { replace = false } = {}): void {
  const target = href(view, query);
  if (target === location.hash) return;
  if (!replace) {
    location.hash = target;
    return;
  }
  history.replaceState(null, '', target);
  route.value = read();
}
