/** What reading code needs of its syntax tree. The tree is ESTree, as oxc gives it, and is only looked at. */
import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface ParsedFile {
  readonly file: string;
  readonly text: string;
  readonly program: SyntaxNode;
  /** In the order of the text, each without its marks. */
  readonly comments: readonly { readonly value: string; readonly start: number; readonly end: number }[];
}

/** @throws Error naming the file and the first thing that cannot be read. */
export function parseFile(file: string): ParsedFile {
  const text = readFileSync(file, 'utf8');
  const { program, comments, errors } = parseSync(file, text);
  const [error] = errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  return { file, text, program: program as unknown as SyntaxNode, comments };
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** In the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node)
    .flat()
    .filter(isNode)
    .sort((a, b) => a.start - b.start);
}

export function asNode(value: unknown): SyntaxNode | null {
  return isNode(value) ? value : null;
}

export function nodesOf(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function nameOf(node: SyntaxNode | null): string | null {
  return node?.type === 'Identifier' ? String(node['name']) : null;
}

/** The text of a literal, also of a template without holes. */
export function textOf(node: SyntaxNode | null): string | null {
  if (node?.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node?.type !== 'TemplateLiteral' || nodesOf(node['expressions']).length > 0) return null;
  return ((nodesOf(node['quasis'])[0]?.['value'] as { cooked?: string } | undefined)?.cooked ?? null) as string | null;
}

/** A property of an object literal, by its plain name. */
export function propertyOf(object: SyntaxNode | null, name: string): SyntaxNode | null {
  if (object?.type !== 'ObjectExpression') return null;
  const found = nodesOf(object['properties']).find((each) => nameOf(asNode(each['key'])) === name);
  return asNode(found?.['value']);
}

/** Names that a pattern binds: `{ a, b: [c] }` binds a and c. */
export function boundNames(pattern: SyntaxNode | null): string[] {
  if (!pattern) return [];
  switch (pattern.type) {
    case 'Identifier':
      return [String(pattern['name'])];
    case 'Property':
      return boundNames(asNode(pattern['value']));
    case 'AssignmentPattern':
      return boundNames(asNode(pattern['left']));
    case 'RestElement':
      return boundNames(asNode(pattern['argument']));
    default:
      return [...nodesOf(pattern['properties']), ...nodesOf(pattern['elements'])].flatMap(boundNames);
  }
}

export function isFunction(node: SyntaxNode | null): boolean {
  return node !== null && /^(Arrow)?Function(Expression|Declaration)?$/.test(node.type);
}
