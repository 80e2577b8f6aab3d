/** Files that are dropped anywhere on the page go to whoever asked last: a view, or else the page opens them. */
import { useEffect } from 'preact/hooks';

import { Store } from './store.ts';

type Take = (files: File[]) => void;

const takers: Take[] = [];

/** Whether something is being dragged over the page. */
export const dragging = new Store(false);

/** While the component is shown, dropped files are its own. */
export function useDrop(take: Take): void {
  useEffect(() => {
    takers.push(take);
    return () => void takers.splice(takers.lastIndexOf(take), 1);
  }, [take]);
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

window.addEventListener('dragover', (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  dragging.value = true;
});
window.addEventListener('dragleave', (event) => {
  // It has left the window, not only an element of it.
  if (event.relatedTarget === null) dragging.value = false;
});
window.addEventListener('drop', (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  dragging.value = false;
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length > 0) takers.at(-1)?.(files);
});
