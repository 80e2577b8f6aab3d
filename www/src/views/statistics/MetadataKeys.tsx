/** Which keys the metadata have, in how many records, with values of which type. */
import { useState } from 'preact/hooks';
import type { Statistics } from 'vecvault';

import { number, plural, share } from '../../ui/format.ts';

const AT_ONCE = 50;

export function MetadataKeys({ count, metadata }: { count: number; metadata: Statistics['metadata'] }) {
  const [shown, setShown] = useState(AT_ONCE);
  const { absent, notObjects, keys, other } = metadata;
  return (
    <>
      <p>
        {absent === count ? 'No record has metadata.' : absent === 0 ? 'Every record has metadata.' : `${plural(absent, 'record')} of ${number(count)} ${absent === 1 ? 'has' : 'have'} none.`}
        {notObjects > 0 && ` The metadata of ${plural(notObjects, 'record')} are no object.`}
        {other > 0 && ` Keys beyond the first thousand, or very long ones, were met ${number(other)} times.`}
      </p>
      {keys.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Keys of the metadata">
          <table>
            <thead>
              <tr><th scope="col">Key</th><th scope="col">Records</th><th scope="col">Types</th></tr>
            </thead>
            <tbody>
              {keys.slice(0, shown).map((key) => (
                <tr key={key.key}>
                  <th scope="row" class="mono">{key.key}</th>
                  <td class="numeric">
                    <meter min={0} max={count} value={key.count} aria-hidden="true" /> {number(key.count)} <span class="muted">{share(key.count / count)}</span>
                  </td>
                  <td>{typesOf(key.types, key.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown < keys.length && (
        <button type="button" onClick={() => setShown(shown + AT_ONCE)}>Show {number(Math.min(AT_ONCE, keys.length - shown))} more of {number(keys.length)} keys</button>
      )}
    </>
  );
}

/** `string`, or `string 98 %, null 2 %`: the commonest first. */
function typesOf(types: Readonly<Record<string, number>>, count: number): string {
  const met = Object.entries(types).filter(([, times]) => times > 0).sort(([, a], [, b]) => b - a);
  return met.map(([name, times]) => (met.length === 1 ? name : `${name} ${share(times / count)}`)).join(', ');
}
