// Whether a table needs to scroll sideways.
import { useEffect, useRef, useState } from 'react';

/** Whether the content is wider than its frame: then it scrolls, and its head cannot stick. */
export function useIsWide<Frame extends HTMLElement>() {
  const ref = useRef<Frame>(null);
  const [isWide, setWide] = useState(false);
  useEffect(() => {
    const frame = ref.current;
    const table = frame?.firstElementChild;
    if (!frame || !table) return undefined;
    const look = () => setWide(frame.scrollWidth > frame.clientWidth + 1);
    const observer = new ResizeObserver(look);
    observer.observe(frame);
    observer.observe(table);
    return () => observer.disconnect();
  }, []);
  return { ref, isWide };
}
