import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCliHome } from '../../test/run-cli.ts';
import { pictureFlows } from './read-flow.ts';
import { toMermaid } from './to-mermaid.ts';
import { toSvg } from './to-svg.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'signalbox-picture-'));
  writeFileSync(
    path.join(folder, 'clean.ts'),
    "import { task } from '@signalbox/sdk';\nexport const clean = task('clean', async (n: number) => n);\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = `import { flow as declare, task, pause, transaction, unmapped } from '@signalbox/sdk';
import { clean } from './clean.ts';
enum Color { Red }
const load = task({ name: 'load', retries: 1 }, async (n: number) => n);
const save = task('save', async (n: unknown) => n);
async function both(n: number) { return [await load(n), clean.submit(n)]; }
`;

function draw(body: string) {
  const file = path.join(folder, 'flow.ts');
  writeFileSync(file, `${HEAD}export const main = declare({ name: 'main' }, async () => {\n${body}\n});\n`);
  const [picture] = pictureFlows(file);
  if (!picture) throw new Error('no flow');
  const label = (id: number) => picture.boxes[id]?.label;
  return { picture, arrows: picture.arrows.map(({ from, to, kind }) => `${label(from)} ${kind === 'data' ? '->' : '..'} ${label(to)}`) };
}

describe('pictureFlows', () => {
  test('an arrow follows a result to where it is used, and order where nothing is', () => {
    expect(draw('const a = await load(1); const b = clean.submit(a); await save([b]); await load(2);').arrows).toEqual([
      'main .. load',
      'load -> clean',
      'clean -> save',
      'save .. load',
    ]);
  });

  test('what is started without waiting stands beside what comes next', () => {
    expect(draw('const a = load.submit(1); const b = load.submit(2); await save.with({ waitFor: [a] })(b);').arrows).toEqual([
      'main .. load',
      'main .. load',
      'load -> save',
      'load .. save',
    ]);
  });

  test('branches, loops, transactions and callbacks are frames; names of calls and maps are seen', () => {
    const { picture } = draw(`if (Color.Red) { await load(1); } else { await clean(1); }
for (const n of [1, 2]) await load(n);
await transaction({ key: 'import' }, async () => { await save.with({ name: 'final' }).map([1], unmapped(2)); });
await Promise.all([1, 2].map((n) => clean(n)));
try { await load(3); } catch (error) { await save(error); }
await pause({ message: 'ok?' });`);
    const frame = (id: number | null) => picture.frames.find((each) => each.id === id)?.label ?? null;
    expect(picture.boxes.map(({ label, kind, frame: within }) => [label, kind, frame(within)])).toEqual([
      ['main', 'start', null],
      ['load', 'task', 'if Color.Red'],
      ['clean', 'task', 'else'],
      ['load', 'task', 'for each of [1, 2]'],
      ['final', 'map', 'transaction import'],
      ['clean', 'task', 'for each of [1, 2]'],
      ['load', 'task', null],
      ['save', 'task', 'on error'],
      ['pause', 'wait', null],
    ]);
  });

  test('functions of the project are drawn where they are called, also when they call themselves', () => {
    expect(draw('const two = await both(1); await save(two);').arrows).toEqual([
      'main .. load',
      'load .. clean',
      'load -> save',
      'clean -> save',
    ]);
    expect(draw('const again = async () => { await load(1); await again(); }; await again();').arrows).toEqual(['main .. load']);
  });

  test('a file that cannot be read says where', () => {
    writeFileSync(path.join(folder, 'broken.ts'), 'const = 1;');
    expect(() => pictureFlows(path.join(folder, 'broken.ts'))).toThrow(/broken\.ts: /);
  });
});

test('mermaid and svg hold every box, arrow and frame, and no text can break out of them', () => {
  const { picture } = draw('if ("<script>" > "a") { const a = await load(1); await save(a); }');
  expect(toMermaid(picture)).toBe(`flowchart TD
  b0(["main"])
  subgraph f0["if #quot;#lt;script#gt;#quot; #gt; #quot;a#quot;"]
    b1["load"]
    b2["save"]
  end
  b0 -.-> b1
  b1 --> b2
`);
  const svg = toSvg(picture);
  expect(svg).not.toContain('<script');
  expect([svg.match(/<rect /g)?.length, svg.match(/<path class=/g)?.length]).toEqual([4, 2]);
  expect(svg).not.toContain('NaN');
});

test('signalbox visualize says which flows there are when it cannot tell', async () => {
  await using home = await createCliHome();
  writeFileSync(
    path.join(folder, 'two.ts'),
    "import { flow } from '@signalbox/sdk';\nexport const a = flow('a', () => 1);\nexport const b = flow('b', () => 1);\n",
  );
  const unclear = await home.run(['visualize', path.join(folder, 'two.ts')]);
  expect([unclear.exitCode, unclear.stderr]).toEqual([2, expect.stringMatching(/several flows: a, b/)]);
  const chosen = await home.run(['visualize', path.join(folder, 'two.ts'), '--flow', 'b']);
  expect(chosen.stdout).toContain('b0(["b"])');
});
