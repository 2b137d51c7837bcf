/** Tasks, flows and functions that a file declares or imports from beside it, by the name the file knows them under. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ParsedFile, SyntaxNode } from './syntax.ts';
import { asNode, childrenOf, isFunction, nameOf, nodesOf, parseFile, propertyOf, textOf } from './syntax.ts';

export type Declaration =
  | { readonly kind: 'task' | 'flow'; readonly name: string; readonly body: SyntaxNode | null; readonly scope: Scope }
  | { readonly kind: 'function'; readonly name: string; readonly body: SyntaxNode; readonly scope: Scope };

/** One file as its code sees it. */
export interface Scope {
  readonly parsed: ParsedFile;
  /** By local name. */
  readonly declared: Map<string, Declaration>;
  /** Functions of the SDK, by local name. */
  readonly sdk: Map<string, string>;
}

const MAX_FILES = 100;

/** @throws Error when a file cannot be parsed, or over 100 files are reached. */
export function readScope(file: string, seen = new Map<string, Scope>()): Scope {
  const known = seen.get(file);
  if (known) return known;
  if (seen.size >= MAX_FILES) throw new Error(`${file}: more than ${MAX_FILES} files are imported from there`);
  const scope: Scope = { parsed: parseFile(file), declared: new Map(), sdk: new Map() };
  seen.set(file, scope);
  for (const statement of nodesOf(scope.parsed.program['body']))
    if (statement.type === 'ImportDeclaration') readImport(scope, statement, seen);
  declareIn(scope.parsed.program, scope);
  return scope;
}

function readImport(scope: Scope, statement: SyntaxNode, seen: Map<string, Scope>): void {
  const from = textOf(asNode(statement['source'])) ?? '';
  const names = nodesOf(statement['specifiers']).map(
    (each) => [nameOf(asNode(each['imported'])) ?? '', nameOf(asNode(each['local'])) ?? ''] as const,
  );
  if (from === '@signalbox/sdk') for (const [imported, local] of names) scope.sdk.set(local, imported);
  const file = from.startsWith('.') ? resolve(path.dirname(scope.parsed.file), from) : null;
  if (!file) return;
  const other = readScope(file, seen);
  for (const [imported, local] of names) {
    const found = other.declared.get(imported);
    if (found) scope.declared.set(local, found);
  }
}

function resolve(folder: string, specifier: string): string | null {
  const base = path.join(folder, specifier);
  const candidates = [base, base.replace(/\.([cm]?)js$/, '.$1ts'), `${base}.ts`, `${base}.js`, path.join(base, 'index.ts')];
  return candidates.find((each) => /\.[cm]?[jt]s$/.test(each) && existsSync(each)) ?? null;
}

/** Everywhere in the file: tasks in classes and inside functions count too. The first of a name wins. */
function declareIn(node: SyntaxNode, scope: Scope): void {
  if (node.type === 'VariableDeclarator' || node.type === 'PropertyDefinition') {
    const name = nameOf(asNode(node['id'] ?? node['key']));
    const value = asNode(node['init'] ?? node['value']);
    if (name && value) declare(name, value, scope);
  }
  if (node.type === 'FunctionDeclaration') declare(nameOf(asNode(node['id'])) ?? '', node, scope);
  for (const child of childrenOf(node)) declareIn(child, scope);
}

function declare(local: string, value: SyntaxNode, scope: Scope): void {
  if (scope.declared.has(local)) return;
  if (isFunction(value)) {
    scope.declared.set(local, { kind: 'function', name: local, body: value, scope });
    return;
  }
  if (value.type !== 'CallExpression') return;
  const kind = scope.sdk.get(nameOf(asNode(value['callee'])) ?? '');
  if (kind !== 'task' && kind !== 'flow') return;
  const [first, second] = nodesOf(value['arguments']);
  const name = textOf(first ?? null) ?? textOf(propertyOf(first ?? null, 'name')) ?? local;
  const body = [second, first].find((each) => each !== undefined && isFunction(each)) ?? null;
  scope.declared.set(local, { kind, name, body, scope });
}
