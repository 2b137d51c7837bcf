/** The reference of the SDK's API, from its docstrings and signatures. */
import { dirname, join } from 'node:path';
import type { ParsedFile, SyntaxNode } from '../../sdk/src/visualize/syntax.ts';
import { asNode, childrenOf, nameOf, nodesOf, parseFile, textOf } from '../../sdk/src/visualize/syntax.ts';
import { ROOT } from '../dev/paths.ts';

const ENTRIES = [
  ['@signalbox/sdk', 'sdk/src/index.ts', 'Flows, tasks, and what they may call.'],
  ['@signalbox/sdk/client', 'sdk/src/client/index.ts', 'Talking to a control plane from any program.'],
  ['@signalbox/sdk/testing', 'sdk/src/testing/index.ts', 'Testing flows without a server, in no time.'],
] as const;

/** The whole page, the same for the same sources. */
export function apiReference(): string {
  const parts = [
    '# API of the SDK',
    '',
    'Made from the docstrings by `npm run docs:api`. What is not listed here is private and may change.',
  ];
  for (const [name, file, about] of ENTRIES) {
    parts.push('', `## \`${name}\``, '', about);
    const parsed = parseFile(join(ROOT, file));
    for (const [exported, [from, original]] of [...exportsOf(parsed)].sort(([a], [b]) => (a < b ? -1 : 1)))
      parts.push('', ...entry(exported, from, original));
  }
  return `${parts.join('\n')}\n`;
}

/** By exported name: the file that declares it, and under which name. */
function exportsOf(parsed: ParsedFile): Map<string, readonly [from: ParsedFile, name: string]> {
  const found = new Map<string, readonly [ParsedFile, string]>();
  for (const statement of nodesOf(parsed.program['body']).filter(({ type }) => type === 'ExportNamedDeclaration')) {
    const source = textOf(asNode(statement['source']));
    const from = source === null ? parsed : parseFile(join(dirname(parsed.file), source));
    for (const each of nodesOf(statement['specifiers'])) {
      found.set(nameOf(asNode(each['exported'])) ?? '', [from, nameOf(asNode(each['local'])) ?? '']);
    }
    for (const name of declaredBy(asNode(statement['declaration']))) found.set(name, [parsed, name]);
  }
  return found;
}

function declaredBy(declaration: SyntaxNode | null): string[] {
  if (!declaration) return [];
  const names = declaration.type === 'VariableDeclaration' ? nodesOf(declaration['declarations']) : [declaration];
  return names.map((each) => nameOf(asNode(each['id'])) ?? '').filter(Boolean);
}

function entry(exported: string, from: ParsedFile, name: string): string[] {
  const body = nodesOf(from.program['body']);
  const own = body.filter((statement) => declaredBy(asNode(statement['declaration']) ?? statement).includes(name));
  const [first] = own;
  // Handed on from a file that itself hands it on.
  const further = first ? undefined : exportsOf(from).get(name);
  if (further && further[0] !== from) return entry(exported, ...further);
  // The types of the API are declared by the control plane.
  if (!first) return [`### ${exported}`, '', 'Every procedure of the control plane, as a type.'];
  const overloads = own.length > 1 && own.at(-1) ? own.slice(0, -1) : own;
  const signatures = overloads.map((statement) => withoutBodies(from, asNode(statement['declaration']) ?? statement));
  const { text, tags } = docstring(from, first.start);
  return [
    `### ${exported}`,
    ...(text ? ['', text] : []),
    '',
    '```ts',
    signatures.join('\n'),
    '```',
    ...(tags.length > 0 ? ['', ...tags] : []),
  ];
}

/** The doc comment that ends right before a statement, as Markdown; its tags apart. */
function docstring({ comments, text }: ParsedFile, start: number): { text: string; tags: string[] } {
  const comment = comments.findLast(({ end }) => end <= start);
  if (!comment?.value.startsWith('*') || text.slice(comment.end, start).trim() !== '') return { text: '', tags: [] };
  const lines = comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const [about = '', ...tags] = lines
    .join('\n')
    .trim()
    .split(/^@(?=[a-z])/m);
  const plain = (markdown: string) => markdown.replaceAll(/\{@link ([^}]+)\}/g, '`$1`').trim();
  return { text: plain(about), tags: tags.flatMap((tag) => showTag(plain(tag))) };
}

function showTag(tag: string): string[] {
  const [kind = '', ...rest] = tag.split(/\s/);
  const text = rest.join(' ').trim();
  switch (kind) {
    case 'example':
      return ['', '```ts', tag.slice(kind.length).trim(), '```'];
    case 'throws':
      return [`- Throws ${text}`];
    case 'param':
      return [`- \`${rest[0]}\`: ${rest.slice(1).join(' ').trim()}`];
    case 'see':
      return [`- See \`${text}\``];
    default:
      return [];
  }
}

/** The text of a declaration as its user sees it: no bodies of functions, no private members. */
function withoutBodies({ text }: ParsedFile, declaration: SyntaxNode): string {
  const cuts: { start: number; end: number; put: string }[] = [];
  const look = (node: SyntaxNode, parent: SyntaxNode | null): void => {
    const isPrivate = asNode(node['key'])?.type === 'PrivateIdentifier' || node.type === 'StaticBlock';
    if (isPrivate) {
      cuts.push({ start: text.lastIndexOf('\n', node.start), end: node.end, put: '' });
      return;
    }
    if (node.type === 'BlockStatement' && parent && /Function/.test(parent.type)) {
      cuts.push({ start: text.slice(0, node.start).trimEnd().length, end: node.end, put: ';' });
      return;
    }
    for (const child of childrenOf(node)) look(child, node);
  };
  look(declaration, null);
  let shown = '';
  let at = declaration.start;
  for (const { start, end, put } of cuts.sort((a, b) => a.start - b.start)) {
    shown += text.slice(at, start) + put;
    at = end;
  }
  shown += text.slice(at, declaration.end);
  return shown.replaceAll(/;,/g, ',').replaceAll(/\n{3,}/g, '\n\n');
}
