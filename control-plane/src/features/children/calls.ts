/** What running flows ask about the runs they start. */
import { awaitChildren } from './await-children.ts';
import { createChild } from './create-child.ts';
import { readChildren } from './read-children.ts';
import { resume } from './resume.ts';

export const childrenCalls = {
  'children.create': createChild,
  'children.read': readChildren,
  'children.await': awaitChildren,
  'children.resume': resume,
};
