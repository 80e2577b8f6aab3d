/** The backups of the server that serves this page: list, create, restore, verify, fetch, send, delete. */
import { href } from '../../app/route.ts';
import { useStore } from '../../app/store.ts';
import { Empty } from '../../ui/Empty.tsx';
import { server, wantsToken } from '../../server/session.ts';
import type { PageViewProps } from '../index.ts';
import { Backups } from './Backups.tsx';
import { CreateBackup } from './CreateBackup.tsx';
import { Reopen } from './Reopen.tsx';
import { RestoreBackup } from './RestoreBackup.tsx';
import { SignIn } from '../../server/SignIn.tsx';

export default function Server({ query }: PageViewProps) {
  const there = useStore(server);
  const needsToken = useStore(wantsToken);
  if (there === undefined) return <p class="muted" role="status">Looking for the server…</p>;
  if (there === null) return <NoServer />;
  if (needsToken) return <SignIn />;
  if (query['open']) return <Reopen key={query['open']} id={query['open']} />;
  const restored = query['restore'];
  if (restored) return <RestoreBackup key={restored} id={restored} wanted={namesIn(query['collections'])} />;
  if (query['do'] === 'create') return <CreateBackup />;
  return <Backups version={there.version} />;
}

function NoServer() {
  return (
    <Empty title="There is no server behind this page">
      <p>
        This page comes from a plain web host. Start <code>vecvault serve</code> and open its address, and the server's
        backups are here. <a href={href('')}>Opening a backup</a> works without one.
      </p>
    </Empty>
  );
}

/** Names of collections in an address. */
function namesIn(text: string | undefined): readonly string[] | undefined {
  try {
    const names: unknown = text === undefined ? undefined : JSON.parse(text);
    return Array.isArray(names) ? names.map(String) : undefined;
  } catch {
    return undefined;
  }
}
