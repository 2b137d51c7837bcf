/** A picture as Mermaid, which documents and code hosts draw. */
import type { Box, FlowPicture } from './flow-picture.ts';

const SHAPES: Record<Box['kind'], readonly [string, string]> = {
  start: ['([', '])'],
  task: ['[', ']'],
  map: ['[[', ']]'],
  flow: ['{{', '}}'],
  deployment: ['[/', '/]'],
  wait: ['(', ')'],
};

export function toMermaid({ boxes, arrows, frames }: FlowPicture): string {
  const lines: string[] = ['flowchart TD'];
  const inside = (frame: number | null, indent: string) => {
    for (const { id, label, kind } of boxes.filter((box) => box.frame === frame)) {
      const [open, close] = SHAPES[kind];
      lines.push(`${indent}b${id}${open}"${quoted(kind === 'map' ? `${label} (each)` : label)}"${close}`);
    }
    for (const { id, label } of frames.filter((each) => each.parent === frame)) {
      lines.push(`${indent}subgraph f${id}["${quoted(label)}"]`);
      inside(id, `${indent}  `);
      lines.push(`${indent}end`);
    }
  };
  inside(null, '  ');
  for (const { from, to, kind } of arrows) lines.push(`  b${from} ${kind === 'data' ? '-->' : '-.->'} b${to}`);
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return text.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;');
}
