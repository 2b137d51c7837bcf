import { describe, expect, it } from 'vitest';
import { readArtifact, safeUrl } from './artifact-data.ts';

describe('an artifact', () => {
  it('is read by its kind', () => {
    expect(readArtifact('markdown', { markdown: '# Hi' })).toEqual({ kind: 'markdown', markdown: '# Hi' });
    expect(readArtifact('progress', { percent: 140 })).toEqual({ kind: 'progress', percent: 100 });
    expect(readArtifact('link', { url: 'https://example.com/x', text: 'Board' })).toEqual({
      kind: 'link',
      url: 'https://example.com/x',
      text: 'Board',
    });
  });

  it('lists a table’s columns as given, else as they first appear', () => {
    expect(readArtifact('table', { columns: ['b', 'a'], rows: [{ a: 1, b: null }, { a: true }] })).toEqual({
      kind: 'table',
      columns: ['b', 'a'],
      rows: [
        ['', '1'],
        ['', 'true'],
      ],
    });
    expect(readArtifact('table', [{ x: 1 }, { y: { z: 2 } }])).toEqual({
      kind: 'table',
      columns: ['x', 'y'],
      rows: [
        ['1', ''],
        ['', '{"z":2}'],
      ],
    });
  });

  it('is shown raw when it is not what its kind promises', () => {
    expect(readArtifact('table', { rows: [1, 2] })).toMatchObject({ kind: 'raw' });
    expect(readArtifact('markdown', undefined)).toEqual({ kind: 'raw', json: 'nothing' });
  });

  it('is a picture when it carries one, and a link to one that lies elsewhere', () => {
    const picture = 'data:image/png;base64,iVBORw0KGgo=';
    expect(readArtifact('image', { url: picture, alt: 'a chart' })).toEqual({
      kind: 'image',
      url: picture,
      alt: 'a chart',
      isInline: true,
    });
    expect(readArtifact('image', { url: 'https://example.com/a.png' })).toMatchObject({ kind: 'image', isInline: false });
    for (const url of ['data:text/html;base64,PHNjcmlwdD4=', 'javascript:alert(1)', 'data:image/png,x" onload="y'])
      expect(readArtifact('image', { url })).toMatchObject({ kind: 'raw' });
  });

  it('says of an asset whether it was made, from what, and with which facts', () => {
    const told = { asset: 's3://a', outcome: 'materialized', upstream: ['s3://b'], metadata: { rows: 5 } };
    expect(readArtifact('asset', told)).toEqual({ kind: 'asset', uri: 's3://a', isMade: true, upstream: ['s3://b'], facts: '{"rows":5}' });
    expect(readArtifact('asset', { asset: 's3://a', outcome: 'failed' })).toMatchObject({ isMade: false, upstream: [], facts: '' });
    expect(readArtifact('asset', {})).toMatchObject({ kind: 'raw' });
  });

  it('never opens an address that runs code', () => {
    expect(safeUrl('javascript:alert(1)')).toBeNull();
    expect(safeUrl('data:text/html,x')).toBeNull();
    expect(readArtifact('link', { url: 'javascript:alert(1)' })).toMatchObject({ kind: 'raw' });
  });
});
