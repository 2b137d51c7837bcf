/** TypeScript that calls remote deployments with parameters of their own types. */
import type { JSONSchema } from 'json-schema-to-typescript';

/** What is known of a remote deployment. */
export interface RemoteDeployment {
  readonly flow: string;
  readonly name: string;
  readonly description: string;
  /** JSON Schema; null: any object. */
  readonly parameterSchema: Readonly<Record<string, unknown>> | null;
}

/** Makes the body of an interface from a schema; `compile` of json-schema-to-typescript. */
export type CompileSchema = (schema: JSONSchema, name: string, options: Record<string, unknown>) => Promise<string>;

const HEAD = `// Made by \`signalbox generate\`. Make it again when a deployment's parameters change.
import { type ChildRun, type RunDeploymentOptions, runDeployment } from '@signalbox/sdk';

type Given<P> = Omit<RunDeploymentOptions, 'parameters'> & (Record<string, never> extends P ? { readonly parameters?: P } : { readonly parameters: P });

/** A deployment that runs elsewhere. In a flow its run is a child; else \`SIGNALBOX_URL\` and \`SIGNALBOX_API_KEY\` say whom to ask. */
const remote = <P>(ref: string) => ({
  ref,
  run: <R = unknown>(options: Given<P>): Promise<ChildRun<R>> => runDeployment<R>(ref, options as RunDeploymentOptions),
});
`;

/** One module for all of them, in the order given. Two names that become one in TypeScript get a number. */
export async function generateHandles(deployments: readonly RemoteDeployment[], compile: CompileSchema): Promise<string> {
  const taken = new Set<string>();
  const parts = [HEAD];
  for (const deployment of deployments) {
    const ref = `${deployment.flow}/${deployment.name}`;
    const type = unique(pascal(ref), taken);
    // Parameters with a default may be left out, and what the deployment itself gives is not known here.
    const schema = { type: 'object', ...deployment.parameterSchema, title: undefined, description: undefined } as JSONSchema;
    const options = {
      bannerComment: '',
      format: false,
      additionalProperties: deployment.parameterSchema === null,
      strictIndexSignatures: true,
    };
    parts.push(await compile(schema, `${type}Parameters`, options));
    const comment = (deployment.description || ref).replaceAll('*/', '* /').replaceAll(/\s+/g, ' ').trim();
    parts.push(
      `/** ${comment} */\nexport const ${type[0]?.toLowerCase()}${type.slice(1)} = remote<${type}Parameters>(${JSON.stringify(ref)});\n`,
    );
  }
  return parts.join('\n');
}

function pascal(text: string): string {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const name = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
  // A letter after a digit is a word's first to the library that names the interfaces.
  return (/^\p{L}/u.test(name) ? name : `D${name}`).replaceAll(/(?<=\d)\p{Ll}/gu, (letter) => letter.toUpperCase());
}

function unique(name: string, taken: Set<string>): string {
  for (let n = 1; ; n++) {
    const each = n === 1 ? name : `${name}${n}`;
    if (taken.has(each)) continue;
    taken.add(each);
    return each;
  }
}
