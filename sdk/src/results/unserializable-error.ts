/** A value that a serializer cannot keep whole, and where it is. */
export class UnserializableError extends TypeError {
  override readonly name = 'UnserializableError';
  /** Where in the value: `.items[3].save`; empty for the value itself. */
  readonly path: string;

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(`${path === '' ? 'the value' : path} is ${what}, which cannot be kept without loss`, options);
    this.path = path;
  }
}
