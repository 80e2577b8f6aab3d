/** The points on a canvas. Pointer or arrow keys go from point to point; each says which record it is. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useStore } from '../../app/store.ts';
import { theme } from '../../app/theme.ts';
import { number } from '../../ui/format.ts';
import type { Picture, PictureField } from '../../worker/protocol.ts';
import { drawMap } from './draw.ts';
import { readable, type Colouring } from './groups.ts';
import { nearest, placed, towards, type Box, type Direction } from './points.ts';

/** In pixels of the page. */
const MARGIN = 14;
const REACH = 14;
/** How many characters of a value are said. */
const SAID = 80;

interface Props {
  readonly picture: Picture;
  readonly field: PictureField | undefined;
  readonly colouring: Colouring;
  /** The group that is looked at alone. */
  readonly only: number | undefined;
  readonly onOpen: (point: number) => void;
}

export function MapPlot({ picture, field, colouring, only, onOpen }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useBox(canvas);
  const places = useMemo(() => placed(picture.points, box, MARGIN), [picture, box]);
  const [at, setAt] = useState<number>();
  /** What was named before the pointer came down. */
  const before = useRef<number | undefined>(undefined);
  const scheme = useScheme();
  useLayoutEffect(() => {
    if (canvas.current) drawMap(canvas.current, box, { places, colouring, only, at });
  }, [box, places, colouring, only, at, scheme]);

  const pointAt = (event: PointerEvent | MouseEvent) => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    return nearest(places, event.clientX - left, event.clientY - top, REACH);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const directions: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
    const direction = directions[event.key];
    if (direction) setAt(at === undefined ? 0 : (towards(places, at, direction) ?? at));
    else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(picture.ids.length - 1);
    else if (event.key === 'Enter' && at !== undefined) onOpen(at);
    else if (event.key === 'Escape') setAt(undefined);
    else return;
    event.preventDefault();
  };
  const said = at === undefined ? undefined : sayPoint(picture, field, at);
  return (
    <div class="map-plot">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-roledescription="map of records"
        aria-label={`${number(picture.ids.length)} records. Arrow keys go from point to point, Enter opens the record.`}
        onKeyDown={onKeyDown}
        onFocus={() => at === undefined && setAt(0)}
        onPointerMove={(event) => setAt(pointAt(event))}
        onPointerLeave={() => document.activeElement !== canvas.current && setAt(undefined)}
        onPointerDown={() => void (before.current = at)}
        onClick={(event) => {
          const point = pointAt(event);
          // A finger does not hover: its first touch names a point, the second opens it.
          const isNamed = !('pointerType' in event && event.pointerType === 'touch') || point === before.current;
          if (point !== undefined && isNamed) onOpen(point);
          else setAt(point);
        }}
      />
      <p class="map-said" role="status">
        {said ? (
          <>
            <span class="mono">{said.id}</span>{said.value !== undefined && <> · {field?.key}: {said.value}</>} <span class="muted numeric">· record {number(said.position + 1)}</span>
          </>
        ) : (
          <span class="muted">Point at a record, or use the arrow keys. A click or Enter opens it.</span>
        )}
      </p>
    </div>
  );
}

function sayPoint(picture: Picture, field: PictureField | undefined, at: number) {
  const value = field?.values[at];
  const text = field && (value === undefined ? 'none' : readable(value));
  return { id: picture.ids[at], position: picture.positions[at] ?? 0, value: text && text.length > SAID ? `${text.slice(0, SAID)}…` : text };
}

/** How large an element is. */
function useBox(element: { current: HTMLElement | null }): Box {
  const [box, setBox] = useState<Box>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!element.current) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setBox({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return box;
}

/** Another value whenever the page's colours become others. */
function useScheme(): string {
  const chosen = useStore(theme);
  const [system, setSystem] = useState(false);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const tell = () => setSystem(query.matches);
    tell();
    query.addEventListener('change', tell);
    return () => query.removeEventListener('change', tell);
  }, []);
  return `${chosen} ${system}`;
}
