import { expect, test, vi } from 'vitest';
import { deployments, region, regions } from './flow.ts';

test('a region runs by itself, without any server', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await region({ name: 'north' })).toBe(5);
  vi.restoreAllMocks();
});

test('both flows are deployed, so that the one can run the other', () => {
  expect(deployments.map(({ flow, options }) => `${flow.name}/${options.name}`)).toEqual(['region/one', 'regions/all']);
  expect(regions.name).toBe('regions');
});
