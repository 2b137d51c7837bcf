/** An event of one's own, which names what led to it; its id is that of the delivery. */
import { newEventSchema } from '@signalbox/proto/api';
import { sqlOfTx } from '../../../platform/sql.ts';
import { appendEvents, foreignName } from '../../events/index.ts';
import { type ActionOf, GivenUp, type InsideKind, NothingToDo } from './action-kind.ts';

export const emitEventKind: InsideKind<ActionOf<'emit-event'>> = {
  scope: 'events:emit',
  audit: 'event.emit',
  async inside(ctx, { name, resource = undefined, payload }, { deliveryUuid, event, automation }) {
    const about = resource ?? event?.resource;
    if (!about) throw new NothingToDo('There is no event to tell what it is about: give the action a resource.');
    const related = [{ role: 'automation', id: automation.id, name: automation.name }, ...(event?.related ?? []).slice(0, 40)];
    const { data: made, error } = newEventSchema.safeParse({
      name,
      resource: about,
      related,
      payload,
      id: deliveryUuid,
      // What a figure or a deadline fires on is told like an event, and is none.
      ...(event && event.id !== '' ? { follows: event.id } : {}),
    });
    if (error) throw new GivenUp(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    await appendEvents(sqlOfTx(ctx.tx), [{ ...made, name: foreignName(made.name), id: deliveryUuid, workspaceId: ctx.workspace.id }]);
    return {
      outcome: { message: `Emitted ${name}`, target: { kind: 'event', id: deliveryUuid } },
      facts: { target: { kind: 'event', id: deliveryUuid }, before: null, after: { names: [name] } },
    };
  },
};
