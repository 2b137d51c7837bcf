/** Where assets stand in a picture of their lineage, from left to right. Pure. */
import { Graph, layout } from '@dagrejs/dagre';
import type { AssetGraph } from '@signalbox/proto/api';

const WIDTH = 208;
const HEIGHT = 48;
const MARGIN = 16;

export interface PlacedAsset {
  readonly node: AssetGraph['nodes'][number];
  /** Top left. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface AssetPicture {
  readonly assets: readonly PlacedAsset[];
  /** Paths of SVG. */
  readonly edges: readonly { readonly key: string; readonly d: string }[];
  readonly width: number;
  readonly height: number;
}

export function placeAssets({ nodes, edges }: AssetGraph): AssetPicture {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { uri } of nodes) graph.setNode(uri, { width: WIDTH, height: HEIGHT });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const at = (uri: string) => graph.node(uri) as unknown as { x: number; y: number };
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    assets: nodes.map((node) => {
      const { x, y } = at(node.uri);
      return { node, x: x - WIDTH / 2, y: y - HEIGHT / 2, width: WIDTH, height: HEIGHT };
    }),
    edges: edges.map(({ from, to }) => {
      const [a, b] = [at(from), at(to)];
      // A loop, which lineage may have over time, leads back from right to left.
      const [x1, x2] = [a.x + WIDTH / 2, b.x - WIDTH / 2];
      const bend = Math.max(28, Math.abs(x2 - x1) / 2);
      return { key: `${from} ${to}`, d: `M${x1} ${a.y}C${x1 + bend} ${a.y} ${x2 - bend} ${b.y} ${x2} ${b.y}` };
    }),
  };
}
