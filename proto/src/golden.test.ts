/**
 * One JSON file a message and version, kept for ever: a build that cannot read what agents of the last year send
 * fails here. A new version of a message adds a file and changes none.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  answerCommandSchema,
  bulkEntrySchema,
  byeSchema,
  callSchema,
  cancelCommandSchema,
  claimReplySchema,
  claimSchema,
  enrollReplySchema,
  enrollSchema,
  fromChildSchema,
  helloReplySchema,
  helloSchema,
  holdCommandSchema,
  offerSchema,
  pauseReplySchema,
  permitReplySchema,
  permitSchema,
  renewReplySchema,
  renewSchema,
  replySchema,
  reportReplySchema,
  reportSchema,
  standSchema,
  stateEntrySchema,
  toChildSchema,
  tokenReplySchema,
  tokenRequestSchema,
  wakeCommandSchema,
} from './messages/index.ts';

const FOLDER = new URL('../golden/', import.meta.url);

/** File name up to its version -> what reads it. */
const READERS: Record<string, z.ZodType> = {
  'answer-command': answerCommandSchema,
  bye: byeSchema,
  'call-get-parameters': callSchema,
  'call-slots-acquire': callSchema,
  'call-slots-release': callSchema,
  'call-children-create': callSchema,
  'call-children-read': callSchema,
  'call-children-await': callSchema,
  'call-children-resume': callSchema,
  'call-pause': callSchema,
  'call-pause-answer': callSchema,
  'cancel-command': cancelCommandSchema,
  claim: claimSchema,
  stand: standSchema,
  'stand-renewal': standSchema,
  'claim-reply': replySchema(claimReplySchema),
  enroll: enrollSchema,
  'enroll-reply': enrollReplySchema,
  'entry-artifact': bulkEntrySchema,
  'entry-logs': bulkEntrySchema,
  'entry-given-back': stateEntrySchema,
  'entry-run-ended': stateEntrySchema,
  'entry-run-started': stateEntrySchema,
  'entry-run-suspended': stateEntrySchema,
  'entry-start-failed': stateEntrySchema,
  'entry-task-state': stateEntrySchema,
  'error-reply': replySchema(claimReplySchema),
  'from-child-call': fromChildSchema,
  'from-child-ended': fromChildSchema,
  'from-child-ended-suspended': fromChildSchema,
  'from-child-hello': fromChildSchema,
  'from-child-paused': fromChildSchema,
  hello: helloSchema,
  'hello-reply': replySchema(helloReplySchema),
  'hello-reply-idle': replySchema(helloReplySchema),
  'hold-command': holdCommandSchema,
  offer: offerSchema,
  'pause-reply-answered': replySchema(pauseReplySchema),
  'pause-reply-waiting': replySchema(pauseReplySchema),
  permit: permitSchema,
  'permit-ahead': permitSchema,
  'permit-reply-ahead': replySchema(permitReplySchema),
  'permit-reply-granted': replySchema(permitReplySchema),
  'permit-reply-refused': replySchema(permitReplySchema),
  'permit-reply-wait': replySchema(permitReplySchema),
  renew: renewSchema,
  'renew-reply': replySchema(renewReplySchema),
  'renew-reply-hold': replySchema(renewReplySchema),
  'renew-started': renewSchema,
  report: reportSchema,
  'report-reply': replySchema(reportReplySchema),
  'to-child-answer': toChildSchema,
  'to-child-answer-refused': toChildSchema,
  'to-child-hold': toChildSchema,
  'to-child-load': toChildSchema,
  'to-child-start': toChildSchema,
  'token-reply': tokenReplySchema,
  'token-request': tokenRequestSchema,
  'wake-command': wakeCommandSchema,
};

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

describe('a stored message', () => {
  test.each(files)('%s is read, and loses nothing', (file) => {
    const message: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
    expect(readerOf(file).parse(message)).toEqual(message);
  });

  test.each(files)('%s is read with fields of a later version in it', (file) => {
    const message = { ...JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')), fromTheFuture: { x: 1 } };
    expect(readerOf(file).safeParse(message).success).toBe(true);
  });
});

test('every message has a stored file of every version', () => {
  expect(files.map((file) => file.replace(/\.v\d+\.json$/, '')).sort()).toEqual(Object.keys(READERS).sort());
});

function readerOf(file: string): z.ZodType {
  const reader = READERS[file.replace(/\.v\d+\.json$/, '')];
  if (!reader) throw new Error(`${file} has no reader`);
  return reader;
}
