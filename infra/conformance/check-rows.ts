/** Whether each row says what it must, and names a program or a test that exists. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../dev/paths.ts';
import type { Row, Section } from './rows.ts';

/** One sentence for each row that is wrong, with the row's name. */
export function checkRows(sections: readonly Section[], root: string = ROOT): string[] {
  return sections.flatMap(({ rows }) =>
    rows.flatMap((row) => {
      const wrong = whatIsWrong(row, root);
      return wrong ? [`${row.feature}: ${wrong}`] : [];
    }),
  );
}

function whatIsWrong({ verdict, why, proof }: Row, root: string): string | null {
  if (verdict === 'left out') return why ? null : 'expected a reason for leaving it out';
  if (verdict === 'better' && !why) return 'expected a reason for which it is better';
  if (!proof) return 'expected a proof, got none';
  const [file = '', title = ''] = proof.split('#');
  if (!/^examples\/|\.test(-d)?\.ts$/.test(file)) return `expected an example or a test, which CI runs, got ${file}`;
  const path = join(root, file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return `no such file: ${file}`;
  if (!title) return null;
  const text = readFileSync(path, 'utf8');
  return text.includes(`test('${title}'`) || text.includes(`test("${title}"`) ? null : `${file} has no test with the title "${title}"`;
}
