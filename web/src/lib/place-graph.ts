/** Where the nodes of a directed graph stand in a picture, from left to right. Pure. */
import { Graph, layout } from '@dagrejs/dagre';

const MARGIN = 16;

export interface Placed<T> {
  readonly node: T;
  /** Top left. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture<T> {
  /** As one reads them: from left to right, then down. */
  readonly placed: readonly Placed<T>[];
  /** Paths of SVG. */
  readonly edges: readonly { readonly key: string; readonly d: string }[];
  readonly width: number;
  readonly height: number;
}

type Edge = { readonly from: string; readonly to: string };

/** All nodes are of one size, in pixels. Edges by the keys of nodes. */
export function placeGraph<T>(
  nodes: readonly T[],
  edges: readonly Edge[],
  keyOf: (node: T) => string,
  size: { readonly width: number; readonly height: number },
): Picture<T> {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 44, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(keyOf(node), { ...size });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const at = (key: string) => graph.node(key) as unknown as { x: number; y: number };
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    placed: nodes
      .map((node) => {
        const { x, y } = at(keyOf(node));
        return { node, x: x - size.width / 2, y: y - size.height / 2, ...size };
      })
      .sort((a, b) => a.x - b.x || a.y - b.y),
    edges: edges.map(({ from, to }) => {
      const [a, b] = [at(from), at(to)];
      // A loop, which lineage may have over time, leads back from right to left.
      const [x1, x2] = [a.x + size.width / 2, b.x - size.width / 2];
      const bend = Math.max(28, Math.abs(x2 - x1) / 2);
      return { key: `${from} ${to}`, d: `M${x1} ${a.y}C${x1 + bend} ${a.y} ${x2 - bend} ${b.y} ${x2} ${b.y}` };
    }),
  };
}
