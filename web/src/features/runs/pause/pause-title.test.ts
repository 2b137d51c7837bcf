import { expect, test } from 'vitest';
import { pauseTitle } from './pause-title.ts';

test.each([
  ['pause', true, 'Paused: it waits for a person, with its process'],
  ['pause', false, 'It is to pause before its next task'],
  ['suspend', true, 'Suspended: it waits for a person, and holds no process and no slot'],
  ['suspend', false, 'Its process is leaving, to be suspended'],
] as const)('%s, in effect %s', (how, inEffect, title) => expect(pauseTitle({ how, inEffect })).toBe(title));
