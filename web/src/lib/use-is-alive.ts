import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** Whether the page handles events by now: false on the server and until the browser has taken over what it made. */
export function useIsAlive(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
