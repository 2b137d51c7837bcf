/** A picture as SVG that stands alone and follows light and dark. */
import { Graph, layout } from '@dagrejs/dagre';
import type { Box, FlowPicture } from './flow-picture.ts';

const CHARACTER = 7.6;
const HEIGHT = 34;
const PADDING = 28;
const MARGIN = 24;
const STYLE = `text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#18181b}.f text{font-size:11px;fill:#71717a}
rect{fill:#fff;stroke:#a1a1aa}.f rect{fill:#71717a;fill-opacity:.06;stroke-dasharray:4 3}.map rect{stroke-width:3}.flow rect{stroke:#2563eb}
.deployment rect{stroke:#7c3aed}.wait rect{stroke:#d97706}.start rect{fill:#18181b;stroke:#18181b}.start text{fill:#fff}
path{fill:none;stroke:#71717a}.order{stroke-dasharray:4 3}marker path{fill:#71717a}
@media (prefers-color-scheme:dark){text{fill:#f4f4f5}rect{fill:#27272a}.start rect{fill:#f4f4f5}.start text{fill:#18181b}}`;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function toSvg(picture: FlowPicture): string {
  const graph = new Graph({ compound: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 40, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, label } of picture.frames) graph.setNode(`f${id}`, { width: label.length * 6.5 + PADDING, height: HEIGHT });
  for (const box of picture.boxes) graph.setNode(`b${box.id}`, { width: titleOf(box).length * CHARACTER + PADDING, height: HEIGHT });
  for (const { id, parent } of picture.frames) if (parent !== null) graph.setParent(`f${id}`, `f${parent}`);
  for (const { id, frame } of picture.boxes) if (frame !== null) graph.setParent(`b${id}`, `f${frame}`);
  for (const { from, to } of picture.arrows) graph.setEdge(`b${from}`, `b${to}`);
  layout(graph);

  const at = (name: string) => graph.node(name) as unknown as Place;
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const frames = picture.frames.map(({ id, label }) => {
    const place = at(`f${id}`);
    return group(
      'f',
      place,
      `<text x="${round(place.x - place.width / 2 + 8)}" y="${round(place.y - place.height / 2 + 14)}">${escaped(label)}</text>`,
      4,
    );
  });
  const boxes = picture.boxes.map((box) => {
    const place = at(`b${box.id}`);
    const text = `<text x="${round(place.x)}" y="${round(place.y + 4.5)}" text-anchor="middle">${escaped(titleOf(box))}</text>`;
    return group(box.kind, place, text, box.kind === 'start' ? 17 : 6);
  });
  const arrows = picture.arrows.map(({ from, to, kind }) => {
    const { points } = graph.edge(`b${from}`, `b${to}`) as unknown as { points: { x: number; y: number }[] };
    const line = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
    return `<path class="${kind}" d="${line}" marker-end="url(#a)"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-label="${escaped(`flow ${picture.flow}`)}">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    ...frames,
    ...arrows,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function titleOf({ label, kind }: Box): string {
  return kind === 'map' ? `${label} (each)` : label;
}

function group(kind: string, { x, y, width, height }: Place, text: string, radius: number): string {
  const rect = `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
  return `<g class="${kind}">${rect}${text}</g>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
