/** One record in full: id, metadata, vector. */
import { useEffect, useRef } from 'preact/hooks';

import { useCall } from '../../app/useCall.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { JsonTree } from '../../ui/JsonTree.tsx';
import { number } from '../../ui/format.ts';
import type { FullRecord, Place } from '../../worker/protocol.ts';
import { VectorView } from './VectorView.tsx';

interface Props {
  readonly place: Place;
  /** The record's number; else it is found by its id. */
  readonly at: number | undefined;
  readonly id: string | undefined;
  readonly count: number;
  readonly select: (at: number | undefined) => void;
}

export function RecordDetail({ place, at, id, count, select }: Props) {
  const byNumber = useCall('record', at === undefined ? undefined : { ...place, position: at - 1 });
  const byId = useCall('find', at !== undefined || id === undefined ? undefined : { ...place, id });
  const { value, failure, isRunning } = at === undefined ? byId : byNumber;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a narrow screen the list has made room: the keyboard goes on here.
    const focused = document.activeElement as HTMLElement | null;
    if (value && (!focused || focused === document.body || focused.offsetParent === null)) heading.current?.focus();
  }, [value]);
  return (
    <section class="record" aria-label="Record" aria-busy={isRunning}>
      <div class="record-bar">
        <button type="button" class="quiet" onClick={() => select(undefined)}>Close record</button>
        {at !== undefined && (
          <span class="record-steps">
            <button type="button" class="quiet" disabled={at <= 1} onClick={() => select(at - 1)} aria-label="Previous record">‹ Previous</button>
            <button type="button" class="quiet" disabled={at >= count} onClick={() => select(at + 1)} aria-label="Next record">Next ›</button>
          </span>
        )}
      </div>
      {failure && <FailureNote title="This record could not be read" failure={failure} />}
      {!value && !failure && !isRunning && id !== undefined && (
        <p role="status">No record of this collection has the id <code>{id}</code>. An id must be given exactly, capitals included.</p>
      )}
      {value && (
        <>
          <h2 ref={heading} tabIndex={-1} class="mono record-id">{value.id}</h2>
          <p class="small muted">{at === undefined ? 'Found by its id' : `Record ${number(at)} of ${number(count)}`}</p>
          <Metadata record={value} />
          <VectorView key={value.id} vector={value.vector} />
        </>
      )}
    </section>
  );
}

function Metadata({ record: { metadataText, extraText } }: { record: FullRecord }) {
  return (
    <>
      <div class="part-head">
        <h3>Metadata</h3>
        {metadataText !== undefined && <CopyButton text={metadataText} name="the metadata as JSON" label="Copy JSON" />}
      </div>
      {metadataText === undefined ? <p class="muted">This record has none.</p> : <JsonTree key={metadataText} text={metadataText} />}
      {extraText !== undefined && (
        <>
          <div class="part-head"><h3>Other members</h3></div>
          <JsonTree key={extraText} text={extraText} />
        </>
      )}
    </>
  );
}
