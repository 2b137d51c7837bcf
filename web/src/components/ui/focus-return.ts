import { useRef } from 'react';

/** Of a dialog that has no trigger of its own: where the focus was when it opened, to which it goes back when it closes. */
export function useFocusReturn() {
  const before = useRef<Element | null>(null);
  return {
    remember: () => {
      const active = document.activeElement;
      // An item of a menu goes with its menu: what opened that stays.
      const opener = active?.closest('[role=menu]')?.getAttribute('aria-labelledby');
      before.current = opener ? document.getElementById(opener) : active;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (before.current instanceof HTMLElement) before.current.focus();
    },
  };
}
