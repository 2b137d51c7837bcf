import { describe, expect, it } from 'vitest';
import { readEvents } from './event-stream.ts';

describe('an event stream', () => {
  it('gives whole events and keeps the unfinished one', () => {
    expect(readEvents('event: change\ndata: {"a":1}\n\ndata: {"b"')).toEqual({ data: ['{"a":1}'], rest: 'data: {"b"' });
  });

  it('passes over heartbeats', () => {
    expect(readEvents(': still here\n\n: and again\n\n')).toEqual({ data: [], rest: '' });
  });

  it('joins data of several lines and takes either line end', () => {
    expect(readEvents('data: one\r\ndata: two\r\n\r\n')).toEqual({ data: ['one\ntwo'], rest: '' });
  });
});
