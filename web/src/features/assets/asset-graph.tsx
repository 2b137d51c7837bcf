'use client';
import type { AssetGraph } from '@signalbox/proto/api';
import Link from 'next/link';
import { useMemo } from 'react';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { centerInRegion } from '../../lib/center-in-region.ts';
import { cn } from '../../lib/class-names.ts';
import { paths } from '../../lib/paths.ts';
import { placeGraph } from '../../lib/place-graph.ts';
import { AssetFreshness } from './asset-freshness.tsx';

const SIZE = { width: 208, height: 48 };

/** What an asset is made from, on its left, and what is made from it. */
export function AssetLineage({ graph, uri }: { graph: AssetGraph; uri: string }) {
  const { placed, edges, width, height } = useMemo(() => placeGraph(graph.nodes, graph.edges, (node) => node.uri, SIZE), [graph]);
  return (
    <ScrollRegion label="Lineage" className="max-h-[32rem] overflow-auto">
      <div className="relative mx-auto" style={{ width, height }}>
        <svg aria-hidden width={width} height={height} className="absolute inset-0 text-line-strong" fill="none" stroke="currentColor">
          {edges.map(({ key, d }) => (
            <path key={key} d={d} strokeWidth="1.5" />
          ))}
        </svg>
        <ul>
          {placed.map(({ node, x, y, ...size }) => (
            <li
              key={node.uri}
              ref={node.uri === uri ? centerInRegion : undefined}
              className="absolute"
              style={{ left: x, top: y, ...size }}
            >
              <Link
                href={paths.asset(node.uri)}
                title={node.uri}
                aria-current={node.uri === uri ? 'true' : undefined}
                className={cn(
                  'block h-full rounded-md border bg-surface px-2.5 py-1 hover:bg-hover',
                  node.uri === uri ? 'border-ink' : 'border-line-strong',
                )}
              >
                {/* The end of a URI says more than its beginning. */}
                <span className="block truncate text-xs font-medium">{node.name ?? <bdi>{shortUri(node.uri)}</bdi>}</span>
                <AssetFreshness asset={node} />
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {graph.isCut && <p className="border-t border-line px-4 py-2 text-xs text-ink-3">There are more than fit a picture.</p>}
    </ScrollRegion>
  );
}

function shortUri(uri: string): string {
  return uri.length <= 30 ? uri : `…${uri.slice(-29)}`;
}
