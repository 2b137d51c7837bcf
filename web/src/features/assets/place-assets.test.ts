import { describe, expect, it } from 'vitest';
import { placeAssets } from './place-assets.ts';

const node = (uri: string) => ({ uri, name: null, lastMaterializedAt: null, lastFailedAt: null });

describe('a picture of lineage', () => {
  it('goes from left to right, without two assets in one place', () => {
    const { assets, edges, width } = placeAssets({
      nodes: ['a://1', 'a://2', 'a://3', 'a://4'].map(node),
      edges: [
        { from: 'a://1', to: 'a://3' },
        { from: 'a://2', to: 'a://3' },
        { from: 'a://3', to: 'a://4' },
      ],
      isCut: false,
    });
    const x = Object.fromEntries(assets.map((placed) => [placed.node.uri, placed.x]));
    expect(x['a://1']).toBe(x['a://2']);
    expect(x['a://3']).toBeGreaterThan((x['a://1'] ?? 0) + 208);
    expect(x['a://4']).toBeGreaterThan((x['a://3'] ?? 0) + 208);
    expect(new Set(assets.map((placed) => `${placed.x} ${placed.y}`)).size).toBe(4);
    expect(edges).toHaveLength(3);
    expect(Math.max(...assets.map((placed) => placed.x + placed.width))).toBeLessThanOrEqual(width);
  });

  it('survives a loop, and one alone', () => {
    const loop = [
      { from: 'a://1', to: 'a://2' },
      { from: 'a://2', to: 'a://1' },
    ];
    expect(placeAssets({ nodes: ['a://1', 'a://2'].map(node), edges: loop, isCut: false }).edges).toHaveLength(2);
    expect(placeAssets({ nodes: [node('a://1')], edges: [], isCut: false }).assets).toHaveLength(1);
  });
});
