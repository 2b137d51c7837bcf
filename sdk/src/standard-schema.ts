/**
 * The part of the Standard Schema and Standard JSON Schema interfaces that this package calls, so that any library
 * that follows them (zod, Valibot, ArkType ...) describes parameters, and none of them is loaded by us.
 * @see https://standardschema.dev
 */

/** A schema that checks a value: version 1 of Standard Schema. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What may be given to a schema. */
export type SchemaInput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input'];
/** What a schema gives back: defaults filled in, texts coerced. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output'];

/** A JSON Schema (draft 2020-12) of an object. */
export type JsonSchema = Record<string, unknown>;

interface JsonSchemaConverter {
  readonly input: (options: { readonly target: string }) => JsonSchema;
}

/**
 * The JSON Schema of what a schema accepts, or null when its library cannot say (then give `jsonSchema` yourself).
 * @see https://standardschema.dev/json-schema
 */
export function toJsonSchema(schema: StandardSchema): JsonSchema | null {
  const converter = (schema['~standard'] as { readonly jsonSchema?: JsonSchemaConverter }).jsonSchema;
  return converter ? converter.input({ target: 'draft-2020-12' }) : null;
}
