/** The backup that the address of a view names: opened again after a reload, by a link, by the back button. */
import { useEffect } from 'preact/hooks';

import { href } from '../../app/route.ts';
import { openSubject } from '../../app/subject.ts';
import { useLoaded } from '../../app/useLoaded.ts';
import { listBackups, remoteFile } from '../../server/api.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';

export function Reopen({ id }: { id: string }) {
  const { value, failure } = useLoaded(`backups for ${id}`, listBackups);
  const damaged = value?.damaged?.find((each) => each.id === id);
  const found = value?.backups.find((each) => each.id === id) ?? (damaged && { ...damaged, name: id });
  useEffect(() => {
    if (found) void openSubject(remoteFile(found), { stay: true });
  }, [found]);
  if (found || (!value && !failure)) return <p class="muted" role="status">Looking for the backup…</p>;
  return (
    <>
      <h1>A backup of this server</h1>
      <FailureNote title="The backup of this address does not open" failure={failure ?? { code: 'backup_not_found', message: `the server has no backup ${id}` }}>
        <p><a href={href('server')}>Backups of this server</a></p>
      </FailureNote>
    </>
  );
}
