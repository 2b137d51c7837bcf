import { describe, expect, it } from 'vitest';
import { placeGraph } from './place-graph.ts';

const place = (nodes: string[], edges: { from: string; to: string }[]) => placeGraph(nodes, edges, String, { width: 208, height: 48 });

describe('a picture of a graph', () => {
  it('goes from left to right, without two nodes in one place', () => {
    const { placed, edges, width } = place(
      ['a', 'b', 'c', 'd'],
      [
        { from: 'a', to: 'c' },
        { from: 'b', to: 'c' },
        { from: 'c', to: 'd' },
      ],
    );
    const x = Object.fromEntries(placed.map((each) => [each.node, each.x]));
    expect(x['a']).toBe(x['b']);
    expect(x['c']).toBeGreaterThan((x['a'] ?? 0) + 208);
    expect(x['d']).toBeGreaterThan((x['c'] ?? 0) + 208);
    expect(new Set(placed.map((each) => `${each.x} ${each.y}`)).size).toBe(4);
    expect(placed.map(({ node }) => node).slice(2)).toEqual(['c', 'd']);
    expect(edges).toHaveLength(3);
    expect(Math.max(...placed.map((each) => each.x + each.width))).toBeLessThanOrEqual(width);
  });

  it('survives a loop, and one alone', () => {
    const loop = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ];
    expect(place(['a', 'b'], loop).edges).toHaveLength(2);
    expect(place(['a'], []).placed).toHaveLength(1);
  });
});
