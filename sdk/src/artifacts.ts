/** What a run shows to people beside its logs. Each is bounded to 128 KiB of JSON; link to what is larger. */
import { findEngineContext } from './engine/context.ts';
import type { ArtifactRecord } from './engine/reporter.ts';

interface ArtifactOptions {
  /** Lower-case letters, digits and hyphens. Artifacts of one key are versions of one thing. Default: none. */
  readonly key?: string;
  readonly description?: string;
}

/** One row of a table: a value for each column. */
export type TableRow = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A progress bar that can be moved. */
export interface Progress {
  /** Moves it to so many percent, 0 to 100; values outside are moved to the nearer end. */
  update(percent: number): void;
}

/** What an image artifact shows: an address, or the picture itself. `alt` is read to those who do not see it. */
export type ImageSource = { readonly alt?: string } & (
  | { readonly url: string }
  /** PNG, JPEG, GIF, WebP or SVG, at most some 95 KiB. */
  | { readonly data: Uint8Array }
);

/** An image that can be replaced. */
export interface Image {
  /** Shows another picture in its place. */
  update(image: ImageSource): void;
}

const DESCRIPTION_MAX = 10_000;
const KEY = /^[a-z0-9]+(-[a-z0-9]+)*$/;

function publish(kind: ArtifactRecord['kind'], options: ArtifactOptions, body: unknown, ordinal?: number): number {
  const ctx = findEngineContext();
  if (!ctx) throw new Error(`artifact.${kind}() was called outside of a run: call it in a flow or a task`);
  const key = options.key ?? null;
  if (key !== null && (key.length > 200 || !KEY.test(key))) {
    throw new RangeError(`artifact: key: expected lower-case letters, digits and single hyphens, at most 200, got ${JSON.stringify(key)}`);
  }
  const description = options.description?.slice(0, DESCRIPTION_MAX) ?? null;
  return ctx.session.artifact({ kind, key, description }, body, ctx.task, ordinal);
}

/**
 * Publishes artifacts of the run that the calling code is in.
 * @throws Error outside a run; RangeError for a bad key or data over 128 KiB.
 */
export const artifact = {
  /** A text in Markdown. */
  markdown(options: ArtifactOptions & { readonly markdown: string }): void {
    publish('markdown', options, { markdown: options.markdown });
  },

  /** A table. Columns default to the keys of all rows, in the order of their first appearance. */
  table(options: ArtifactOptions & { readonly rows: readonly TableRow[]; readonly columns?: readonly string[] }): void {
    const columns = options.columns ?? [...new Set(options.rows.flatMap((row) => Object.keys(row)))];
    publish('table', options, { columns, rows: options.rows });
  },

  /** A progress bar, at `percent` (default 0) until updated. */
  progress(options: ArtifactOptions & { readonly percent?: number } = {}): Progress {
    const ordinal = publish('progress', options, { percent: clamp(options.percent ?? 0) });
    return { update: (percent) => void publish('progress', options, { percent: clamp(percent) }, ordinal) };
  },

  /**
   * A picture: bytes travel with the artifact and are shown in the console, an address is shown as a link, since the
   * console loads nothing from elsewhere.
   * @throws RangeError for bytes of no known kind, or over 128 KiB as text.
   */
  image(options: ArtifactOptions & ImageSource): Image {
    const ordinal = publish('image', options, imageBody(options));
    return {
      update: (image) => void publish('image', options, imageBody({ ...('alt' in options && { alt: options.alt }), ...image }), ordinal),
    };
  },

  /** A link to something kept elsewhere. `text` defaults to the address. */
  link(options: ArtifactOptions & { readonly url: string; readonly text?: string }): void {
    publish('link', options, { url: new URL(options.url).href, text: options.text ?? options.url });
  },
} as const;

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, Number(percent) || 0));
}

function imageBody(image: ImageSource): { url: string; alt: string | null } {
  const alt = image.alt?.slice(0, DESCRIPTION_MAX) ?? null;
  if ('url' in image) return { url: new URL(image.url).href, alt };
  const type = mediaTypeOf(image.data);
  if (!type) throw new RangeError('artifact: data: expected the bytes of a PNG, JPEG, GIF, WebP or SVG image');
  return { url: `data:${type};base64,${Buffer.from(image.data).toString('base64')}`, alt };
}

const MAGIC: readonly [RegExp, string][] = [
  [/^\x89PNG\r\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
  [/^\s*(<\?xml[\s\S]*?\?>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/, 'image/svg+xml'],
];

function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 1_000)).toString('latin1');
  return MAGIC.find(([magic]) => magic.test(head))?.[1];
}
