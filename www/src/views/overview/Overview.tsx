/** The head of a backup: what it is, who wrote it, what it holds. */
import { useState } from 'preact/hooks';
import type { CollectionSummary } from 'vecvault';

import { href } from '../../app/route.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Hash } from '../../ui/Hash.tsx';
import { bytes, date, number, plural } from '../../ui/format.ts';
import { VIEWS, type BackupViewProps } from '../index.ts';

/** How many collections are shown at once: a backup may have ten thousand. */
const AT_ONCE = 100;

export default function Overview({ backup }: BackupViewProps) {
  const { info, provenance, collections, missing } = backup;
  const records = collections.reduce((sum, { count }) => sum + count, 0);
  const isIndexed = provenance.kind === 'indexed';
  return (
    <>
      <h1>{info.name}</h1>
      <p class="lead">
        <time dateTime={info.date}>{date(info.date)}</time> · {plural(collections.length, 'collection')} · {plural(records, 'record')}
      </p>
      {!isIndexed && <ForeignNote />}
      {missing.length > 0 && <MissingNote names={missing} />}
      <section aria-labelledby="collections">
        <h2 id="collections">Collections</h2>
        {collections.length === 0 ? <Empty title="This backup holds no collections" /> : <Collections all={collections} proven={isIndexed} />}
      </section>
      <section aria-labelledby="about">
        <h2 id="about">About the file</h2>
        <Facts
          entries={[
            ['Id', <Hash text={info.id} name="the backup's id" />],
            ['Date', <code>{info.date}</code>],
            ['Size', <>{bytes(info.size)} <span class="muted">({number(info.size)} bytes)</span></>],
            ['Written by', isIndexed ? `${provenance.creator}, format ${provenance.format}` : 'another program'],
            ['Root hash', isIndexed ? <Hash text={provenance.root} name="the root hash" /> : undefined],
          ]}
        />
      </section>
    </>
  );
}

function ForeignNote() {
  return (
    <section class="note warn">
      <h2>Another program wrote this file</h2>
      <p>
        It can be read and restored, but it carries no hashes: nobody can prove that it is what was written. Counts and
        fingerprints below were taken now, from what the file holds.
      </p>
    </section>
  );
}

function MissingNote({ names }: { names: readonly string[] }) {
  return (
    <section class="note bad">
      <h2>{names.length === 1 ? 'A collection is missing' : `${number(names.length)} collections are missing`}</h2>
      <p>
        The file lists {names.slice(0, 10).map((name, at) => <>{at > 0 && ', '}<code>{name}</code></>)}
        {names.length > 10 && ' and others'}, and does not hold {names.length === 1 ? 'it' : 'them'}. Restore the others by name, and look for an older backup.
      </p>
    </section>
  );
}

function Collections({ all, proven }: { all: readonly CollectionSummary[]; proven: boolean }) {
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <>
      <ul class="collections">
        {all.slice(0, shown).map((collection) => (
          <li key={collection.name}>
            <Collection collection={collection} proven={proven} />
          </li>
        ))}
      </ul>
      {shown < all.length && (
        <button type="button" onClick={() => setShown(shown + AT_ONCE)}>
          Show {number(Math.min(AT_ONCE, all.length - shown))} more of {number(all.length)}
        </button>
      )}
    </>
  );
}

function Collection({ collection, proven }: { collection: CollectionSummary; proven: boolean }) {
  const { name, config, configText, count, fingerprint, ordered } = collection;
  const canBrowse = VIEWS.some((view) => view.name === 'records');
  return (
    <article class="collection" aria-label={name}>
      <h3>{canBrowse ? <a href={href('records', { collection: name })}>{name}</a> : name}</h3>
      <Facts
        entries={[
          ['Records', <span class="numeric">{number(count)}</span>],
          ['Dimension', <span class="numeric">{number(config.dimension)}</span>],
          ['Metric', config.metric],
          ['Size', <span class="numeric">{bytes(collection.bytes)}</span>],
        ]}
      />
      <details>
        <summary>Config and fingerprint {!ordered && <Badge tone="plain" title="The records do not ascend by their ids: finding one by id reads more of the file.">unordered</Badge>}</summary>
        <Facts
          entries={[
            ['Config', <pre class="config">{configText}</pre>],
            [proven ? 'Fingerprint' : 'Fingerprint (taken now)', <Hash text={fingerprint} name={`the fingerprint of ${name}`} />],
            ['Order', ordered ? 'ascending by id' : 'the order of its source'],
          ]}
        />
      </details>
    </article>
  );
}
