/** The server's calls, one function each. */
import { CallError } from '../worker/client.ts';
import type { RemoteFile } from '../worker/protocol.ts';
import { OF_UPLOADS } from './advice.ts';
import { CANCELLED, refused, request, requestJson, unreachable } from './request.ts';
import { authorization, serverUrl } from './session.ts';
import type { BackupList, Job, LiveCollection, RestorePlan, RestoreRequest, ServerBackup } from './types.ts';

/** So that heavy work becomes a job rather than a request that lasts. */
const AS_JOB = { prefer: 'respond-async' };

export const listBackups = (signal?: AbortSignal) => requestJson<BackupList>('backups', { signal });

export const backupDirectory = (signal?: AbortSignal) => requestJson<{ path: string }>('backups/directory', { signal });

export async function listCollections(signal?: AbortSignal): Promise<readonly LiveCollection[]> {
  const { collections } = await requestJson<{ collections: readonly LiveCollection[] }>('collections', { signal });
  return [...collections].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Without names: all collections. */
export const createBackup = (name: string, collections?: readonly string[]) =>
  requestJson<Job>('backups/create', { method: 'POST', body: { name, ...(collections && { collections }) }, headers: AS_JOB });

export const planRestore = (restore: RestoreRequest, signal?: AbortSignal) =>
  requestJson<RestorePlan>('backups/restore', { method: 'POST', body: { ...restore, dry_run: true }, signal });

export const restoreBackup = (restore: RestoreRequest) =>
  requestJson<Job>('backups/restore', { method: 'POST', body: restore, headers: AS_JOB });

export const verifyBackup = (id: string) =>
  requestJson<Job>(`backups/${id}/verify`, { method: 'POST', body: { depth: 'full' }, headers: AS_JOB });

export const deleteBackup = (id: string) => request(`backups/${id}`, { method: 'DELETE' });

export const listJobs = (signal?: AbortSignal) => requestJson<{ jobs: readonly Job[] }>('jobs', { signal });

export const showJob = (id: string) => requestJson<Job>(`jobs/${id}`);

export const cancelJob = (id: string) => requestJson<Job>(`jobs/${id}/cancel`, { method: 'POST' });

/** A backup of the server as a file that is read by ranges. */
export function remoteFile({ id, name, size }: Pick<ServerBackup, 'id' | 'name' | 'size'>): RemoteFile {
  return { id, url: serverUrl(`api/backups/${id}/download`), headers: authorization(), name, size };
}

/**
 * Sends a file. By XMLHttpRequest, since `fetch` does not tell how much has been sent; the browser reads the file
 * as it goes.
 */
export function uploadBackup(file: Blob, { signal, onProgress }: { signal: AbortSignal; onProgress: (sent: number) => void }): Promise<ServerBackup> {
  const sending = new XMLHttpRequest();
  sending.open('POST', serverUrl('api/backups/upload'));
  const headers = { 'content-type': 'application/octet-stream', ...authorization() };
  for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
  return new Promise((resolve, reject) => {
    sending.upload.onprogress = ({ loaded }) => onProgress(loaded);
    sending.onerror = () => reject(new CallError(unreachable('the connection broke off')));
    sending.onabort = () => reject(new CallError(CANCELLED));
    sending.onload = () => {
      if (sending.status !== 201) return reject(refused(sending.status, sending.responseText, OF_UPLOADS));
      try {
        resolve(JSON.parse(sending.responseText) as ServerBackup);
      } catch (error) {
        reject(new CallError(unreachable(error)));
      }
    };
    signal.addEventListener('abort', () => sending.abort(), { once: true });
    sending.send(file);
  });
}
