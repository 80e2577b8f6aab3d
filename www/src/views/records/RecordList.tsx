/** A page of records in brief, and the ways to the other pages. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import { href } from '../../app/route.ts';
import { useCall } from '../../app/useCall.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { number } from '../../ui/format.ts';
import type { Place, RecordRow } from '../../worker/protocol.ts';

interface Props {
  readonly place: Place;
  readonly count: number;
  readonly offset: number;
  readonly limit: number;
  /** The number of the record that is shown in full. */
  readonly at: number | undefined;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
}

export function RecordList({ place, count, offset, limit, at, filter, onFilter }: Props) {
  const { value, failure, isRunning } = useCall('page', { ...place, offset, limit, filter });
  const id = useId();
  return (
    <section class="record-list" aria-label="Records of this page" aria-busy={isRunning}>
      <div class="record-list-head">
        <div class="filter">
          <label for={id} class="visually-hidden">Filter this page</label>
          <input id={id} type="search" placeholder="Filter this page" spellcheck={false} autocomplete="off" value={filter} onInput={(event) => onFilter(event.currentTarget.value)} />
        </div>
        <p class="small muted" aria-live="polite">{filter && value && !isRunning ? `${value.rows.length} of ${value.length} on this page` : ''}</p>
      </div>
      {failure && (
        <FailureNote title="These records could not be read" failure={failure}>
          {failure.offset !== undefined && <p>Other pages can still be read. <a href={href('verify')}>Verify the file</a> to see all of the damage.</p>}
        </FailureNote>
      )}
      {value && <Rows rows={value.rows} at={at} hrefOf={(position) => href('records', { collection: place.collection, from: offset + 1, at: position + 1 })} />}
      <Pager place={place} count={count} offset={offset} limit={limit} />
    </section>
  );
}

function Rows({ rows, at, hrefOf }: { rows: readonly RecordRow[]; at: number | undefined; hrefOf: (position: number) => string }) {
  if (rows.length === 0) return <p class="nothing muted">No record of this page has that text in its id or metadata.</p>;
  return (
    <ol class="rows" onKeyDown={moveFocus}>
      {rows.map(({ position, id, excerpt }) => (
        <li key={position}>
          <a href={hrefOf(position)} aria-current={position + 1 === at ? 'true' : undefined}>
            <span class="row-number numeric muted">{number(position + 1)}</span>
            <span class="row-id mono">{id}</span>
            <span class="row-metadata mono">{excerpt ?? <span class="muted">no metadata</span>}</span>
          </a>
        </li>
      ))}
    </ol>
  );
}

/** Arrows go from record to record. */
function moveFocus(event: KeyboardEvent): void {
  const links = [...(event.currentTarget as Element).querySelectorAll('a')];
  const here = links.indexOf(document.activeElement as HTMLAnchorElement);
  const targets: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 };
  const target = targets[event.key];
  if (here < 0 || target === undefined || !links[target]) return;
  event.preventDefault();
  links[target].focus();
}

function Pager({ place, count, offset, limit }: Pick<Props, 'place' | 'count' | 'offset' | 'limit'>) {
  const last = Math.floor((count - 1) / limit) * limit;
  const link = (label: ComponentChildren, name: string, target: number, isOn: boolean) =>
    isOn ? (
      <a key={name} class="as-button" href={href('records', { collection: place.collection, from: target + 1 })} aria-label={name}>{label}</a>
    ) : (
      <span key={name} class="as-button off" aria-hidden="true">{label}</span>
    );
  return (
    <nav class="pager" aria-label="Pages">
      {link('«', 'First page', 0, offset > 0)}
      {link(<>‹<span class="word"> Previous</span></>, 'Previous page', offset - limit, offset > 0)}
      <span class="numeric muted">{number(offset + 1)}–{number(Math.min(count, offset + limit))} of {number(count)}</span>
      {link(<><span class="word">Next </span>›</>, 'Next page', offset + limit, offset < last)}
      {link('»', 'Last page', last, offset < last)}
    </nav>
  );
}
