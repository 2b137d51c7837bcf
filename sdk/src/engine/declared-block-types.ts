/** The types of blocks that code declares; on `globalThis`, as declared limits are. */
import type { JsonSchema } from '../standard-schema.ts';

export interface DeclaredBlockType {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly secretFields: string[];
}

const STORE = Symbol.for('@signalbox/sdk.block-types.1');
const globals = globalThis as { [STORE]?: Map<string, DeclaredBlockType> };
globals[STORE] ??= new Map();

/** By name. */
export const declaredBlockTypes: Map<string, DeclaredBlockType> = globals[STORE];
