/**
 * Keys made from a run's parameters, for limits and for fair order. A template is text with places `{{ parameters.a.b }}`;
 * nothing is ever evaluated. It is cut into parts once, when it is set; Postgres puts the values in when a run is made
 * (`run_key`).
 */

/** Text as it is, or a path into the parameters. */
export type KeyPart = string | readonly string[];

const PLACE = /\{\{\s*parameters\.([^{}\s]+)\s*\}\}/g;

/** The parts of a template; what it may look like is said by `keyTemplateSchema` of proto. */
export function partsOfKey(template: string): KeyPart[] {
  // Split by a pattern with one group: texts and paths take turns.
  const pieces = template.split(PLACE);
  return pieces.map((piece, i) => (i % 2 === 1 ? piece.split('.') : piece)).filter((part) => part.length > 0);
}
