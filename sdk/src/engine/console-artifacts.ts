/** Artifacts as text in a terminal. */
import type { Paint } from './console-reporter.ts';
import type { ArtifactRecord } from './reporter.ts';

const ROWS_SHOWN = 60;

export function printArtifact(artifact: ArtifactRecord, paint: Paint): string {
  const head = paint('bold', `${artifact.kind} ${artifact.key ?? ''}`.trim());
  const description = artifact.description ? paint('dim', `  ${artifact.description}`) : '';
  return `\n${head}${description}\n${body(artifact)}\n`;
}

function body({ kind, data }: ArtifactRecord): string {
  const value = data.body as Record<string, unknown>;
  switch (kind) {
    case 'markdown':
      return indent(String(value.markdown));
    case 'table':
      return indent(table(value.columns as string[], value.rows as Record<string, unknown>[]));
    case 'progress':
      return indent(bar(Number(value.percent)));
    case 'image': {
      const url = String(value.url);
      const where = url.startsWith('data:')
        ? `${url.slice(5, url.indexOf(';'))}, ${Math.round((url.length * 3) / 4 / 102.4) / 10} KiB`
        : url;
      return indent([value.alt, where].filter(Boolean).join(' '));
    }
    case 'link':
      return indent(`${value.text} ${value.url}`);
    case 'asset':
      return indent(
        `${value.asset} ${value.outcome}${(value.upstream as string[]).length > 0 ? ` from ${(value.upstream as string[]).join(', ')}` : ''}`,
      );
    default:
      return kind satisfies never;
  }
}

function table(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const cells = rows.slice(0, ROWS_SHOWN).map((row) => columns.map((column) => String(row[column] ?? '')));
  const isNumeric = columns.map((column) => rows.every((row) => typeof (row[column] ?? 0) === 'number'));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const pad = (text: string, i: number) => (isNumeric[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0));
  const lines = [columns, widths.map((width) => '─'.repeat(width)), ...cells].map((row) => row.map(pad).join('  ').trimEnd());
  if (rows.length > ROWS_SHOWN) lines.push(`... and ${rows.length - ROWS_SHOWN} more rows`);
  return lines.join('\n');
}

function bar(percent: number): string {
  const filled = Math.round(percent / 5);
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${percent.toFixed(0)} %`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
