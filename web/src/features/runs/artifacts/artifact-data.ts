/** What is inside an artifact's envelope, read with care: it came from somebody's code. */

export type ArtifactContent =
  | { readonly kind: 'markdown'; readonly markdown: string }
  | { readonly kind: 'table'; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'progress'; readonly percent: number }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }
  | { readonly kind: 'image'; readonly url: string; readonly alt: string; readonly isInline: boolean }
  | { readonly kind: 'asset'; readonly uri: string; readonly isMade: boolean; readonly upstream: readonly string[]; readonly facts: string }
  | { readonly kind: 'raw'; readonly json: string };

/** What to show; anything of another shape than its kind promises is shown raw. */
export function readArtifact(kind: string, body: unknown): ArtifactContent {
  const data = isRecord(body) ? body : {};
  switch (kind) {
    case 'markdown': {
      const markdown = typeof body === 'string' ? body : data['markdown'];
      if (typeof markdown === 'string') return { kind, markdown };
      break;
    }
    case 'table': {
      const rows = Array.isArray(body) ? body : data['rows'];
      if (Array.isArray(rows) && rows.every(isRecord)) {
        const given = data['columns'];
        const columns = Array.isArray(given) ? given.map(String) : [...new Set(rows.flatMap((row) => Object.keys(row)))];
        return { kind, columns, rows: rows.map((row) => columns.map((column) => cellText(row[column]))) };
      }
      break;
    }
    case 'progress': {
      const percent = typeof body === 'number' ? body : data['percent'];
      if (typeof percent === 'number' && Number.isFinite(percent)) return { kind, percent: Math.min(100, Math.max(0, percent)) };
      break;
    }
    case 'link': {
      const url = safeUrl(typeof body === 'string' ? body : data['url']);
      if (url) return { kind, url, text: typeof data['text'] === 'string' && data['text'] ? data['text'] : url };
      break;
    }
    case 'asset': {
      const { asset, outcome, upstream, metadata } = data;
      if (typeof asset !== 'string') break;
      const facts = isRecord(metadata) && Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : '';
      const from = Array.isArray(upstream) ? upstream.filter((each) => typeof each === 'string') : [];
      return { kind, uri: asset, isMade: outcome === 'materialized', upstream: from, facts };
    }
    case 'image': {
      const url = safeImage(data['url']) ?? safeUrl(data['url']);
      const alt = typeof data['alt'] === 'string' ? data['alt'] : '';
      if (url) return { kind, url, alt, isInline: url.startsWith('data:') };
      break;
    }
  }
  return { kind: 'raw', json: JSON.stringify(body, null, 2) ?? 'nothing' };
}

/** An address a click may open: http, https or mailto. Anything else (`javascript:`) is null. */
export function safeUrl(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null;
  return ['http:', 'https:', 'mailto:'].includes(new URL(value).protocol) ? value : null;
}

/** A picture that is its own address; as the source of an image none of them runs code, SVG included. */
function safeImage(value: unknown): string | null {
  return typeof value === 'string' && /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+$/.test(value) ? value : null;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
