/**
 * Reads a flow's function and draws what it calls. Nothing is run: values are followed by the names they are kept under, so
 * an arrow says "this result may be used there". What is called only through values that code computes is not seen.
 */
import type { Declaration, Scope } from './declarations.ts';
import { readScope } from './declarations.ts';
import type { FlowPicture } from './flow-picture.ts';
import { PictureBuilder } from './flow-picture.ts';
import type { SyntaxNode } from './syntax.ts';
import { asNode, boundNames, childrenOf, isFunction, nameOf, nodesOf, propertyOf, textOf } from './syntax.ts';

type Boxes = ReadonlySet<number>;
const NONE: Boxes = new Set();
const LABEL_MAX = 60;
const WAITS: Readonly<Record<string, string>> = { pause: 'pause', suspend: 'suspend', sleep: 'sleep' };
const FRAMES: Readonly<Record<string, string>> = { transaction: 'transaction', concurrency: 'with slots of', tags: 'with tags' };

/** The flows of a file, as pictures, in the order of their declaration. @throws Error for a file that cannot be read. */
export function pictureFlows(file: string): FlowPicture[] {
  const scope = readScope(file);
  const flows = [...scope.declared.values()].filter((each) => each.kind === 'flow' && each.scope === scope);
  return flows.map((flow) => new FlowReader(flow).read());
}

interface Target {
  readonly declaration: Declaration;
  readonly name: string | null;
  readonly waitsFor: Boxes;
}

class FlowReader {
  readonly #flow: Declaration;
  readonly #picture = new PictureBuilder();
  #scope: Scope;
  #values = new Map<string, Boxes>();
  /** What has been waited for last: what comes next comes after it. */
  #last: Boxes;
  /** Functions that are being drawn: one that calls itself is drawn once. */
  readonly #entered = new Set<Declaration>();

  constructor(flow: Declaration) {
    this.#flow = flow;
    this.#scope = flow.scope;
    this.#last = new Set([this.#picture.box(flow.name, 'start')]);
  }

  read(): FlowPicture {
    if (this.#flow.body) this.#visit(asNode(this.#flow.body['body']));
    return this.#picture.done(this.#flow.name);
  }

  /** Draws what a piece of code calls; answers the boxes its value may come from. */
  #visit(node: SyntaxNode | null): Boxes {
    if (!node) return NONE;
    switch (node.type) {
      case 'Identifier':
        return this.#values.get(String(node['name'])) ?? NONE;
      case 'AwaitExpression': {
        const waited = this.#visit(asNode(node['argument']));
        if (waited.size > 0) this.#last = waited;
        return waited;
      }
      case 'VariableDeclarator':
        if (isFunction(asNode(node['init']))) return NONE;
        return this.#bind(asNode(node['id']), this.#visit(asNode(node['init'])));
      case 'AssignmentExpression':
        return this.#bind(asNode(node['left']), join(this.#visit(asNode(node['right'])), this.#visit(asNode(node['left']))));
      case 'IfStatement':
      case 'ConditionalExpression':
        return this.#branch(node);
      case 'ForOfStatement':
      case 'ForInStatement':
      case 'ForStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        return this.#loop(node);
      case 'CatchClause':
        return this.#picture.framed('on error', () => this.#visitChildren(node));
      case 'CallExpression':
        return this.#call(node);
      case 'FunctionDeclaration':
        return NONE; // as all functions with a name: drawn where it is called
      default:
        return this.#visitChildren(node);
    }
  }

  #visitChildren(node: SyntaxNode): Boxes {
    return join(...childrenOf(node).map((child) => this.#visit(child)));
  }

  #bind(pattern: SyntaxNode | null, value: Boxes): Boxes {
    for (const name of boundNames(pattern)) this.#values.set(name, value);
    return value;
  }

  #branch(node: SyntaxNode): Boxes {
    const test = asNode(node['test']);
    this.#visit(test);
    const before = this.#last;
    const condition = this.#text(test);
    const yes = this.#picture.framed(`if ${condition}`, () => this.#visit(asNode(node['consequent'])));
    const afterYes = this.#last;
    this.#last = before;
    const no = this.#picture.framed('else', () => this.#visit(asNode(node['alternate'])));
    this.#last = join(afterYes, this.#last);
    return join(yes, no);
  }

  #loop(node: SyntaxNode): Boxes {
    const over = asNode(node['right']);
    const header = over ? `for each of ${this.#text(over)}` : `while ${this.#text(asNode(node['test']))}`;
    const items = this.#visit(over);
    return this.#picture.framed(header, () => {
      const [declared] = nodesOf(asNode(node['left'])?.['declarations']);
      this.#bind(asNode(declared?.['id']) ?? asNode(node['left']), items);
      for (const part of ['init', 'test', 'update', 'body']) this.#visit(asNode(node[part]));
      return items;
    });
  }

  #call(node: SyntaxNode): Boxes {
    const callee = asNode(node['callee']);
    const given = nodesOf(node['arguments']);
    const target = this.#target(callee);
    if (target && target.declaration.kind !== 'function') return this.#step(target, 'call', given);
    if (target?.declaration.kind === 'function') return this.#enter(target.declaration, given);
    const method = nameOf(asNode(callee?.['property']));
    const owner = callee?.type === 'MemberExpression' ? this.#target(asNode(callee['object'])) : null;
    if (owner && owner.declaration.kind !== 'function') {
      if (method === 'submit' || method === 'map' || method === 'run') return this.#step(owner, method, given);
      return join(...given.map((each) => this.#visit(each)));
    }
    const sdk = this.#scope.sdk.get(nameOf(callee) ?? '');
    if (sdk) return this.#sdkCall(sdk, given);
    return this.#otherCall(callee, given);
  }

  /** A task or flow that an expression names, also through `.with(...)`. */
  #target(node: SyntaxNode | null): Target | null {
    const name = nameOf(node) ?? (node?.type === 'MemberExpression' ? nameOf(asNode(node['property'])) : null);
    const isMethod = node?.type === 'MemberExpression' && this.#target(asNode(node['object'])) !== null;
    const declaration = name && !isMethod ? this.#scope.declared.get(name) : undefined;
    if (declaration && (nameOf(node) !== null || declaration.kind !== 'function')) return { declaration, name: null, waitsFor: NONE };
    const callee = node?.type === 'CallExpression' ? asNode(node['callee']) : null;
    if (!node || nameOf(asNode(callee?.['property'])) !== 'with') return null;
    const inner = this.#target(asNode(callee?.['object']));
    const [options = null] = nodesOf(node['arguments']);
    if (!inner) return null;
    return { ...inner, name: textOf(propertyOf(options, 'name')) ?? inner.name, waitsFor: this.#visit(propertyOf(options, 'waitFor')) };
  }

  #step({ declaration, name, waitsFor }: Target, how: 'call' | 'submit' | 'map' | 'run', given: readonly SyntaxNode[]): Boxes {
    const uses = join(...given.map((each) => this.#visit(each)));
    const before = this.#last;
    const kind = declaration.kind === 'flow' ? 'flow' : how === 'map' ? 'map' : 'task';
    const box = this.#picture.box(name ?? declaration.name, kind);
    for (const each of uses) this.#picture.arrow(each, box, 'data');
    for (const each of waitsFor) this.#picture.arrow(each, box, 'order');
    if (uses.size + waitsFor.size === 0) for (const each of before) this.#picture.arrow(each, box, 'order');
    return new Set([box]);
  }

  /** A function of the project: what it calls is drawn here, as if it stood here. */
  #enter(declaration: Declaration & { kind: 'function' }, given: readonly SyntaxNode[]): Boxes {
    const values = given.map((each) => this.#visit(each));
    if (this.#entered.has(declaration)) return join(...values);
    const [scope, outer] = [this.#scope, this.#values];
    this.#entered.add(declaration);
    this.#scope = declaration.scope;
    this.#values = new Map(outer);
    nodesOf(declaration.body['params']).forEach((parameter, i) => void this.#bind(parameter, values[i] ?? NONE));
    const drawn = this.#visit(asNode(declaration.body['body']));
    this.#entered.delete(declaration);
    this.#scope = scope;
    this.#values = outer;
    return join(drawn, ...values);
  }

  #sdkCall(name: string, given: readonly SyntaxNode[]): Boxes {
    const [first = null] = given;
    const frame = FRAMES[name];
    if (frame) {
      const about = textOf(first) ?? textOf(propertyOf(first, 'key'));
      return this.#picture.framed(about ? `${frame} ${about}` : frame, () => join(...given.map((each) => this.#visit(each))));
    }
    const label = name === 'runDeployment' ? (textOf(first) ?? 'a deployment') : WAITS[name];
    if (label === undefined) return join(...given.map((each) => this.#visit(each)));
    const box = this.#picture.box(label, name === 'runDeployment' ? 'deployment' : 'wait');
    const uses = join(...given.map((each) => this.#visit(each)));
    for (const each of uses) this.#picture.arrow(each, box, 'data');
    if (uses.size === 0) for (const each of this.#last) this.#picture.arrow(each, box, 'order');
    return new Set([box]);
  }

  /** `months.map((month) => load(month))`: the callback gets what the list came from, and may run many times. */
  #otherCall(callee: SyntaxNode | null, given: readonly SyntaxNode[]): Boxes {
    const from = this.#visit(callee?.type === 'MemberExpression' ? asNode(callee['object']) : callee);
    const drawn = given.map((each) => {
      if (!isFunction(each)) return this.#visit(each);
      const isLoop = /^(map|forEach|flatMap|filter|reduce)$/.test(nameOf(asNode(callee?.['property'])) ?? '');
      for (const parameter of nodesOf(each['params'])) this.#bind(parameter, from);
      const body = () => this.#visit(asNode(each['body']));
      return isLoop ? this.#picture.framed(`for each of ${this.#text(asNode(callee?.['object']))}`, body) : body();
    });
    return join(from, ...drawn);
  }

  #text(node: SyntaxNode | null): string {
    if (!node) return '';
    const text = this.#scope.parsed.text.slice(node.start, node.end).replaceAll(/\s+/g, ' ');
    return text.length > LABEL_MAX ? `${text.slice(0, LABEL_MAX - 3)}...` : text;
  }
}

function join(...several: readonly Boxes[]): Boxes {
  return new Set(several.flatMap((each) => [...each]));
}
