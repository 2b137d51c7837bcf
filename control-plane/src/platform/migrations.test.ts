import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { knownMigrations } from './migrations.ts';

const FLOOR = '20261130091500_schema_floor';
/** What a build from before may use, taken away or made to mean something else. Days that are over are no such thing. */
const CONTRACTS = /\bDROP\s+(TABLE|COLUMN|TYPE|VIEW)\b(?! public\.%I)|\bRENAME\s+(TO|COLUMN)\b|\bSET\s+NOT\s+NULL\b/i;

const migrations = await Promise.all(
  (await knownMigrations()).map(async (name) => {
    const sql = await readFile(new URL(`../../prisma/migrations/${name}/migration.sql`, import.meta.url), 'utf8');
    return { name, sql: sql.replace(/--.*$/gm, '') };
  }),
);
const raised = migrations.flatMap(({ name, sql }) =>
  [...sql.matchAll(/raise_schema_floor\('([^']*)'\)/g)].map((match) => ({ name, floor: match[1] ?? '' })),
);

test('a migration that takes something away raises the floor', () => {
  const contracts = migrations.filter(({ name, sql }) => name > FLOOR && CONTRACTS.test(sql));
  expect(contracts.map(({ name }) => name).filter((name) => !raised.some((one) => one.name === name))).toEqual([]);
});

test('a floor is a migration that is there, and no later than the one that raises it', () => {
  const names = migrations.map(({ name }) => name);
  expect(names).toContain(FLOOR);
  expect(raised.filter(({ name, floor }) => !names.includes(floor) || floor > name)).toEqual([]);
});
