/** `npm run conformance [-- --json]`: prints what becomes of each row, and fails when one names a proof that does not exist. */
import pc from 'picocolors';
import { checkRows } from './check-rows.ts';
import { SECTIONS } from './rows.ts';

const wrong = checkRows(SECTIONS);
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ sections: SECTIONS, wrong }));
} else {
  const signs = { same: pc.green('same    '), better: pc.cyan('better  '), 'left out': pc.yellow('left out') };
  for (const { title, rows } of SECTIONS) {
    console.log(`\n${pc.bold(title)}`);
    for (const { feature, verdict, why, proof } of rows) {
      console.log(`  ${signs[verdict]}  ${feature}${why ? pc.dim(`: ${why}`) : ''}${proof ? pc.dim(`  [${proof}]`) : ''}`);
    }
  }
  const rows = SECTIONS.flatMap((section) => section.rows);
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
  console.log(`\n${count('same')} same, ${count('better')} better, ${count('left out')} left out`);
}
for (const line of wrong) console.error(pc.red(line));
process.exitCode = wrong.length > 0 ? 1 : 0;
