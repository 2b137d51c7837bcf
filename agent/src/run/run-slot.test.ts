import { describe, expect, test } from 'vitest';
import { RunSlot } from './run-slot.ts';

function openSlot(answers: Record<string, unknown>, isGiven = false) {
  const asked: string[] = [];
  const journal: boolean[] = [];
  const free = Promise.withResolvers<void>();
  const slot = new RunSlot({
    ask: async (_verb, body) => {
      const { name } = (body as { op: { name: string } }).op;
      asked.push(name);
      return answers[name];
    },
    untilFree: () => free.promise,
    onChange: (given) => void journal.push(given),
    isGiven,
  });
  const ask = (name: string) => slot.ask('call', { op: { name } }, 1_000);
  return { slot, ask, asked, journal, free: free.resolve };
}

describe('the slot of a run', () => {
  test('is given up when the control plane says that the run waits, and not before', async () => {
    const answers = { 'children.await': { waiting: false } };
    const { slot, ask, journal } = openSlot(answers);
    await ask('children.await');
    expect(slot.state).toBe('held');
    answers['children.await'] = { waiting: true };
    await ask('children.await');
    await ask('children.await');
    expect([slot.state, journal]).toEqual(['given', [true]]);
  });

  test('is asked for only when the agent has one free', async () => {
    const { slot, ask, asked, journal, free } = openSlot({ 'children.resume': { resumed: true } }, true);
    const resumed = ask('children.resume');
    await Promise.resolve();
    expect([slot.state, asked]).toEqual(['returning', []]);
    free();
    expect(await resumed).toEqual({ resumed: true });
    expect([slot.state, journal.at(-1)]).toEqual(['held', false]);
  });

  test('is somebody else’s again when the control plane has no room', async () => {
    const { slot, ask, free } = openSlot({ 'children.resume': { resumed: false } }, true);
    free();
    await ask('children.resume');
    expect(slot.state).toBe('given');
  });

  test('is not the business of other calls, whatever they answer', async () => {
    const { slot, ask, journal } = openSlot({ 'slots.acquire': { waiting: true }, 'children.resume': { resumed: true } });
    await ask('slots.acquire');
    // One that holds its slot asks at once.
    await ask('children.resume');
    expect([slot.state, journal]).toEqual(['held', []]);
  });
});
