// A table is drawn in blocks of rows. In a long one those far from the window are one empty row
// each, as high as they were, so that 10,000 rows cost what a few hundred do. Printed it is whole.
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

/** A table of more rows is not drawn as a whole. */
export const LONG_ROWS = 200;
/** Few, so that a frame in which a block comes and another goes is not late. */
const BLOCK_ROWS = 20;
const ROW_PX = 33;
const NEAR_PX = 1500;

export function Blocks<Row>(props: {
  rows: Row[];
  columnCount: number;
  line: (row: Row, index: number) => ReactNode;
}) {
  const isWhole = useIsPrinted() || props.rows.length <= LONG_ROWS;
  const starts = Array.from(
    { length: Math.ceil(props.rows.length / BLOCK_ROWS) },
    (_, block) => block * BLOCK_ROWS,
  );
  return starts.map((start) => (
    <Block
      key={start}
      count={Math.min(BLOCK_ROWS, props.rows.length - start)}
      columnCount={props.columnCount}
      isDrawn={isWhole || start === 0}
    >
      {() =>
        props.rows.slice(start, start + BLOCK_ROWS).map((row, n) => props.line(row, start + n))
      }
    </Block>
  ));
}

function Block(props: {
  count: number;
  columnCount: number;
  isDrawn: boolean;
  children: () => ReactNode;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useRef<number | null>(null);
  const isNear = useIsNear(body, height);
  if (props.isDrawn || isNear) return <tbody ref={body}>{props.children()}</tbody>;
  return (
    <tbody ref={body} data-far="">
      <tr>
        <td
          colSpan={props.columnCount}
          style={{ height: height.current ?? props.count * ROW_PX, padding: 0, border: 0 }}
        />
      </tr>
    </tbody>
  );
}

/** Whether a block is in the window or close to it; one with the focus stays. */
function useIsNear(
  body: RefObject<HTMLTableSectionElement | null>,
  height: RefObject<number | null>,
): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    return watched(element, (isIntersecting, heightPx) => {
      if (!isIntersecting && !('far' in element.dataset)) {
        if (element.contains(document.activeElement)) return;
        height.current = heightPx;
        keepWidths(element);
      }
      setNear(isIntersecting);
    });
  }, [body, height]);
  return isNear;
}

type Tell = (isNear: boolean, heightPx: number) => void;

const tells = new Map<Element, Tell>();
let observer: IntersectionObserver | null = null;

/** One observer watches the blocks of all tables, so that those of one frame change together. */
function watched(element: Element, tell: Tell): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      const latest = new Map(entries.map((entry) => [entry.target, entry]));
      for (const [target, { isIntersecting, boundingClientRect }] of latest)
        tells.get(target)?.(isIntersecting, boundingClientRect.height);
    },
    { rootMargin: `${NEAR_PX}px 0px` },
  );
  const here = observer;
  tells.set(element, tell);
  here.observe(element);
  return () => {
    here.unobserve(element);
    tells.delete(element);
  };
}

/** Draws a block at once, for a row of it that is to have the focus. */
export function drawBlock(body: Element): void {
  if (body instanceof HTMLElement && 'far' in body.dataset)
    flushSync(() => tells.get(body)?.(true, 0));
}

/** The columns stay as wide as they were with the rows that go. */
function keepWidths(body: HTMLTableSectionElement): void {
  const heads = [...(body.closest('table')?.querySelectorAll<HTMLElement>('thead th') ?? [])];
  const widths = heads.map((head) => `${Math.floor(head.offsetWidth)}px`);
  heads.forEach((head, n) => {
    const width = widths[n] ?? '';
    if (head.style.minWidth !== width) head.style.minWidth = width;
  });
}

function useIsPrinted(): boolean {
  const [isPrinted, setPrinted] = useState(false);
  useEffect(() => {
    const before = () => flushSync(() => setPrinted(true));
    const after = () => setPrinted(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinted;
}
