/** An open page outlives what its person may: which answers say that the place itself is theirs no more, rather than one thing in it. */
import type { Me } from '@signalbox/proto/api';
import { readError } from './errors.ts';

export type LostPlace = { readonly title: string; readonly message: string };
type Here = Pick<Me, 'workspace' | 'organization'>;

/** Null: the error is about something else. `here` is what was told when the page was loaded. */
export function lostPlaceOf(error: unknown, here: Here): LostPlace | null {
  const { code, message, details } = readError(error);
  const place = [here.workspace, here.organization].find((each) => each && each.id === details?.['id']);
  if (!place) return null;
  if (code === 'NOT_FOUND')
    return {
      title: `${place.name} is not open to you any more`,
      message: 'It was deleted, or you were taken out of it while this page was open. If that is a mistake, ask one of its owners.',
    };
  if (code === 'FORBIDDEN') return { title: `${place.name} is not open to you from here`, message };
  // One that was deleted before is shown as such, with what can be done about it.
  if (code === 'PRECONDITION_FAILED' && !place.purgeAt) return { title: `${place.name} was deleted`, message };
  return null;
}
