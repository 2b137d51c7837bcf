/** The manual's table of fields is made from the table itself: `UPDATE_MANUAL=1 vitest run` of this file writes it anew. */
import { readFile, writeFile } from 'node:fs/promises';
import { DEPLOYMENT_FIELDS, FIELD_NAMES } from '@signalbox/proto/api';
import { expect, it } from 'vitest';

const PAGE = new URL('../../../../docs/concepts/layers.md', import.meta.url);
const BETWEEN = /(<!-- fields[^>]*-->\n)([\s\S]*?)(<!-- \/fields -->)/;
const MERGE = { replace: 'replace', append: 'append', 'merge-by-key': 'by key' } as const;

it("the manual's table of fields is that of the code", async () => {
  const page = await readFile(PAGE, 'utf8');
  const rows = FIELD_NAMES.map((name) => {
    const { layers, default: fallback, merge, reaches, about } = DEPLOYMENT_FIELDS[name];
    return `| \`${name}\` | ${layers.join(', ')} | \`${JSON.stringify(fallback)}\` | ${MERGE[merge]} | ${reaches} | ${about} |\n`;
  });
  const table = `| field | who may set it | default | how layers meet | reaches | what it is |\n|---|---|---|---|---|---|\n${rows.join('')}`;
  if (process.env['UPDATE_MANUAL'])
    await writeFile(
      PAGE,
      page.replace(BETWEEN, (_all, open: string, _old, close: string) => `${open}${table}${close}`),
    );
  else expect(BETWEEN.exec(page)?.[2], 'run it with UPDATE_MANUAL=1').toBe(table);
});
