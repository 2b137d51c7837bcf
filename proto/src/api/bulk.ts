/** Jobs that do one thing to every run a filter fits. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { runFilterSchema } from '../run-filter/index.ts';
import { retryModeSchema, TERMINAL_STATES } from '../run-state.ts';
import { instantSchema } from '../time.ts';
import { pageInput, pageSchema } from './page.ts';

export const BULK_ACTIONS = ['cancel', 'retry', 'delete', 'set-state'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** `running` and `paused` go on; the others are over. `cancelled`: somebody ended it; what was done stays done. */
export const BULK_STATUSES = ['running', 'paused', 'done', 'cancelled', 'failed'] as const;
export type BulkStatus = (typeof BULK_STATUSES)[number];

/** Why a run was left as it was. */
export const BULK_SKIPS = {
  already: 'was so already',
  over: 'had ended',
  'not-now': 'was in a state that does not allow it',
  'not-ended': 'had not ended',
  held: 'under legal hold',
  'no-deployment': 'its deployment was deleted',
  'no-pool': 'its work pool was deleted',
  gone: 'was deleted meanwhile',
} as const;
export type BulkSkip = keyof typeof BULK_SKIPS;

const countSchema = z.object({ count: z.number().int(), isMore: z.boolean() });

export const bulkJobSchema = z.object({
  id: idSchema('bulkJob'),
  action: z.enum(BULK_ACTIONS),
  status: z.enum(BULK_STATUSES),
  /** Of `set-state`: what runs are set to. */
  state: z.object({ type: z.enum(TERMINAL_STATES), name: z.string().optional() }).nullable(),
  filter: runFilterSchema,
  /** The filter as one line. */
  filterText: z.string(),
  reason: z.string().nullable(),
  startedBy: z.string(),
  /** Runs that fitted when it was started, counted up to a bound. */
  expected: countSchema,
  done: z.number().int(),
  failed: z.number().int(),
  skipped: z.array(z.object({ why: z.enum(Object.keys(BULK_SKIPS) as [BulkSkip, ...BulkSkip[]]), count: z.number().int() })),
  /** The first few runs that were skipped or failed. */
  samples: z.array(z.object({ run: idSchema('run'), outcome: z.enum(['skipped', 'failed']), reason: z.string() })),
  /** Why it failed as a whole. */
  problem: z.string().nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  endedAt: instantSchema.nullable(),
});
export type BulkJob = z.infer<typeof bulkJobSchema>;

const which = {
  /** Without states: those the action can change. Runs created after the job's start are not touched. */
  filter: runFilterSchema,
  /** Needed when the filter lets every run through. */
  all: z.boolean().default(false),
};
export const previewBulkInput = z.object({ action: z.enum(BULK_ACTIONS), ...which });
export const startBulkInput = z.object({ ...which, reason: z.string().trim().min(1).max(500).optional() });
export const startBulkRetryInput = startBulkInput.extend({ mode: retryModeSchema.default('from-failed') });
/** Says how runs ended, as `runs.setState` does for one: those that an agent holds are skipped. */
export const startBulkSetStateInput = z.object({
  ...which,
  type: z.enum(TERMINAL_STATES),
  /** Default: the title of the type. */
  name: z.string().min(1).max(100).optional(),
  reason: z.string().trim().min(1).max(500),
});
export const bulkJobRefInput = z.object({ job: idSchema('bulkJob') });
export const listBulkJobsInput = z.object({ ...pageInput, status: z.array(z.enum(BULK_STATUSES)).max(5).optional() });
export const bulkJobPageSchema = pageSchema(bulkJobSchema);
export const bulkPreviewSchema = countSchema;
