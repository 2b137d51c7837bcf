/** Whether each row says what it must, and names an example that exists. */
import { statSync } from 'node:fs';
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
  if (!proof.startsWith('examples/')) return `expected an example, which CI runs, got ${proof}`;
  return statSync(join(root, proof), { throwIfNoEntry: false })?.isFile() ? null : `no such file: ${proof}`;
}
