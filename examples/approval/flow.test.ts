/** The flow up to its question, without a control plane: nobody sits at a terminal of a test. */
import { expect, test } from 'vitest';
import { approval } from './flow.ts';

test('writes the report, and asks before it sends anything', async () => {
  await expect(approval({ month: '2026-10' })).rejects.toThrow('"approve" waits for a person');
});
