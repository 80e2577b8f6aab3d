/** A record as A and as B have it: its metadata key by key, and where the vectors differ. */
import { useEffect, useRef } from 'preact/hooks';

import { useCall } from '../../app/useCall.ts';
import type { FullRecord, Handle } from '../../worker/protocol.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { float32, number } from '../../ui/format.ts';
import { membersOf, vectorDifference } from './versions.ts';

/** How many numbers that differ are named. */
const NUMBERS = 8;

interface Props {
  readonly id: string;
  readonly collection: string;
  readonly a: Handle;
  readonly b: Handle;
  readonly onClose: () => void;
}

export function Versions({ id, collection, a, b, onClose }: Props) {
  const [inA, inB] = [useCall('find', { handle: a, collection, id }), useCall('find', { handle: b, collection, id })];
  const heading = useRef<HTMLHeadingElement>(null);
  const isThere = !inA.isRunning && !inB.isRunning;
  useEffect(() => {
    if (isThere) heading.current?.focus();
  }, [isThere]);
  const failure = inA.failure ?? inB.failure;
  return (
    <div class="versions" aria-busy={!isThere}>
      <div class="versions-head">
        <h4 ref={heading} tabIndex={-1} class="mono">{id}</h4>
        <button type="button" class="quiet small" onClick={onClose}>Close</button>
      </div>
      {failure && <FailureNote title="This record could not be read" failure={failure} />}
      {isThere && !failure && <Both a={inA.value} b={inB.value} />}
    </div>
  );
}

function Both({ a, b }: { a: FullRecord | undefined; b: FullRecord | undefined }) {
  const rows = membersOf(a, b);
  return (
    <>
      {(!a || !b) && <p class="small">This record is {a ? 'in A alone' : b ? 'in B alone' : 'in neither'}.</p>}
      <div class="table-frame">
        <table class="members">
          <thead>
            <tr><th scope="col">Metadata</th>{a && <th scope="col">A</th>}{b && <th scope="col">B</th>}</tr>
          </thead>
          <tbody>
            {rows.map(({ key, a: ofA, b: ofB }) => {
              const differs = a !== undefined && b !== undefined && ofA !== ofB;
              return (
                <tr key={key} class={differs ? 'differs' : undefined}>
                  <th scope="row">{key} {differs && <span class="visually-hidden">differs</span>}</th>
                  {a && <td><Value text={ofA} /></td>}
                  {b && <td><Value text={ofB} /></td>}
                </tr>
              );
            })}
            {rows.length === 0 && <tr><td class="muted">None</td></tr>}
          </tbody>
        </table>
      </div>
      {a && b && <Vectors a={a.vector} b={b.vector} />}
    </>
  );
}

function Value({ text }: { text: string | undefined }) {
  return text === undefined ? <span class="muted">absent</span> : <code>{text.length > 400 ? `${text.slice(0, 400)}…` : text}</code>;
}

function Vectors({ a, b }: { a: Float32Array; b: Float32Array }) {
  const { positions, most } = vectorDifference(a, b);
  if (a.length !== b.length) return <p class="small">The vectors have {number(a.length)} and {number(b.length)} dimensions.</p>;
  if (positions.length === 0) return <p class="small">The vectors are the same, to the bit.</p>;
  return (
    <p class="small">
      {number(positions.length)} of {number(a.length)} numbers of the vector differ, by {float32(Math.fround(most))} at most:{' '}
      {positions.slice(0, NUMBERS).map((at, index) => <>{index > 0 && '; '}dimension {number(at)}: <code>{float32(a[at] ?? 0)}</code> → <code>{float32(b[at] ?? 0)}</code></>)}
      {positions.length > NUMBERS && ' …'}
    </p>
  );
}
