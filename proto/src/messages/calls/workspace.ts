/** What a running flow reads of its workspace, and tells it: variables, blocks, custom events. */
import { z } from 'zod';
import { envelopeSchema } from '../../envelope.ts';
import { instantSchema } from '../../time.ts';

export const VARIABLE_NAME_MAX = 255;
/** Bytes of JSON. */
export const VARIABLE_MAX_BYTES = 64 * 1024;
export const variableNameSchema = z
  .string()
  .max(VARIABLE_NAME_MAX)
  .regex(/^[a-z0-9]+([_-][a-z0-9]+)*$/, 'expected lower-case letters and digits, with single _ or - between them');

/** The value of a variable as it is now; null: there is none. */
export const getVariableOpSchema = z.object({ name: z.literal('variables.get'), variable: variableNameSchema });
export const getVariableReplySchema = z.object({ value: envelopeSchema.nullable() });
export type GetVariableReply = z.infer<typeof getVariableReplySchema>;

/** Bytes of JSON. */
export const EVENT_PAYLOAD_MAX_BYTES = 64 * 1024;
/** Prefixes of events that we make: nobody else may. */
export const RESERVED_EVENT_NAMES =
  /^(run|task-run|command|artifact|asset|approval|automation|agent|work-pool|limit|schedule|notification|incident|failure-group|sla|webhook)\./;
export const OPEN_EVENT_NAME =
  'expected a name that does not begin with run., task-run., command., artifact., asset., approval., automation., agent., work-pool., limit., schedule., notification., incident., failure-group., sla. or webhook., which are ours';
export const customEventNameSchema = z
  .string()
  .max(200)
  .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'expected lower-case words with single . _ or - between them, such as order.paid')
  .refine((name) => !RESERVED_EVENT_NAMES.test(name), OPEN_EVENT_NAME);

/** A custom event of the run; a repeat of one `requestId` is one event. */
export const emitEventOpSchema = z.object({
  name: z.literal('events.emit'),
  requestId: z.uuid(),
  event: customEventNameSchema,
  /** What it is about: `order/4711`. Null: the run. */
  resource: z.string().min(1).max(500).nullable(),
  payload: z.record(z.string(), z.unknown()),
  /** By the clock of the flow; one that is over a minute ahead of ours gives way to ours. */
  occurredAt: instantSchema,
});
export type EmitEventOp = z.infer<typeof emitEventOpSchema>;
export const emitEventReplySchema = z.object({ id: z.string() });
