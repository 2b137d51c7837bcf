import { describe, expect, test } from 'vitest';
import { AGENT_VERBS, agentSubjects, parseRequestSubject, platformSubjects } from './subjects.ts';

const agent = '01m83cy2vgebdv5j0668j677t5';
const account = `A${'B'.repeat(55)}`;

describe('a request', () => {
  test.each(AGENT_VERBS)('to %s is read back with who sent it', (verb) => {
    const asPlatform = agentSubjects.request(agent, verb).replace('rt.', `rt.${account}.`);
    expect(parseRequestSubject(asPlatform)).toEqual({ account, agent, verb });
  });

  test.each([
    `rt.${account}.${agent}`,
    `rt.${account}.${agent}.shout`,
    `rt.${account}.*.claim`,
    `rt.x.${agent}.claim`,
    `d.0.${account}.${agent}`,
    `rt.${account}.${agent}.claim.more`,
  ])('under %s is ignored', (subject) => {
    expect(parseRequestSubject(subject)).toBeNull();
  });
});

describe('a subject', () => {
  test.each(['*', '>', 'a.b', '', 'agt_01m83cy2vgebdv5j0668j677t5'])('never takes %j for an id', (text) => {
    expect(() => agentSubjects.request(text, 'claim')).toThrow(RangeError);
    expect(() => platformSubjects.nudge(text)).toThrow(RangeError);
    expect(() => platformSubjects.offer(0, account, text)).toThrow(RangeError);
  });
});
