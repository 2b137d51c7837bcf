import type { LogLine } from '@signalbox/proto/messages';
import { fromChildSchema } from '@signalbox/proto/messages';
import { expect, test } from 'vitest';
import { ChildCalls } from './child-calls.ts';
import type { ChildLink, Told } from './child-link.ts';
import { ChildReporter } from './child-reporter.ts';
import type { TaskTransition } from './reporter.ts';
import { RunSession } from './session.ts';

function recorded() {
  const frames: Told[] = [];
  const link = { takeDroppedLines: () => 0, tell: (told: readonly Told[]) => frames.push(...told) } as unknown as ChildLink;
  const run = { id: 'run_1', name: '', epoch: 1, fencingToken: '1', attempt: 1, flow: 'f', deployment: null, parameters: {}, tags: [] };
  const reporter = new ChildReporter(link);
  return { frames, reporter, session: new RunSession(run, reporter, new ChildCalls(() => {})) };
}

const line: LogLine = { at: new Date(0).toISOString(), level: 'info', stream: 'logger', taskOrdinal: null, message: 'x' };

test('of a task run that moves several times in one batch only the last transition is told', () => {
  const { frames, reporter, session } = recorded();
  const record = session.createTaskRun('task', 'a', null, null);
  session.transition(record, 'PENDING', 'Pending');
  session.transition(record, 'RUNNING', 'Running');
  session.transition(record, 'COMPLETED', 'Completed', { ends: true });
  reporter.flush();
  expect(frames).toMatchObject([{ type: 'task', task: { ordinal: 1, seq: 3, stateName: 'Completed' } }]);
});

test('task runs are told before the lines that refer to them, and the end comes last', () => {
  const { frames, reporter, session } = recorded();
  session.log('info', 'hello', { task: null });
  session.transition(session.createTaskRun('task', 'a', null, null), 'RUNNING', 'Running');
  reporter.end({ state: 'COMPLETED', name: 'Completed', result: 1 });
  expect(frames.map((frame) => frame.type)).toEqual(['task', 'logs', 'ended']);
  reporter.log(line);
  reporter.flush();
  expect(frames).toHaveLength(3);
});

test('a frame of lines is bounded by count and by size, attributes included, and nothing is dropped', () => {
  const { frames, reporter } = recorded();
  for (let i = 0; i < 450; i++) reporter.log(line);
  for (let i = 0; i < 20; i++) reporter.log({ ...line, message: 'y'.repeat(16_000), attributes: { text: 'z'.repeat(8_000) } });
  reporter.flush();
  const logs = frames.filter((frame) => frame.type === 'logs');
  expect(logs.flatMap((frame) => frame.lines)).toHaveLength(470);
  for (const { lines } of logs) {
    expect(lines.length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(lines).length).toBeLessThan(96 * 1024);
  }
});

test('whatever authors give, each frame fits the contract', () => {
  const { frames, reporter, session } = recorded();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  session.log('info', `nul \0 and a lone surrogate \ud83c`, { task: null, attributes: circle });
  session.log('info', 'large', { task: null, attributes: { data: 'x'.repeat(100_000) } });
  const record = session.createTaskRun('task', 'a', null, null, 'n'.repeat(2_000));
  session.transition(record, 'FAILED', 'Failed', { message: 'm'.repeat(20_000), ends: true });
  reporter.end({ state: 'COMPLETED', name: 'Completed', result: { big: 1n } });
  for (const [i, frame] of frames.entries()) fromChildSchema.parse(JSON.parse(JSON.stringify({ ...frame, n: i + 1 })));
  const told = frames.find((frame) => frame.type === 'logs')?.lines ?? [];
  expect(told[0]).toMatchObject({
    message: 'nul  and a lone surrogate \ufffd',
    attributes: { dropped: expect.stringContaining('no JSON') },
  });
  expect(told[1]?.attributes).toEqual({ dropped: '100011 characters of attributes, at most 8192 fit' });
});

test('a task transition keeps to itself what stays in the process', () => {
  const { frames, reporter, session } = recorded();
  session.transition(session.createTaskRun('task', 'a', null, { index: 0, total: 1 }), 'RUNNING', 'Running');
  reporter.flush();
  const [frame] = frames;
  expect(Object.keys((frame as { task: Partial<TaskTransition> }).task)).not.toContain('mapped');
});
