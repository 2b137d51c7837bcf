import { type RefObject, useEffect, useRef, useState } from 'react';
import { panWindow, type TimeWindow, zoomWindow } from './window.ts';

/**
 * What the timeline shows: everything (and it grows with the run), or a stretch somebody zoomed to.
 * Ctrl + wheel zooms about the pointer; a sideways wheel moves.
 */
export function useTimeWindow(all: TimeWindow, area: RefObject<HTMLElement | null>, track: RefObject<HTMLElement | null>) {
  const [chosen, setChosen] = useState<TimeWindow | null>(null);
  const shown = chosen ?? all;
  const latest = useRef({ shown, all });
  useEffect(() => {
    latest.current = { shown, all };
  });
  const zoom = (factor: number, anchor = 0.5) => {
    const { shown: from, all: limit } = latest.current;
    const next = zoomWindow(from, factor, anchor, limit);
    setChosen(next.toMs - next.fromMs >= limit.toMs - limit.fromMs ? null : next);
  };
  useEffect(() => {
    const target = area.current;
    const element = track.current;
    if (!target || !element) return;
    // React listens passively to wheels, which cannot keep the page from zooming.
    const onWheel = (event: WheelEvent) => {
      const { shown: from, all: limit } = latest.current;
      if (event.ctrlKey || event.metaKey) {
        const box = element.getBoundingClientRect();
        const next = zoomWindow(from, event.deltaY < 0 ? 1.25 : 0.8, (event.clientX - box.left) / box.width, limit);
        setChosen(next.toMs - next.fromMs >= limit.toMs - limit.fromMs ? null : next);
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && from !== limit) {
        setChosen(panWindow(from, event.deltaX / 1_000, limit));
      } else return;
      event.preventDefault();
    };
    target.addEventListener('wheel', onWheel, { passive: false });
    return () => target.removeEventListener('wheel', onWheel);
  }, [area, track]);
  return { shown, isFit: chosen === null, zoom, fit: () => setChosen(null) };
}
