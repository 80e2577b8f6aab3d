/** A JSON text as a tree that opens where it is asked to. Numbers are shown as they were written. */
import { useMemo, useState } from 'preact/hooks';

import { number } from './format.ts';
import { jsonChildren, jsonRoot, jsonString, type JsonChild, type JsonSpan } from '../json.ts';

/** How many children are shown at once. */
const AT_ONCE = 100;
/** How many characters of a string are shown at once. */
const CHARACTERS = 1_000;

export function JsonTree({ text }: { text: string }) {
  const root = useMemo(() => jsonRoot(text), [text]);
  if (root.kind !== 'object' && root.kind !== 'array') return <div class="tree"><Leaf text={text} span={root} /></div>;
  return <div class="tree"><Children text={text} span={root} /></div>;
}

function Children({ text, span }: { text: string; span: JsonSpan }) {
  const first = useMemo(() => jsonChildren(text, span, AT_ONCE), [text, span]);
  const [more, setMore] = useState<JsonChild[]>([]);
  const [next, setNext] = useState(first.next);
  const all = [...first.children, ...more];
  if (all.length === 0) return <span class="muted">{span.kind === 'object' ? 'empty object' : 'empty array'}</span>;
  const show = () => {
    const found = jsonChildren(text, span, AT_ONCE, next, all.length);
    setMore([...more, ...found.children]);
    setNext(found.next);
  };
  return (
    <ul>
      {all.map((child) => <li key={child.start}><Child text={text} child={child} /></li>)}
      {next !== undefined && <li><button type="button" class="quiet small" onClick={show}>Show {AT_ONCE} more</button></li>}
    </ul>
  );
}

function Child({ text, child }: { text: string; child: JsonChild }) {
  const [isOpen, setIsOpen] = useState(false);
  const key = <span class="tree-key">{child.key}</span>;
  if (child.kind !== 'object' && child.kind !== 'array') return <div class="tree-leaf">{key} <Leaf text={text} span={child} /></div>;
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{key} <span class="muted">{child.kind === 'object' ? '{…}' : '[…]'}</span></summary>
      {isOpen && <Children text={text} span={child} />}
    </details>
  );
}

function Leaf({ text, span }: { text: string; span: JsonSpan }) {
  const [all, setAll] = useState(false);
  if (span.kind !== 'string') return <code class={`tree-${span.kind}`}>{text.slice(span.start, span.end)}</code>;
  const whole = useMemo(() => jsonString(text, span), [text, span]);
  if (whole === '') return <span class="muted">empty text</span>;
  if (all || whole.length <= CHARACTERS) return <span class="tree-string">{whole}</span>;
  return (
    <span class="tree-string">
      {whole.slice(0, CHARACTERS)}…{' '}
      <button type="button" class="quiet small" onClick={() => setAll(true)}>Show all {number(whole.length)} characters</button>
    </span>
  );
}
