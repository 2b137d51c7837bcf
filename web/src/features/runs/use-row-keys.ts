import { type RefObject, useEffect, useRef } from 'react';
import { isTyping } from '../../lib/keys.ts';

/**
 * `j` and `k` move the focus along rows marked `data-row="<index>"`. Enter is the row link's own. A row that is not drawn yet is scrolled to first, and focused once it exists.
 */
export function useRowKeys(count: number, container: RefObject<HTMLElement | null>, scrollTo: (index: number) => void): void {
  const latest = useRef({ count, scrollTo });
  useEffect(() => {
    latest.current = { count, scrollTo };
  });
  useEffect(() => {
    const focus = (index: number, framesLeft: number) => {
      const row = container.current?.querySelector<HTMLElement>(`[data-row="${index}"]`);
      if (row) row.focus({ preventScroll: true });
      else if (framesLeft > 0) requestAnimationFrame(() => focus(index, framesLeft - 1));
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key !== 'j' && event.key !== 'k') return;
      const current = Number((document.activeElement as HTMLElement | null)?.dataset['row'] ?? -1);
      const next = event.key === 'j' ? Math.min(current + 1, latest.current.count - 1) : Math.max(current - 1, 0);
      latest.current.scrollTo(next);
      focus(next, 10);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [container]);
}
