import { describe, expect, test } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { pause, suspend } from './pause.ts';
import { task } from './task.ts';

describe('waiting for a person', () => {
  test('is refused in a task, and outside of a run', async () => {
    const asking = task('asking', async () => void (await pause()));
    expect((await runBody(() => asking())).outcome.message).toContain(
      'pause() was called in task "asking": call it in the flow, between tasks',
    );
    await expect(suspend()).rejects.toThrow('suspend() was called outside of a run: call it in a flow');
  });

  test('without a control plane and a terminal says what to do', async () => {
    expect((await runBody(() => pause({ key: 'approve' }))).outcome.message).toContain('Deploy the flow, or run it in a terminal');
  });
});
