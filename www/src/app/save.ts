/**
 * Where things are saved. Where the browser lets a page write to a file that the reader chooses, they are streamed
 * to it and may be of any size; elsewhere they are gathered in a Blob and offered as a download.
 */
import type { Destination, Saved } from '../worker/protocol.ts';

/** Past this many bytes a Blob is a strain: it is kept whole by the browser, in memory or its own disk space. */
export const LARGE_BLOB = 1 << 30;

/** Whether things are streamed to disk here. */
export const canStream = typeof window.showSaveFilePicker === 'function';

/** Asks the reader where to save; `null` where they do not want to after all. To be called by their own act. */
export async function chooseDestination(name: string): Promise<Destination | null> {
  if (!window.showSaveFilePicker) return undefined;
  const extension = /\.\w+$/.exec(name)?.[0] ?? '.backup';
  try {
    return await window.showSaveFilePicker({
      suggestedName: name,
      types: [{ description: extension === '.jsonl' ? 'JSON lines' : 'Backup', accept: { 'application/json': [extension as `.${string}`] } }],
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // It may be refused, as it is in frames: a Blob is what remains.
    return undefined;
  }
}

/** Offers what could not be streamed as a download. */
export function offer({ blob }: Saved, name: string): void {
  if (!blob) return;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun with it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** What was saved, to go on with. */
export async function savedFile(saved: Saved, to: Destination, name: string): Promise<File> {
  return saved.blob ? new File([saved.blob], name) : await (to as FileSystemFileHandle).getFile();
}

/** A name as that of a file: without what some system does not allow in one. */
export function fileName(name: string, extension: string): string {
  const safe = name.replace(/[\u0000-\u001f<>:"/\\|?*]+/g, '-').replace(/^[.\s]+|[.\s]+$/g, '').slice(0, 100);
  return `${safe || 'backup'}${extension}`;
}
