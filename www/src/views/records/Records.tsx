/** The records of a collection: page by page, by number, by id, by text; one of them in full. */
import { useEffect, useState } from 'preact/hooks';
import type { CollectionSummary } from 'vecvault';

import { go } from '../../app/route.ts';
import { Empty } from '../../ui/Empty.tsx';
import { number } from '../../ui/format.ts';
import type { BackupViewProps } from '../index.ts';
import { CollectionChoice } from '../../ui/CollectionChoice.tsx';
import { RecordDetail } from './RecordDetail.tsx';
import { RecordList } from './RecordList.tsx';
import { SearchBar } from './SearchBar.tsx';

/** A block's weight, and what a number counts in it: a page of records is at most some blocks. */
const BLOCK = 262_144;
const PER_NUMBER = 12;
const BLOCKS_A_PAGE = 8;
const ROWS = { least: 5, most: 50 };

export default function Records({ backup, query }: BackupViewProps) {
  const collection = backup.collections.find(({ name }) => name === query['collection']) ?? backup.collections[0];
  if (!collection) {
    return (
      <Empty title="This backup holds no collections">
        <p>So there are no records to show.</p>
      </Empty>
    );
  }
  return <Browser key={collection.name} backup={backup} collection={collection} query={query} />;
}

type BrowserProps = Pick<BackupViewProps, 'backup' | 'query'> & { readonly collection: CollectionSummary };

function Browser({ backup, collection, query }: BrowserProps) {
  const { name, count, config } = collection;
  const rows = Math.max(ROWS.least, Math.min(ROWS.most, Math.floor((BLOCKS_A_PAGE * BLOCK) / (PER_NUMBER * config.dimension))));
  // In the address records are numbered from 1, as they are on the page.
  const at = numberIn(query['at'], count);
  const from = (numberIn(query['from'], count) ?? at ?? 1) - 1;
  const offset = from - (from % rows);
  const [filter, setFilter] = useState('');
  useEffect(() => setFilter(''), [offset]);
  const place = { handle: backup.handle, collection: name };
  // The list goes along to the page that the record is on.
  const select = (chosen: number | undefined) => go('records', { collection: name, from: (chosen === undefined ? offset : chosen - 1 - ((chosen - 1) % rows)) + 1, at: chosen });
  const isDetail = at !== undefined || query['id'] !== undefined;
  return (
    <div class={isDetail ? 'records has-record' : 'records'}>
      <div class="records-head">
        <h1>Records</h1>
        <CollectionChoice collections={backup.collections} chosen={name} onChoose={(chosen) => go('records', { collection: chosen })} />
        <p class="muted numeric">{number(count)} in all, dimension {number(config.dimension)}</p>
      </div>
      {count === 0 ? (
        <Empty title="No records">
          <p>This collection was empty when the backup was made.</p>
        </Empty>
      ) : (
        <>
          <SearchBar place={place} count={count} after={at ?? offset} />
          <RecordList place={place} count={count} offset={offset} limit={rows} at={at} filter={filter} onFilter={setFilter} />
          {isDetail && <RecordDetail place={place} at={at} id={query['id']} count={count} select={select} />}
        </>
      )}
    </div>
  );
}

function numberIn(text: string | undefined, most: number): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 1 && value <= most ? value : undefined;
}
