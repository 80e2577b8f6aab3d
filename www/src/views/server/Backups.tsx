/** The list: every backup, what can be done with each, and what is going on. */
import { useCallback, useEffect, useState } from 'preact/hooks';

import { announce } from '../../app/announce.ts';
import { useDrop } from '../../app/drop.ts';
import { href } from '../../app/route.ts';
import { forget } from '../../app/standing.ts';
import { useStore } from '../../app/store.ts';
import { useLoaded } from '../../app/useLoaded.ts';
import { backupDirectory, deleteBackup, listBackups, verifyBackup } from '../../server/api.ts';
import { ended, jobs, refreshJobs, watchJob } from '../../server/jobs.ts';
import { failureIn } from '../../worker/client.ts';
import type { ServerBackup } from '../../server/types.ts';
import type { Failure } from '../../worker/protocol.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { bytes, date, plural } from '../../ui/format.ts';
import { BackupRow } from './BackupRow.tsx';
import { CompareBar } from './CompareBar.tsx';
import { entriesOf, listed, matterOf, nameOf, type Entry } from './entries.ts';
import { JobHistory, RunningJobs } from './Jobs.tsx';
import { TransferNote } from './TransferNote.tsx';
import { download, upload } from '../../server/transfers.ts';

/** How many rows are shown at once. */
const AT_ONCE = 50;

export function Backups({ version }: { version: string }) {
  const changes = useStore(ended);
  const known = useStore(jobs);
  const list = useLoaded(`backups ${changes}`, listBackups);
  const [tries, setTries] = useState(0);
  const directory = useLoaded(`directory ${tries}`, backupDirectory);
  const work = useLoaded(`jobs ${changes}`, refreshJobs);
  useFreshness();
  const [failure, setFailure] = useState<Failure>();
  const [doomed, setDoomed] = useState<Entry>();
  const { chosen, choose } = useChoice();
  useDrop(useCallback((files) => void (files[0] && upload(files[0])), []));
  const entries = list.value ? entriesOf(list.value) : undefined;
  if (entries) listed.value = entries;
  const attempt = (act: Promise<unknown>) => void act.then(() => setFailure(undefined), (error) => setFailure(failureIn(error)));
  const verify = (id: string) => attempt(verifyBackup(id).then((job) => void watchJob(job)));
  const remove = (entry: Entry) => {
    const { id } = entry;
    const gone = () => {
      forget(id);
      announce(`${nameOf(entry)} was deleted.`);
      ended.value += 1;
    };
    setDoomed(undefined);
    choose(id, false);
    attempt(deleteBackup(id).then(gone));
  };
  const unlisted = list.failure ?? work.failure;
  const tryAgain = () => {
    setTries(tries + 1);
    ended.value += 1;
  };
  return (
    <>
      <div class="server-head">
        <h1>Backups of this server</h1>
        <p class="actions">
          <a class="as-button primary" href={href('server', { do: 'create' })}>Create a backup…</a>
          <UploadButton />
        </p>
      </div>
      <p class="lead">
        {entries && <>{plural(entries.length, 'backup')}, {bytes(totalSize(entries))}{directory.value && <> in <code>{directory.value.path}</code></>} · </>}
        VecVault {version}
      </p>
      {failure && <FailureNote title="The server did not do that" failure={failure} />}
      {!failure && unlisted && (
        <FailureNote title={list.failure ? 'The backups could not be listed' : 'The jobs could not be listed'} failure={unlisted}>
          <p class="actions"><button type="button" onClick={tryAgain}>Try again</button></p>
        </FailureNote>
      )}
      <TransferNote />
      <RunningJobs entries={entries ?? []} onFailure={setFailure} />
      {entries && entries.length > 0 && <CompareBar entries={entries} chosen={chosen} onForget={(id) => choose(id, false)} />}
      {entries?.length === 0 && <NoBackups />}
      {entries && entries.length > 0 && (
        <Rows entries={entries} chosen={chosen} onChoose={choose} onVerify={verify} onDelete={setDoomed} />
      )}
      <JobHistory jobs={known} entries={entries ?? []} />
      {doomed && <DeleteDialog entry={doomed} onDelete={() => remove(doomed)} onClose={() => setDoomed(undefined)} />}
    </>
  );
}

interface RowsProps {
  readonly entries: readonly Entry[];
  readonly chosen: readonly string[];
  readonly onChoose: (id: string, is: boolean) => void;
  readonly onVerify: (id: string) => void;
  readonly onDelete: (entry: Entry) => void;
}

function Rows({ entries, chosen, onChoose, onVerify, onDelete }: RowsProps) {
  const [shown, setShown] = useState(AT_ONCE);
  const known = useStore(jobs);
  return (
    <section aria-label="Backups, newest first">
      <ul class="backups">
        {entries.slice(0, shown).map((entry) => (
          <li key={entry.id}>
            <BackupRow
              entry={entry}
              jobs={known}
              isChosen={chosen.includes(entry.id)}
              onChoose={(is) => onChoose(entry.id, is)}
              onVerify={() => onVerify(entry.id)}
              onDownload={() => void download(downloadable(entry))}
              onDelete={() => onDelete(entry)}
            />
          </li>
        ))}
      </ul>
      {shown < entries.length && (
        <p class="actions"><button type="button" onClick={() => setShown(shown + AT_ONCE)}>Show more of {plural(entries.length, 'backup')}</button></p>
      )}
    </section>
  );
}

function UploadButton() {
  const choose = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = '';
    if (file) void upload(file);
  };
  return (
    <label class="upload">
      <input class="visually-hidden" type="file" accept=".backup,.json,application/json" onChange={(event) => choose(event.currentTarget)} />
      <span><span class="as-button">Upload a backup…</span></span>
    </label>
  );
}

function NoBackups() {
  return (
    <Empty title="No backups yet">
      <p>
        <a href={href('server', { do: 'create' })}>Create the first one</a>, or drop a <code>.backup</code> file here to upload it.
      </p>
    </Empty>
  );
}

function DeleteDialog({ entry, onDelete, onClose }: { entry: Entry; onDelete: () => void; onClose: () => void }) {
  const [what, about] = entry.kind === 'whole' ? [`“${entry.backup.name}”`, factsOf(entry.backup)] : UNOPENED[matterOf(entry.damaged)];
  return (
    <ConfirmDialog title={`Delete ${what}?`} action="Delete this backup" onConfirm={onDelete} onClose={onClose}>
      <p>{about}{entry.kind === 'damaged' && ` It has ${bytes(entry.damaged.size)}.`}</p>
      <p>The file is removed from the server for good. Collections are not touched.</p>
      <p class="small muted mono">{entry.id}</p>
    </ConfirmDialog>
  );
}

function factsOf({ date: made, collections, size }: ServerBackup): string {
  return `Of ${date(made)}, with ${plural(collections.length, 'collection')}, ${bytes(size)}.`;
}

/** What a backup that does not open is called, and what is said of it. */
const UNOPENED = {
  damaged: ['this damaged backup', 'Some of its collections may still be readable: look at it first.'],
  later: ['this backup of a later version', 'It may be whole: only this version cannot read it.'],
  unread: ['this backup', 'It may be whole: the server was not let to read it.'],
} as const;

/** Others use the server too: who comes back to the tab sees how things stand now. */
function useFreshness() {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') ended.value += 1;
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
}

/** Which backups are to be compared: two, of which the one chosen first makes room. */
function useChoice() {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choose = useCallback((id: string, is: boolean) => {
    setChosen((before) => [...before.filter((each) => each !== id), ...(is ? [id] : [])].slice(-2));
  }, []);
  return { chosen, choose };
}

function totalSize(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.kind === 'whole' ? entry.backup.size : entry.damaged.size), 0);
}

function downloadable(entry: Entry) {
  return entry.kind === 'whole' ? entry.backup : { id: entry.id, name: entry.id, size: entry.damaged.size };
}

