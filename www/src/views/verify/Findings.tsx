/** What is wrong, finding by finding. */
import { useState } from 'preact/hooks';
import type { Finding } from 'vecvault';

import { number } from '../../ui/format.ts';
import { grouped } from '../../ui/grouped.ts';
import { sentence, withoutPlace } from '../../ui/message.ts';

const AT_ONCE = 50;

/** The element of a finding, by its place in the report. */
export const elementIdOf = (index: number) => `finding-${index}`;

/** `shown` is how many there must be at least: one that was chosen in the strip is among them. */
export function Findings({ findings, shown: least }: { findings: readonly Finding[]; shown: number }) {
  const [asked, setAsked] = useState(AT_ONCE);
  const shown = Math.max(asked, least);
  return (
    <>
      <ol class="findings">
        {findings.slice(0, shown).map((finding, index) => (
          <li key={index} id={elementIdOf(index)} tabIndex={-1}>
            <h3>{placeOf(finding)}</h3>
            <p>{grouped(sentence(withoutPlace(finding)))}</p>
            <p class="small">
              <span class="numeric">{rangeOf(finding)}</span> <span class="muted">· <code>{finding.code}</code></span>
            </p>
          </li>
        ))}
      </ol>
      {shown < findings.length && (
        <button type="button" onClick={() => setAsked(shown + AT_ONCE)}>
          Show {number(Math.min(AT_ONCE, findings.length - shown))} more of {number(findings.length)}
        </button>
      )}
    </>
  );
}

function placeOf({ collection, block }: Finding): string {
  const where = collection === null ? 'The file itself' : `Collection ${collection}`;
  return block === null ? where : `${where}, block ${number(block)}`;
}

function rangeOf({ offset, bytes }: Finding): string {
  return bytes === null || bytes <= 1 ? `Byte ${number(offset)}` : `Bytes ${number(offset)} to ${number(offset + bytes - 1)}`;
}
